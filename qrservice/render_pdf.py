"""Layouts as PDF: one sticker on a page of its size, or many on A4 sheets for a print shop. Everything is vector.

Coordinates on a page are the layout's own (millimetres, y downwards); one matrix at the start of each page turns them.
A black symbol is DeviceGray 0, so that it prints in black ink alone and cannot misregister.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, Final

from qrservice.drawing import Layout
from qrservice.fonts import Fonts
from qrservice.imposition import Sheet, sheet_of
from qrservice.layout import compose
from qrservice.matrix import Matrix, ready_table, table_for
from qrservice.pdf_canvas import Canvas, placed, points
from qrservice.pdf_items import colour, path
from qrservice.pdf_writer import decimal
from qrservice.shapes import circle, rectangle
from qrservice.sticker import StickerFace
from qrservice.templates import named

# From how many stickers of one host on a SymbolTable pays for being built.
_TABLE_FROM: Final = 100


def sticker_pdf(layout: Layout, fonts: Fonts, out: BinaryIO, *, bleed: float = 0.0) -> None:
    """One sticker as a one-page PDF of its true size, or with a bleed (mm, up to 10) around its trim box.

    Raises FontRefused, ValueError for a bleed out of range.
    """
    sheet_of(layout.template, bleed)
    canvas = Canvas(out, fonts)
    width, height = layout.width + 2 * bleed, layout.height + 2 * bleed
    content = placed(bleed, bleed, _paper(layout, bleed), *(canvas.item(item) for item in layout.items))
    trim = points(bleed, bleed, width - bleed, height - bleed)
    box = points(0, 0, width, height)
    boxes = (
        {"MediaBox": box, "BleedBox": box, "TrimBox": trim} if bleed else {"MediaBox": box, "TrimBox": trim}
    )
    parts = [content]
    if bleed and layout.round:
        parts.append(placed(bleed, bleed, _die_line(layout, bleed)))
    canvas.page(parts, height, boxes)
    canvas.finish(layout.title, layout.language)


def sheet_pdf(
    faces: Iterable[StickerFace | Layout],
    out: BinaryIO,
    fonts: Fonts,
    *,
    template: str = "door",
    bleed: float = 0.0,
    strict: bool = True,
    title: str = "",
) -> int:
    """Stickers of one template on A4 sheets with crop marks; returns how many were drawn.

    `faces` may be a generator and `out` need not be seekable: sheets are written one by one, and memory does not grow
    with their number. Layouts of that template that were composed already are taken as they are. For how they stand see
    `imposition`. Round ones get a line for the cutting die, with bleed in the spot colour CutContour. Raises what
    `layout.compose` raises, and ValueError for a bleed out of range, a layout of another template or no faces; `out` is
    then incomplete.
    """
    return sheets_pdf([(template, faces)], out, fonts, bleed=bleed, strict=strict, title=title)


def sheets_pdf(
    groups: Iterable[tuple[str, Iterable[StickerFace | Layout]]],
    out: BinaryIO,
    fonts: Fonts,
    *,
    bleed: float = 0.0,
    strict: bool = True,
    title: str = "",
) -> int:
    """The same for several templates in one document: (template, faces) each, a sheet holds one template only."""
    sheets = ((sheet_of(template, bleed), template, faces) for template, faces in groups)
    return _document(sheets, out, fonts, strict=strict, title=title)


def pages_pdf(
    faces: Iterable[StickerFace | Layout],
    out: BinaryIO,
    fonts: Fonts,
    *,
    template: str = "door",
    bleed: float = 0.0,
    strict: bool = True,
    title: str = "",
) -> int:
    """One sticker a page of its true size, or with a bleed around its trim box; otherwise as `sheet_pdf`."""
    return _document(
        [(_one_a_page(template, bleed), template, faces)], out, fonts, strict=strict, title=title
    )


def _one_a_page(template: str, bleed: float) -> Sheet:
    sheet_of(template, bleed)  # refuses a bleed out of range
    kind = named(template)
    width, height = kind.width + 2 * bleed, kind.height + 2 * bleed
    return Sheet(width, height, (bleed, bleed, width - bleed, height - bleed), ((bleed, bleed),), (), bleed)


def _document(
    groups: Iterable[tuple[Sheet, str, Iterable[StickerFace | Layout]]],
    out: BinaryIO,
    fonts: Fonts,
    *,
    strict: bool,
    title: str,
) -> int:
    canvas = Canvas(out, fonts)
    symbols = _Symbols()
    count, last = 0, None
    for sheet, template, faces in groups:
        remaining = iter(faces)
        while group := list(islice(remaining, sheet.per_page)):
            layouts = [
                _of(template, face)
                if isinstance(face, Layout)
                else compose(face, fonts, symbols.matrix(face), template=template, strict=strict)
                for face in group
            ]
            _page(canvas, layouts, sheet)
            count += len(group)
            last = layouts[0]
    if last is None:
        raise ValueError("there are no stickers to print")
    canvas.finish(title or last.title, last.language)
    return count


def _of(template: str, layout: Layout) -> Layout:
    if layout.template != template:
        raise ValueError(f"a layout of {layout.template!r} on a sheet of {template!r}")
    return layout


class _Symbols:
    """Makes symbols one by one, and by the process's table once a host turns out to have many."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}

    def matrix(self, face: StickerFace) -> Matrix | None:
        key = (face.host, face.scheme)
        table = ready_table(*key)
        if table is None:
            self._seen[key] = self._seen.get(key, 0) + 1
            if self._seen[key] < _TABLE_FROM:
                return None
            table = table_for(*key)
        return table.symbol(face.token)


