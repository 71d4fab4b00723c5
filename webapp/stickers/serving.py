"""What the merchant's and the officer's pages share: one sticker's page data and its files."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Response, request, send_file

from webapp.core.errors import Conflict, DomainError
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.web.errors import message_of
from webapp.web.words import label

from . import printing, queries
from .models import Sticker, StickerState
from .rules import LOST_REASONS, REPLACE_REASONS

FORMS = "any(png,svg,pdf)"


def printable(shop_id: int, serial: int) -> tuple[Sticker, Shop]:
    """The sticker and its shop. Raises NotFound, Conflict when the paper or the shop's code is not valid."""
    sticker, shop = queries.get(shop_id, serial), get_shop(shop_id)
    code = queries.code_of(shop_id)
    if not code.is_active:
        raise Conflict(f"code_not_active_{code.state or 'none'}")
    if sticker.state is not StickerState.VALID:
        raise Conflict("sticker_not_valid")
    return sticker, shop


def download(shop_id: int, serial: int, form: str) -> Response:
    """The sticker as ``png``, ``svg`` or ``pdf``; ``?preview=1`` shows a smaller picture in the page."""
    sticker, shop = printable(shop_id, serial)
    is_preview = request.args.get("preview") == "1"
    layout = printing.proof(sticker, shop).layout
    data = printing.render(layout, form, printing.PREVIEW_DPI if is_preview else printing.PRINT_DPI)
    name = f"{label('sticker.file')}-{sticker.label}-{label('sticker.place.' + sticker.place.value)}.{form}"
    return send_file(
        BytesIO(data), mimetype=printing.MIME[form], as_attachment=not is_preview, download_name=name
    )


def download_all(shop_id: int) -> Response:
    """All valid stickers of the shop on A4 sheets of four."""
    valid = [sticker for sticker in queries.of_shop(shop_id) if sticker.state is StickerState.VALID]
    if not valid:
        raise Conflict("no_valid_sticker")
    pairs = [printable(shop_id, sticker.serial) for sticker in valid]
    return send_sheets(pairs, f"{label('sticker.file')}-{shop_id:06d}")


def send_sheets(pairs: Sequence[tuple[Sticker, Shop]], title: str) -> Response:
    """Sheets of four as a download, called `title`."""
    data = BytesIO(printing.sheets(pairs, title))
    return send_file(data, mimetype=printing.MIME["pdf"], as_attachment=True, download_name=f"{title}.pdf")


def page_data(shop_id: int, serial: int) -> dict[str, Any]:
    """What the page of one sticker shows. A sticker that cannot be printed now has no preview but the `refusal`."""
    sticker, shop = queries.get(shop_id, serial), get_shop(shop_id)
    data: dict[str, Any] = {
        "shop": shop,
        "sticker": sticker,
        "code": queries.code_of(shop_id),
        "refusal": "",
        "missing": (),
        "cut": False,
        "replace_reasons": REPLACE_REASONS,
        "lost_reasons": LOST_REASONS,
    }
    try:
        found = printing.proof(*printable(shop_id, serial))
        data.update(missing=found.missing, cut=found.cut)
    except DomainError as error:
        data["refusal"] = message_of(error)
    return data
