"""The register service in the office: fetch now, answer for a pull that stopped, download what a run changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.web import access
from webapp.web.words import label

from . import export, queries, source, uploads
from .models import RegistryRun

bp = Blueprint("registry_pull", __name__)


@bp.post("/office/registry/pull")
@access.officer("registry.import", on=queries.scope_of_city)
def ask() -> ResponseReturnValue:
    """Fetch now: noted here, done by a worker within seconds."""
    source.ask(access.current_actor(), clock.now())
    flash(label("registry.pull.asked"), "success")
    return redirect(url_for("registry_office.index", asked=1) + "#pull", 303)


@bp.post("/office/registry/<int:run_id>/answer")
@access.officer("registry.import", on=queries.scope_of_city)
def answer_for(run_id: int) -> ResponseReturnValue:
    """Answer for a pull that stopped, as the first of two."""
    uploads.answer_for(run_id, access.current_actor(), clock.now())
    flash(label("registry.pull.answered"), "success")
    return redirect(url_for("registry_office.run", run_id=run_id), 303)


@bp.get("/office/registry/<int:run_id>/rows.csv")
@access.officer("registry.read")
def rows(run_id: int) -> ResponseReturnValue:
    """What a run changed and refused, row by row."""
    run = queries.get_run(run_id)
    answer = Response("".join(export.as_csv(run.id)), mimetype="text/csv")
    sight.note(Seen.TABLE, "registry_run", run.id)
    answer.headers["Content-Disposition"] = f'attachment; filename="registry-{run.id}.csv"'
    return answer


def card() -> dict[str, Any]:
    """What the page says of the service: `state` is offline, running, waiting, open, asked or ready."""
    row, now = source.find(), clock.now()
    running = db.session.get(RegistryRun, row.running_id) if row is not None and row.running_id else None
    waits = source.waiting()
    if not current_app.extensions["ydym.settings"].registry_url:
        state = "offline"
    elif waits is not None:
        state = "waiting"
    elif running is not None and not source.is_dead(running, now):
        state = "running"
    elif row is not None and row.open_until is not None and row.open_until > now:
        state = "open"
    elif row is not None and row.asked_at is not None:
        state = "asked"
    else:
        state = "ready"
    minutes = policy.get_int("registry.pull_minutes", clock.day_of(now))
    next_at = row.tried_at + timedelta(minutes=minutes) if row is not None and row.tried_at else None
    return {
        "state": state,
        "row": row,
        "run": running,
        "waits": waits,
        "minutes": minutes,
        "next_at": next_at,
        "moving": state in {"running", "asked"},
    }
