"""The log's state for administrators."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core.actor import Actor
from webapp.web import access
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import queries, sequencer, verifying
from .showing import line_of

bp = Blueprint("publiclog_office", __name__)
PERMISSION = "audit.read"
_NEWEST = 20


def menu(actor: Actor) -> MenuEntry | None:
    """The log in the office's menu, for those who read the audit trail."""
    if not access.reach(actor, PERMISSION):
        return None
    return MenuEntry(url_for("publiclog_office.index"), "publiclog.menu", None, "list")


@bp.get("/office/log")
@access.officer(PERMISSION)
def index() -> ResponseReturnValue:
    """Size, what waits, whether the published files go with the database, who cosigned, the newest leaves."""
    row, refused = queries.state(), None
    try:
        sequencer.check(queries.folder())
    except sequencer.RolledBack as error:
        refused = label(
            f"publiclog.refused.{error.what}",
            published=error.details["published"],
            held=error.details["held"],
        )
    current = None if refused else queries.published()
    return render_template(
        "publiclog/office_index.html",
        state=row,
        refused=refused,
        published=None if current is None else current[1].size,
        waiting=queries.waiting(),
        missing=verifying.missing(),
        failures=queries.failures(),
        witnesses=queries.witnesses(),
        lines=[line_of(leaf) for leaf in queries.newest(_NEWEST)],
    )