def _page(canvas: Canvas, layouts: list[Layout], sheet: Sheet) -> None:
    bleed = sheet.bleed
    used = list(zip(layouts, sheet.places, strict=False))
    # All papers first: a bleed must not cover the neighbour.
    parts = [placed(x, y, _paper(layout, bleed)) for layout, (x, y) in used]
    for layout, (x, y) in used:
        box = (-bleed, -bleed, layout.width + bleed, layout.height + bleed)
        own = (canvas.item(item) for item in layout.own)
        cut = (_die_line(layout, bleed),) if layout.round else ()
        parts.append(placed(x, y, canvas.form(layout.fixed, box), *own, *cut))
    parts.append(_marks(sheet))
    left, top, right, bottom = sheet.trim
    grown = min(bleed, left)
    boxes = {
        "MediaBox": points(0, 0, sheet.width, sheet.height),
        "BleedBox": points(
            left - grown, sheet.height - bottom - grown, right + grown, sheet.height - top + grown
        ),
        "TrimBox": points(left, sheet.height - bottom, right, sheet.height - top),
    }
    canvas.page(parts, sheet.height, boxes)


def _paper(layout: Layout, bleed: float) -> bytes:
    """The paper's colour up to the bleed."""
    return _filled(layout.paper, layout.width, layout.height, bleed, is_round=layout.round)


@lru_cache(maxsize=64)
def _filled(fill: str, width: float, height: float, bleed: float, *, is_round: bool) -> bytes:
    if is_round:
        edge = circle(width / 2, height / 2, width / 2 + bleed)
    else:
        edge = rectangle(-bleed, -bleed, width + 2 * bleed, height + 2 * bleed)
    return b"%b %b f" % (colour(fill), path(edge))


def _die_line(layout: Layout, bleed: float) -> bytes:
    """Where a round sticker is cut: with bleed a spot colour for the machine, else a fine grey line for scissors."""
    return _round_cut(layout.width, for_machine=bleed > 0)


@lru_cache(maxsize=16)
def _round_cut(width: float, *, for_machine: bool) -> bytes:
    edge = path(circle(width / 2, width / 2, width / 2))
    if for_machine:
        return b"q /Over gs /Cut CS 1 SCN 0.09 w %b S Q" % edge
    return b"q 0.75 G 0.1 w %b S Q" % edge


def _marks(sheet: Sheet) -> bytes:
    if not sheet.marks:
        return b""
    drawn = b" ".join(b"%b %b m %b %b l" % tuple(decimal(v) for v in line) for line in sheet.marks)
    return b"q 0 G 0.1 w " + drawn + b" S Q"
