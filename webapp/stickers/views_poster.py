"""The merchant's poster to share, and the way to it and to the stickers from the merchant's home."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.web import access
from webapp.web.downloads import attach
from webapp.web.words import label

from . import posters, printing, queries

bp = Blueprint("stickers_poster", __name__)
#: With more shops the home leads to each shop's own page instead.
LISTED = 6


@bp.get("/merchant/shops/<int:shop_id>/poster")
@access.merchant(on=merchants.scope_of_shop)
def show(shop_id: int) -> ResponseReturnValue:
    """The picture, how to share it, the address as text."""
    shop = merchants.get_shop(shop_id)
    return render_template(
        "stickers/merchant_poster.html",
        shop=shop,
        code=queries.code_of(shop_id),
        address=posters.address_of(shop),
        missing=printing.without_glyph(shop.public_name, shop.public_branch),
    )


@bp.get("/merchant/shops/<int:shop_id>/poster.png")
@access.merchant(on=merchants.scope_of_shop)
def picture(shop_id: int) -> Response:
    """The picture itself; ``save=1``: as a file to keep."""
    shop = merchants.get_shop(shop_id)
    response = send_file(BytesIO(posters.picture(shop)), mimetype=printing.MIME["png"])
    if request.args.get("save") == "1":
        name = f"{shop.public_full_name}-{label('sticker.poster.file')}.png"
        attach(response, f"poster-{shop.id}.png", name)
    return response


def home(shops: list[Shop]) -> Markup | None:
    """Slot ``merchant.home``: poster and stickers of the one shop shown, or of each of a few."""
    active = queries.active_of([shop.id for shop in shops[: LISTED + 1]])
    shown = [shop for shop in shops if shop.id in active]
    if not shown:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template("stickers/_merchant_home.html", shops=shown[:LISTED], one=len(shops) == 1)
    )
