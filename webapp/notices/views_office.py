"""An officer's notices; the outbox as an administrator sees it: masked."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.web import access, paging

from . import operations, queries, rules

bp = Blueprint("notices_office", __name__)


@bp.get("/office/outbox")
@access.officer("outbox.read")
def outbox() -> ResponseReturnValue:
    """Every message with its fate; numbers and codes hidden."""
    page = paging.paginate(queries.outbox())
    sight.note(Seen.MESSAGE, "outbox_message", [message.id for message in page.items])
    return render_template(
        "notices/office_outbox.html", page=page, mask=rules.mask, mask_email=rules.mask_email
    )


def _own_id() -> int:
    account_id = access.current_actor().account_id
    assert account_id is not None  # the access rule let nobody else in
    return account_id


@bp.get("/office/notices")
@access.officer("office.home")
def index() -> ResponseReturnValue:
    """What came to the officer's desk, newest first."""
    page = paging.paginate(queries.of_account(_own_id()))
    return render_template("notices/office_index.html", page=page, unread=queries.unread(_own_id()))


@bp.post("/office/notices/<int:notice_id>/open")
@access.signed_in
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark one as read and go where it points."""
    notice = operations.open_notice(notice_id, _own_id(), clock.now())
    return redirect(notice.url or url_for(".index"), 303)


@bp.post("/office/notices/read")
@access.officer("office.home")
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    operations.read_all(_own_id(), clock.now())
    return redirect(url_for(".index"), 303)
