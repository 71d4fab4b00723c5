"""A merchant's notices."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.web import access, paging

from . import operations, queries

bp = Blueprint("notices_merchant", __name__, url_prefix="/merchant/notices")


def _own_id() -> int:
    account_id = access.current_actor().account_id
    assert account_id is not None  # the access rule let nobody else in
    return account_id


@bp.get("")
@access.merchant()
def index() -> ResponseReturnValue:
    """What happened, newest first."""
    page = paging.paginate(queries.of_account(_own_id()))
    return render_template("notices/merchant_index.html", page=page, unread=queries.unread(_own_id()))


@bp.post("/<int:notice_id>/open")
@access.merchant()
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark one as read and go where it points."""
    notice = operations.open_notice(notice_id, _own_id(), clock.now())
    return redirect(notice.url or url_for(".index"), 303)


@bp.post("/read")
@access.merchant()
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    operations.read_all(_own_id(), clock.now())
    return redirect(url_for(".index"), 303)
