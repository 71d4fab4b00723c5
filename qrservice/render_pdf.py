"""Layouts as PDF: one sticker on an A6 page, or many on A4 sheets for a print shop. Everything is vector.

Coordinates on a page are the layout's own (millimetres, y downwards); one matrix at the start of each page
turns them. The symbol is pure black (DeviceGray 0), so that it prints in black ink alone and cannot
misregister.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import BinaryIO, Final

from qrservice.drawing import Item, Layout, Shape, Symbol, Text
from qrservice.fonts import Fonts, Weight
from qrservice.layout import HEIGHT, WIDTH, compose
from qrservice.matrix import Matrix, SymbolTable
from qrservice.pdf_fonts import PdfFont
from qrservice.pdf_writer import POINTS_PER_MM, PdfWriter, decimal
from qrservice.sticker import StickerFace

A4_WIDTH: Final = 210.0
A4_HEIGHT: Final = 297.0
COLUMNS: Final = 2
ROWS: Final = 2
PER_SHEET: Final = COLUMNS * ROWS
MARK_LENGTH: Final = 3.0
MARK_SPACE: Final = 6.0  # room for crop marks outside the bleed, when there is a bleed
BLEED_MAX: Final = 10.0
# From how many stickers of one host on a SymbolTable pays for being built.
_TABLE_FROM: Final = 100
_WEIGHTS: Final[dict[Weight, bytes]] = {"regular": b"F0", "bold": b"F1"}


def sticker_pdf(layout: Layout, fonts: Fonts, out: BinaryIO) -> None:
    """One sticker as a one-page PDF of its true size. Raises FontRefused."""
    canvas = _Canvas(out, fonts)
    width, height = layout.width * POINTS_PER_MM, layout.height * POINTS_PER_MM
    box = (0.0, 0.0, width, height)
    canvas.page(
        [_paper(layout, 0.0), *(canvas.item(item) for item in layout.items)],
        layout.height,
        {"MediaBox": box, "TrimBox": box},
    )
    canvas.finish(layout.title)


def sheet_pdf(
    faces: Iterable[StickerFace],
    out: BinaryIO,
    fonts: Fonts,
    *,
    bleed: float = 0.0,
    strict: bool = True,
    title: str = "",
) -> int:
    """Stickers four to an A4 page with crop marks; returns how many were drawn.

    `faces` may be a generator and `out` need not be seekable: sheets are written one by one, and memory
    does not grow with their number. With `bleed` (mm, up to 10) the page grows around the A4 trim box and
    the marks stand outside, as print shops like it; without, the page is A4 and short marks stand in the
    stickers' blank margins. Raises what `layout.compose` raises, and ValueError for a bleed out of range or
    no faces; `out` is then incomplete.
    """
    if not 0.0 <= bleed <= BLEED_MAX:
        raise ValueError(f"bleed must be 0..{BLEED_MAX} mm, not {bleed}")
    canvas = _Canvas(out, fonts)
    symbols = _Symbols()
    remaining = iter(faces)
    count = 0
    while group := list(islice(remaining, PER_SHEET)):
        layouts = [compose(face, fonts, symbols.matrix(face), strict=strict) for face in group]
        _sheet(canvas, layouts, bleed)
        count += len(group)
    if not count:
        raise ValueError("there are no stickers to print")
    canvas.finish(title or layouts[0].title)
    return count


class _Symbols:
    """Makes symbols one by one, and by table once a host turns out to have many."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], int] = {}
        self._tables: dict[tuple[str, str], SymbolTable] = {}

    def matrix(self, face: StickerFace) -> Matrix | None:
        key = (face.host, face.scheme)
        table = self._tables.get(key)
        if table is None:
            self._seen[key] = self._seen.get(key, 0) + 1
            if self._seen[key] < _TABLE_FROM:
                return None
            table = self._tables[key] = SymbolTable(*key)
        return table.symbol(face.token)


