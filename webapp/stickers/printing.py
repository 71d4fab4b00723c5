"""Stickers as pictures and files: one as PNG, SVG or PDF, many as sheets for a print shop, one for a terminal.

The library is named where it is used: its parts that draw are then loaded by the first sticker and not by every worker.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app

import qrservice
from webapp.core.errors import DomainError
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.settings import ROOT, Settings
from webapp.web import slots

from . import brand, queries
from .models import Sticker, StickerState

FOLDER: Final = ROOT / "static" / "vendor" / "fonts"
PRINT_DPI: Final = 300
PREVIEW_DPI: Final = 144
#: Texts that may be cut when they do not fit; the rest are the installation's own and must be mended in the settings.
_MAY_BE_CUT: Final = {"shop_name", "branch", "place", "nearby"}
_ELLIPSIS: Final = "…"

MIME: Final = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


class FontsMissing(DomainError):
    """The fonts are not where they should be; `details` say where. ``make`` fetches them."""

    status = 500


class StickerRefused(DomainError):
    """A sticker that could not be read from the distance that its template is for is not drawn.

    The code says why: ``sticker_would_not_scan_<reason>``, the reason one of ``qrservice.Reason`` or ``too_large``.
    """

    @classmethod
    def from_error(cls, error: qrservice.WouldNotScan | qrservice.SymbolTooLarge) -> StickerRefused:
        """The refusal with the library's reason and figures."""
        if isinstance(error, qrservice.SymbolTooLarge):
            return cls("sticker_would_not_scan_too_large")
        figures: dict[str, Any] = {"figure": error.figure, "limit": error.limit, "unit": error.unit}
        return cls(f"sticker_would_not_scan_{error.reason}", **figures)


class TextRefused(DomainError):
    """A text of the installation does not fit the sticker; `details['text']` is it."""


@dataclass(frozen=True)
class Proof:
    """A sticker as it will be printed. `missing`: characters the font lacks (〓 is printed); `cut`: a name was cut."""

    layout: qrservice.Layout
    missing: tuple[str, ...]
    cut: bool


def fonts(folder: Path | None = None) -> qrservice.Fonts:
    """The two fonts of the sticker. Raises FontsMissing."""
    where = folder or FOLDER
    found = qrservice.Fonts(where / "NotoSansSC-Regular.ttf", where / "NotoSansSC-Bold.ttf")
    try:
        found.face("regular"), found.face("bold")
    except qrservice.FontRefused as error:
        raise FontsMissing("sticker_fonts_missing", folder=str(where)) from error
    return found


def face_of(sticker: Sticker, shop: Shop) -> qrservice.StickerFace:
    """What the sticker says; of a receipt also who helps consumers near the shop."""
    settings: Settings = current_app.extensions["ydym.settings"]
    helper: dict[str, Any] = nearby([shop.id], template_of(sticker)).get(shop.id, {})
    return qrservice.StickerFace(
        shop_name=shop.name,
        branch=shop.branch,
        place=sticker.spot,
        token=sticker.token,
        host=settings.public_host,
        scheme=settings.public_scheme,
        brand=brand.current().of("zh-Hans"),
        **helper,
    )


def nearby(shop_ids: Collection[int], template: str) -> dict[int, dict[str, str]]:
    """By shop who helps consumers near it (slot ``receipt.nearby``), as keywords for a face; only receipts say so."""
    found: dict[int, dict[str, str]] = {}
    if template == "receipt":
        for helpers in slots.collect(_app(), "receipt.nearby", shop_ids=shop_ids):
            found |= {
                shop_id: {"nearby": one.name, "nearby_phone": one.phone} for shop_id, one in helpers.items()
            }
    return found


def template_of(sticker: Sticker) -> str:
    """The template made for the sticker's place: they bear the same names."""
    return sticker.place.value


