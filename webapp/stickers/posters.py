"""The picture that a merchant shares in a chat: drawn when it is asked for, never kept."""

from __future__ import annotations

from flask import current_app
from markupsafe import Markup

import qrservice
from webapp.core.errors import Conflict
from webapp.merchants.models import Shop
from webapp.settings import Settings
from webapp.web.words import label

from . import brand, printing, queries


def address_of(shop: Shop) -> str:
    """Where the poster's symbol leads: the shop's page, without a sticker's code."""
    settings: Settings = current_app.extensions["ydym.settings"]
    return f"{settings.public_scheme}://{settings.public_host}/s/{shop.id}"


def symbol(shop: Shop) -> Markup:
    """The symbol of the shop's address as a drawing for a page: to be scanned from a screen or a sheet of paper."""
    return Markup(qrservice.symbol_svg(qrservice.address_symbol(address_of(shop))))  # noqa: S704 - drawn, not typed


def picture(shop: Shop) -> bytes:
    """The poster as a PNG of 1080 × 1440. Raises Conflict while the shop's code is not active, FontsMissing."""
    code = queries.code_of(shop.id)
    if not code.is_active:
        raise Conflict(f"code_not_active_{code.state or 'none'}")
    face = qrservice.PosterFace(
        shop_name=shop.public_name,
        branch=shop.public_branch,
        address=address_of(shop),
        title=label("sticker.poster.title"),
        call=label("sticker.poster.call"),
        note=label("sticker.poster.note"),
        brand=brand.current().of("zh-Hans"),
        words=qrservice.LANGUAGES["zh-Hans"],
    )
    fonts = printing.fonts()
    layout = qrservice.compose_poster(face, fonts)
    return qrservice.sticker_png(layout, fonts, qrservice.POSTER_DPI, strict=False)
