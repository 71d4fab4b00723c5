"""A merchant marks what is personal in the picture of its licence: by finger, by tapping, or by figures."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Invalid, NotFound
from webapp.files.queries import picture_of
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop, scope_of_shop
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.words import label

from . import covering, proposing, queries
from .models import Licence

bp = Blueprint("licences_proposing", __name__)

CORNERS: Final = ("first_row", "first_column", "last_row", "last_column")
_OWN = re.compile(r"/merchant/[a-z0-9/_-]{0,200}", re.ASCII)


@bp.route("/merchant/shops/<int:shop_id>/licences/<kind>/cover", methods=["GET", "POST"])
@access.merchant(on=scope_of_shop)
def mark(shop_id: int, kind: str) -> ResponseReturnValue:
    """Mark the cells. ``by_figures`` covers or opens a rectangle and shows the page again; else the marks are kept."""
    shop = get_shop(shop_id)
    licence = queries.find_stated(shop, kind)
    if licence is None:
        raise NotFound("no_such_thing")
    if request.method != "POST":
        return _page(shop, licence, proposing.proposed(licence) or [])
    cells = marked_cells()
    try:
        if "by_figures" in request.form:
            return _page(shop, licence, _by_figures(cells, opens=request.form["by_figures"] == "open"))
        proposing.propose(licence, shop, cells, access.current_actor(), clock.now())
    except Invalid as error:
        kept = [cell for cell in cells if 0 <= cell < covering.COLUMNS * covering.ROWS]
        return _page(shop, licence, kept, error), 422
    flash(label("licence.cover.proposed" if cells else "licence.cover.nothing"), "success")
    return redirect(_back(shop), 303)


def marked_cells() -> list[int]:
    """The marked cells, and -1 (off the grid) when one is no number: nothing marked is silently left open."""
    found = request.form.getlist("cell", type=paging.whole_number)
    return found if len(found) == len(request.form.getlist("cell")) else [*found, -1]


def _by_figures(cells: list[int], *, opens: bool) -> list[int]:
    """The cells with the rectangle of the form covered or opened. Raises Invalid (``licence_box``)."""
    corners = [request.form.get(name, type=paging.whole_number) for name in CORNERS]
    try:
        first_row, first_column, last_row, last_column = (int(corner or 0) for corner in corners)
        meant = set(covering.box(first_row, first_column, last_row, last_column))
    except ValueError as error:
        rows, columns = covering.ROWS, covering.COLUMNS
        raise Invalid("licence_box", field="first_row", rows=rows, columns=columns) from error
    return sorted(set(cells) - meant if opens else set(cells) | meant)


def _back(shop: Shop) -> str:
    """The list of licences that the merchant came from: the shop's own, or the application's step."""
    asked = request.values.get("next", "")
    return asked if _OWN.fullmatch(asked) else url_for("licences_merchant.index", shop_id=shop.id)


def _page(shop: Shop, licence: Licence, cells: list[int], error: Invalid | None = None) -> str:
    typed = {name: request.form.get(name, "") for name in CORNERS} if error is not None else {}
    shown: dict[str, Any] = {"columns": covering.COLUMNS, "rows": covering.ROWS}
    return render_template(
        "licences/merchant_cover.html",
        **shown,
        shop=shop,
        kind=queries.get_kind(licence.kind_code),
        source=picture_of(proposing.picture_of(licence), 640, private=True),
        parts=covering.to_cover(licence.kind_code),
        cells=set(cells),
        typed=typed,
        error="" if error is None else message_of(error),
        back=_back(shop),
    )