def _sheet(canvas: _Canvas, layouts: list[Layout], bleed: float) -> None:
    margin = bleed + MARK_SPACE if bleed else 0.0
    top = (A4_HEIGHT - ROWS * HEIGHT) / 2
    parts: list[bytes] = []
    places = [
        (margin + (index % COLUMNS) * WIDTH, margin + top + (index // COLUMNS) * HEIGHT)
        for index in range(len(layouts))
    ]
    # All papers first: a bleed must not cover the neighbour.
    for layout, (x, y) in zip(layouts, places, strict=True):
        parts.append(_placed(x, y, _paper(layout, bleed)))
    for layout, (x, y) in zip(layouts, places, strict=True):
        parts.append(_placed(x, y, canvas.form(layout.fixed), *(canvas.item(item) for item in layout.own)))
    parts.append(_crop_marks(margin, top, bleed))
    width, height = A4_WIDTH + 2 * margin, A4_HEIGHT + 2 * margin
    boxes = {
        "MediaBox": _box(0, 0, width, height),
        "BleedBox": _box(margin - bleed, margin - bleed, width - margin + bleed, height - margin + bleed),
        "TrimBox": _box(margin, margin, width - margin, height - margin),
    }
    canvas.page(parts, height, boxes)


def _crop_marks(margin: float, top: float, bleed: float) -> bytes:
    """Hairlines where to cut: outside the bleed if there is one, else at the edges and in the middle of the
    sheet.
    """
    xs = [margin + column * WIDTH for column in range(COLUMNS + 1)]
    ys = [margin + top + row * HEIGHT for row in range(ROWS + 1)]
    right, bottom = 2 * margin + A4_WIDTH, 2 * margin + A4_HEIGHT
    lines: list[tuple[float, float, float, float]] = []
    if bleed:
        reach = MARK_SPACE - 1.0
        for x in xs:
            lines += [(x, 0.0, x, reach), (x, bottom - reach, x, bottom)]
        for y in ys:
            lines += [(0.0, y, reach, y), (right - reach, y, right, y)]
    else:
        for x in xs[1:-1]:
            lines += [(x, 0.0, x, MARK_LENGTH + top), (x, bottom - MARK_LENGTH - top, x, bottom)]
            lines += [(x, y - MARK_LENGTH, x, y + MARK_LENGTH) for y in ys[1:-1]]
        for y in ys[1:-1]:
            lines += [(0.0, y, MARK_LENGTH, y), (right - MARK_LENGTH, y, right, y)]
            lines += [(x - MARK_LENGTH, y, x + MARK_LENGTH, y) for x in xs[1:-1]]
    drawn = b" ".join(b"%b %b m %b %b l" % tuple(decimal(v) for v in line) for line in lines)
    return b"q 0 G 0.1 w " + drawn + b" S Q"


class _Canvas:
    """Turns items into page content and keeps what all pages share: two fonts and the fixed parts as forms."""

    def __init__(self, out: BinaryIO, fonts: Fonts) -> None:
        self._writer = PdfWriter(out)
        self._fonts = {weight: PdfFont(fonts.face(weight), self._writer) for weight in _WEIGHTS}
        self._faces = {weight: fonts.face(weight) for weight in _WEIGHTS}
        self._resources = self._writer.reserve()
        self._forms: dict[tuple[Item, ...], tuple[bytes, int]] = {}
        self._last_form: tuple[tuple[Item, ...], bytes] = ((), b"")

    def item(self, item: Item) -> bytes:
        if isinstance(item, Text):
            return self._text(item)
        return _symbol(item) if isinstance(item, Symbol) else _shape(item)

    def form(self, items: tuple[Item, ...]) -> bytes:
        """An operator that draws items written once for the whole document."""
        last, operator = self._last_form
        if (
            items is last
        ):  # as a rule: hashing that many outlines for each sticker would cost more than drawing it
            return operator
        known = self._forms.get(items)
        if known is None:
            content = b"\n".join(self.item(item) for item in items)
            box = b" ".join(decimal(edge) for edge in (0, 0, WIDTH, HEIGHT))
            entries = b"/Type /XObject /Subtype /Form /BBox [%b] /Resources %d 0 R" % (box, self._resources)
            known = b"X%d" % len(self._forms), self._writer.add_stream(content, entries)
            self._forms[items] = known
        self._last_form = items, b"/%b Do" % known[0]
        return self._last_form[1]

    def page(
        self, parts: list[bytes], height: float, boxes: dict[str, tuple[float, float, float, float]]
    ) -> None:
        unit = decimal(POINTS_PER_MM, 6)
        turn = b"%b 0 0 -%b 0 %b cm" % (unit, unit, decimal(height * POINTS_PER_MM))
        self._writer.add_page(b"\n".join((turn, *parts)), self._resources, boxes)

    def finish(self, title: str) -> None:
        for font in self._fonts.values():
            font.write()
        fonts = b" ".join(
            b"/%b %d 0 R" % (_WEIGHTS[weight], font.reference) for weight, font in self._fonts.items()
        )
        forms = b" ".join(b"/%b %d 0 R" % form for form in self._forms.values())
        self._writer.add(b"<< /Font << %b >> /XObject << %b >> >>" % (fonts, forms), self._resources)
        self._writer.finish(title)

    def _text(self, item: Text) -> bytes:
        size = decimal(item.size)
        return b"BT %b /%b 1 Tf %b Tc %b 0 0 -%b %b %b Tm %b Tj ET" % (
            _colour(item.fill),
            _WEIGHTS[item.weight],
            decimal(item.tracking / item.size, 5),
            size,
            size,
            decimal(item.x),
            decimal(item.y),
            self._fonts[item.weight].encode(item.text),
        )


def _box(*edges: float) -> tuple[float, float, float, float]:
    left, bottom, right, top = (edge * POINTS_PER_MM for edge in edges)
    return left, bottom, right, top


def _placed(x: float, y: float, *content: bytes) -> bytes:
    return b"q 1 0 0 1 %b %b cm\n%b\nQ" % (decimal(x), decimal(y), b"\n".join(content))


def _paper(layout: Layout, bleed: float) -> bytes:
    edges = (-bleed, -bleed, layout.width + 2 * bleed, layout.height + 2 * bleed)
    return b"%b %b re f" % (_colour(layout.paper), b" ".join(decimal(edge) for edge in edges))


def _colour(fill: str) -> bytes:
    red, green, blue = (int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5))
    if red == green == blue:
        return b"%b g" % decimal(red)
    return b"%b %b %b rg" % (decimal(red), decimal(green), decimal(blue))


_OPERATORS: Final = {"M": b"m", "L": b"l", "C": b"c"}


def _shape(item: Shape) -> bytes:
    operations = [_colour(item.fill)]
    for name, *numbers in item.path.commands:
        if name == "Z":
            operations.append(b"h")
        else:
            operations += [decimal(float(n)) for n in numbers]
            operations.append(_OPERATORS[str(name)])
    return b" ".join(operations) + b" f*"


_CHUNK: Final = 7
_boxes: dict[tuple[int, int, int], bytes] = {}


def _symbol(item: Symbol) -> bytes:
    """One filled path. Rows are looked up seven modules at a time, which is several times faster than by
    runs.
    """
    size = item.matrix.size
    scale = decimal(item.side / size, 6)
    parts = [b"q 0 g %b 0 0 %b %b %b cm" % (scale, scale, decimal(item.x), decimal(item.y))]
    for number, row in enumerate(item.matrix.rows()):
        for column in range(0, size, _CHUNK):
            shift = size - column - _CHUNK
            bits = (row >> shift if shift >= 0 else row << -shift) & 0x7F
            if bits:
                key = (number, column, bits)
                parts.append(_boxes.get(key) or _chunk_boxes(key))
    parts.append(b"f Q")
    return b"\n".join(parts)


def _chunk_boxes(key: tuple[int, int, int]) -> bytes:
    number, column, bits = key
    pieces = []
    start: int | None = None
    for offset, dark in enumerate(f"{bits:07b}0"):
        if dark == "1" and start is None:
            start = column + offset
        elif dark == "0" and start is not None:
            pieces.append(b"%d %d %d 1 re" % (start, number, column + offset - start))
            start = None
    boxes = _boxes[key] = b" ".join(pieces)
    return boxes
