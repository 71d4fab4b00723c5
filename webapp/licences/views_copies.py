"""Officers mark what is personal in a licence's picture, look at what comes out, publish that; all see it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.core import clock
from webapp.core.errors import Invalid
from webapp.files.queries import picture_of
from webapp.files.views import KEPT, answer
from webapp.merchants.models import Shop
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import covering, proposing, queries, showing
from .models import Licence
from .rules import LicenceState
from .views_proposing import marked_cells

bp = Blueprint("licences_copies", __name__)


@bp.get("/media/licences/<int:copy_id>/<key>")
@access.public
def picture(copy_id: int, key: str) -> Response:
    """The covered picture, while it stands and its licence does."""
    file = showing.find_public(copy_id, key)
    if file is None:
        raise NoSuchPage
    response = answer(file)
    response.headers["Cache-Control"] = KEPT
    return response


@bp.route("/office/licences/<int:licence_id>/copy", methods=["GET", "POST"])
@access.officer("application.review", on=queries.scope_of_licence)
def cover(licence_id: int) -> ResponseReturnValue:
    """Mark the cells; a POST shows what comes out, and with ``publish`` publishes it."""
    licence, now = queries.get_licence(licence_id), clock.now()
    cells = marked_cells()
    if request.method != "POST":
        copy = showing.find(licence_id)
        return _page(licence, (proposing.proposed(licence) or []) if copy is None else list(copy.cells))
    if "publish" not in request.form:
        try:
            drawn = "" if "again" in request.form else showing.preview(licence, cells, now)
            return _page(licence, cells, preview=drawn)
        except Invalid as error:
            return _page(licence, [], error=message_of(error)), 422
    try:
        showing.publish(
            licence_id,
            cells,
            looked=request.form.get("looked") == "yes",
            actor=access.current_actor(),
            now=now,
        )
    except Invalid as error:
        drawn = "" if error.code == "licence_cells" else showing.preview(licence, cells, now)
        return _page(licence, cells, preview=drawn, error=message_of(error)), 422
    flash(label("licence.copy.published"), "success")
    return redirect(url_for("licences_copies.cover", licence_id=licence_id), 303)


@bp.post("/office/licences/<int:licence_id>/copy/withdraw")
@access.officer("application.review", on=queries.scope_of_licence)
def withdraw(licence_id: int) -> ResponseReturnValue:
    """Show the picture no more."""
    showing.withdraw(licence_id, access.current_actor(), clock.now())
    flash(label("licence.copy.withdrawn"), "info")
    return redirect(url_for("licences_copies.cover", licence_id=licence_id), 303)


def _page(licence: Licence, cells: list[int], *, preview: str = "", error: str = "") -> str:
    source, copy = showing.source_of(licence), showing.find(licence.id)
    return render_template(
        "licences/office_cover.html",
        licence=licence,
        kind=queries.get_kind(licence.kind_code),
        source=picture_of(source, 640, private=True),
        columns=covering.COLUMNS,
        rows=covering.ROWS,
        parts=covering.to_cover(licence.kind_code),
        cells=set(cells),
        preview=preview,
        error=error,
        copy=copy,
        proposed=proposing.proposed(licence),
        shown=None if copy is None else showing.picture_of_copy(copy, 320),
    )


def section(shop: Shop) -> Markup | None:
    """Slot ``office.shop``: which pictures of the shop's licences the public sees."""
    if not access.may("application.review", shop.scope):
        return None
    names = queries.names()
    rows = []
    for licence in queries.of_shop(shop.id):
        if licence.state is LicenceState.VERIFIED and licence.file_id is not None:
            copy = showing.find(licence.id)
            rows.append(
                {
                    "licence": licence,
                    "kind": names[licence.kind_code],
                    "may": covering.may_show(licence.kind_code),
                    "shown": copy,
                    "proposed": proposing.proposed(licence),
                }
            )
    return Markup(render_template("licences/_office_copies.html", rows=rows)) if rows else None  # noqa: S704 - ours
