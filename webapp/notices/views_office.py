"""The outbox as an administrator sees it: masked."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.web import access, paging

from . import queries, rules

bp = Blueprint("notices_office", __name__)


@bp.get("/office/outbox")
@access.officer("outbox.read")
def outbox() -> ResponseReturnValue:
    """Every message with its fate; numbers and codes hidden."""
    page = paging.paginate(queries.outbox())
    return render_template("notices/office_outbox.html", page=page, mask=rules.mask)