def proof(sticker: Sticker, shop: Shop) -> Proof:
    """The sticker's layout in its place's template. A name that is too long is cut, a character without a glyph is
    drawn as 〓. Raises FontsMissing, TextRefused, StickerRefused.
    """
    return proof_of(face_of(sticker, shop), template_of(sticker))


def proof_of(face: qrservice.StickerFace, template: str) -> Proof:
    """The same for what a sticker says, in any template."""
    cut = False
    while True:
        try:
            layout = _compose(face, template)
        except qrservice.TextTooLong as error:
            face, cut = _shorter(face, error), True
        else:
            return Proof(layout, layout.missing, cut)


def _compose(face: qrservice.StickerFace, template: str) -> qrservice.Layout:
    try:
        matrix = _symbol(face.token, face.host, face.scheme)
        return qrservice.compose(face, fonts(), matrix, template=template, strict=False)
    except (qrservice.WouldNotScan, qrservice.SymbolTooLarge) as error:
        raise StickerRefused.from_error(error) from error


@lru_cache(maxsize=512)
def _symbol(token: str, host: str, scheme: str) -> qrservice.Matrix:
    """By the process's table when a sheet has had it built, in a fraction of the time; the symbol is the same."""
    table = qrservice.ready_table(host, scheme)
    return qrservice.symbol(token, host, scheme) if table is None else table.symbol(token)


def _shorter(face: qrservice.StickerFace, error: qrservice.TextTooLong) -> qrservice.StickerFace:
    """The face with one character less where it is too long. Raises TextRefused where nothing may be cut."""
    field = error.field
    if field == "branch" and face.place and len(face.branch) < 3:
        field = "place"
    text = getattr(face, field, "").removesuffix(_ELLIPSIS)
    if field not in _MAY_BE_CUT or len(text) < 2:
        raise TextRefused("sticker_text_too_long", text=error.text) from error
    shorter: dict[str, Any] = {field: text[:-1].rstrip() + _ELLIPSIS}
    return replace(face, **shorter)


def render(layout: qrservice.Layout, form: str, dpi: int = PRINT_DPI) -> bytes:
    """The sticker as ``png`` (at `dpi`; a receipt in the dots of its printer), ``svg`` or ``pdf`` (one page)."""
    if form == "png":
        if layout.template == "receipt":
            return qrservice.receipt_png(layout, fonts())
        return qrservice.sticker_png(layout, fonts(), dpi, strict=dpi >= PRINT_DPI)
    if form == "svg":
        return qrservice.sticker_svg(layout, fonts()).encode()
    out = BytesIO()
    qrservice.sticker_pdf(layout, fonts(), out)
    return out.getvalue()


def sheets(pairs: Iterable[tuple[Sticker, Shop]], title: str) -> bytes:
    """A4 sheets with crop marks, the stickers of a template together: for a shop's own few.

    Made whole before the first byte is sent, so that a fault is a page and not half a file. Raises as :func:`proof`.
    """
    groups: dict[str, list[tuple[Sticker, Shop]]] = {}
    for sticker, shop in pairs:
        groups.setdefault(template_of(sticker), []).append((sticker, shop))
    out = BytesIO()
    drawn = ((template, _layouts(group, template)) for template, group in sorted(groups.items()))
    qrservice.sheets_pdf(drawn, out, fonts(), strict=False, title=title)
    return out.getvalue()


def _layouts(pairs: Iterable[tuple[Sticker, Shop]], template: str) -> Iterator[qrservice.Layout]:
    for sticker, shop in pairs:
        yield proof_of(face_of(sticker, shop), template).layout


def without_glyph(name: str, branch: str = "") -> tuple[str, ...]:
    """The characters of a shop's names that the font lacks: 〓 is printed for them."""
    bold, regular = fonts().face("bold"), fonts().face("regular")
    lacking = [c for c in name if not bold.has(c)] + [c for c in branch if not regular.has(c)]
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
    return (
        f"{qrservice.terminal(matrix)}{settings.public_scheme}://{settings.public_host}/c/{valid[0].token}\n"
    )


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001
