"""Stickers as pictures and files: one as PNG, SVG or PDF, many as sheets for a print shop, one for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import current_app

from qrservice import (
    Brand,
    FontRefused,
    Fonts,
    Layout,
    Matrix,
    StickerFace,
    TextTooLong,
    compose,
    ready_table,
    sheet_pdf,
    sticker_pdf,
    sticker_png,
    sticker_svg,
    symbol,
    terminal,
)
from webapp.core.errors import DomainError
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.settings import ROOT, Settings

from . import queries
from .models import Sticker, StickerState

FOLDER: Final = ROOT / "static" / "vendor" / "fonts"
PRINT_DPI: Final = 300
PREVIEW_DPI: Final = 144
#: Texts that may be cut when they do not fit; the rest are the installation's own and must be mended in the settings.
_MAY_BE_CUT: Final = {"shop_name", "branch"}
_ELLIPSIS: Final = "…"

MIME: Final = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


class FontsMissing(DomainError):
    """The fonts are not where they should be; `details` say where. ``make`` fetches them."""

    status = 500


class TextRefused(DomainError):
    """A text of the installation does not fit the sticker; `details['text']` is it."""


@dataclass(frozen=True)
class Proof:
    """A sticker as it will be printed. `missing`: characters the font lacks (〓 is printed); `cut`: a name was cut."""

    layout: Layout
    missing: tuple[str, ...]
    cut: bool


def fonts(folder: Path | None = None) -> Fonts:
    """The two fonts of the sticker. Raises FontsMissing."""
    where = folder or FOLDER
    found = Fonts(where / "NotoSansSC-Regular.ttf", where / "NotoSansSC-Bold.ttf")
    try:
        found.face("regular"), found.face("bold")
    except FontRefused as error:
        raise FontsMissing("sticker_fonts_missing", folder=str(where)) from error
    return found


def face_of(sticker: Sticker, shop: Shop) -> StickerFace:
    """What the sticker says."""
    settings: Settings = current_app.extensions["ydym.settings"]
    return StickerFace(
        shop_name=shop.name,
        branch=shop.branch,
        token=sticker.token,
        host=settings.public_host,
        scheme=settings.public_scheme,
        brand=Brand(bureau_name=settings.bureau_name, city_name=settings.city_name),
    )


def proof(sticker: Sticker, shop: Shop) -> Proof:
    """The sticker's layout; a name that is too long is cut, a character without a glyph is drawn as 〓.

    Raises FontsMissing, TextRefused.
    """
    face, cut = _fitted(face_of(sticker, shop))
    layout = _compose(face)
    return Proof(layout, layout.missing, cut)


def _compose(face: StickerFace) -> Layout:
    return compose(face, fonts(), _symbol(face.token, face.host, face.scheme), strict=False)


@lru_cache(maxsize=512)
def _symbol(token: str, host: str, scheme: str) -> Matrix:
    """By the process's table when a sheet has had it built, in a fraction of the time; the symbol is the same."""
    table = ready_table(host, scheme)
    return symbol(token, host, scheme) if table is None else table.symbol(token)


def _fitted(face: StickerFace) -> tuple[StickerFace, bool]:
    """The face with its names cut until they fit, and whether they were."""
    cut = False
    while True:
        try:
            _compose(face)
        except TextTooLong as error:
            text = getattr(face, error.field, "").removesuffix(_ELLIPSIS)
            if error.field not in _MAY_BE_CUT or len(text) < 2:
                raise TextRefused("sticker_text_too_long", text=error.text) from error
            shorter: dict[str, Any] = {error.field: text[:-1].rstrip() + _ELLIPSIS}
            face, cut = replace(face, **shorter), True
        else:
            return face, cut


def render(layout: Layout, form: str, dpi: int = PRINT_DPI) -> bytes:
    """The sticker as ``png`` (at `dpi`), ``svg`` or ``pdf`` (one A6 page)."""
    if form == "png":
        return sticker_png(layout, fonts(), dpi)
    if form == "svg":
        return sticker_svg(layout, fonts()).encode()
    out = BytesIO()
    sticker_pdf(layout, fonts(), out)
    return out.getvalue()


def sheets(pairs: Iterable[tuple[Sticker, Shop]], title: str) -> bytes:
    """A4 sheets of four with crop marks; 500 stickers are about 1 MB.

    Made whole before the first byte is sent, so that a fault is a page and not half a file.
    """
    out = BytesIO()
    write_sheets(pairs, out, title)
    return out.getvalue()


def write_sheets(pairs: Iterable[tuple[Sticker, Shop]], out: Any, title: str) -> int:
    """Write the sheets to `out`; returns how many stickers. Raises FontsMissing, TextRefused, ValueError for none."""
    faces = (_fitted(face_of(sticker, shop))[0] for sticker, shop in pairs)
    return sheet_pdf(faces, out, fonts(), strict=False, title=title)


def without_glyph(shop: Shop) -> tuple[str, ...]:
    """The characters of the shop's names that the font lacks: 〓 is printed for them."""
    bold, regular = fonts().face("bold"), fonts().face("regular")
    lacking = [c for c in shop.name if not bold.has(c)] + [c for c in shop.branch if not regular.has(c)]
    return tuple(dict.fromkeys(c for c in lacking if not c.isspace()))


def terminal_code(shop_id: int) -> str:
    """The shop's first valid sticker as a QR symbol for a terminal, its address on the line below.

    Raises NotFound when the shop is not there, DomainError when it has no valid sticker.
    """
    get_shop(shop_id)
    valid = [sticker for sticker in queries.of_shop(shop_id) if sticker.state is StickerState.VALID]
    if not valid:
        raise DomainError("no_valid_sticker")
    settings: Settings = current_app.extensions["ydym.settings"]
    matrix = _symbol(valid[0].token, settings.public_host, settings.public_scheme)
    return f"{terminal(matrix)}{settings.public_scheme}://{settings.public_host}/c/{valid[0].token}\n"
