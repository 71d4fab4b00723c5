"""``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import hmac
import ipaddress

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock
from webapp.core.db import db
from webapp.holidays import queries as holidays
from webapp.stickers.keys import store
from webapp.web import access

from . import metrics

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
@access.public
def healthz() -> Response:
    """The process answers. Asks nothing of anybody else: a restart would not mend a database."""
    return jsonify(status="ok")


@bp.get("/readyz")
@access.public
def readyz() -> ResponseReturnValue:
    """This worker can serve: the database answers, its tables are there, a signing key is published."""
    checks = {"database": _database(), "keys": len(store().ring()) > 0}
    ready = all(checks.values())
    warnings = _warnings() if checks["database"] else []
    status = "ready" if ready else "not ready"
    return jsonify(status=status, checks=checks, warnings=warnings), 200 if ready else 503


@bp.get("/metrics")
@access.public
def show_metrics() -> Response:
    """For Prometheus. Not public: with a token where one is set, else from this machine only."""
    token = current_app.extensions["ydym.settings"].metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            abort(404)
    elif not _from_here():
        abort(404)
    return metrics.answer()


def _warnings() -> list[str]:
    """What a person must do though the worker serves: a year's holiday notice is not entered."""
    year = holidays.awaited_year(clock.today())
    return [f"holidays of {year} are not known"] if year is not None else []


def _from_here() -> bool:
    """True for a direct request from loopback. A proxy on this machine forwards strangers: its header disqualifies."""
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _database() -> bool:
    try:
        db.session.execute(sa.text("SELECT count(*) FROM change WHERE seq < 0"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True
