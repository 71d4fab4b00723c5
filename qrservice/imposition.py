"""How many stickers stand where on an A4 sheet, and where to cut. Pure figures in millimetres, y downwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from qrservice.templates import Template, named

A4: Final = (210.0, 297.0)
BLEED_MAX: Final = 10.0
MARGIN: Final = 8.0  # what office printers leave blank, and room for marks
MARK_LENGTH: Final = 4.0
MARK_GAP: Final = 1.0  # between the bleed and a mark
TICK: Final = 3.0  # marks inside a full sheet
MARK_SPACE: Final = 6.0  # room for marks around a full sheet with bleed

Line = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its size, the A4 trim box in it (left, top, right, bottom), the top left corners of the stickers, and the
    marks as lines (x, y, x, y).
    """

    width: float
    height: float
    trim: tuple[float, float, float, float]
    places: tuple[tuple[float, float], ...]
    marks: tuple[Line, ...]
    bleed: float

    @property
    def per_page(self) -> int:
        return len(self.places)


@lru_cache(maxsize=64)
def sheet_of(template: str, bleed: float = 0.0) -> Sheet:
    """The sheet of a template. Raises ValueError for a bleed outside 0..10 mm or an unknown template."""
    if not 0.0 <= bleed <= BLEED_MAX:
        raise ValueError(f"bleed must be 0..{BLEED_MAX} mm, not {bleed}")
    kind = named(template)
    return _full(kind, bleed) if kind.sheet == "fill" else _spaced(kind, bleed)


def _full(kind: Template, bleed: float) -> Sheet:
    """Stickers that fill the sheet. With bleed the page grows around the A4 trim box and the marks stand outside, as
    print shops like it; without, the page is A4 and short marks stand in the stickers' blank margins.
    """
    margin = bleed + MARK_SPACE if bleed else 0.0
    columns, rows = round(A4[0] // kind.width), round(A4[1] // kind.height)
    top = (A4[1] - rows * kind.height) / 2
    xs = [margin + (A4[0] - columns * kind.width) / 2 + i * kind.width for i in range(columns + 1)]
    ys = [margin + top + i * kind.height for i in range(rows + 1)]
    width, height = A4[0] + 2 * margin, A4[1] + 2 * margin
    lines: list[Line] = []
    if bleed:
        reach = MARK_SPACE - MARK_GAP
        lines += [line for x in xs for line in ((x, 0.0, x, reach), (x, height - reach, x, height))]
        lines += [line for y in ys for line in ((0.0, y, reach, y), (width - reach, y, width, y))]
    else:
        for x in xs[1:-1]:
            lines += [(x, 0.0, x, TICK + top), (x, height - TICK - top, x, height)]
            lines += [(x, y - TICK, x, y + TICK) for y in ys[1:-1]]
        for y in ys[1:-1]:
            lines += [(0.0, y, TICK, y), (width - TICK, y, width, y)]
            lines += [(x - TICK, y, x + TICK, y) for x in xs[1:-1]]
    places = tuple((x, y) for y in ys[:-1] for x in xs[:-1])
    return Sheet(
        width, height, (margin, margin, width - margin, height - margin), places, tuple(lines), bleed
    )


def _spaced(kind: Template, bleed: float) -> Sheet:
    """Stickers in the middle of an A4 page, upright or across, whichever takes more; marks in the margins."""
    gutter = 2 * bleed if kind.sheet == "gutter" else 0.0
    margin = max(MARGIN, bleed + MARK_GAP + MARK_LENGTH)

    def fitting(length: float, size: float) -> int:
        return math.floor((length - 2 * margin + gutter + 1e-9) / (size + gutter))

    width, height = max(
        (A4, A4[::-1]), key=lambda page: fitting(page[0], kind.width) * fitting(page[1], kind.height)
    )
    columns, rows = fitting(width, kind.width), fitting(height, kind.height)
    xs = _row(width, kind.width, columns, gutter)
    ys = _row(height, kind.height, rows, gutter)
    return Sheet(
        width,
        height,
        (0.0, 0.0, width, height),
        tuple((x, y) for y in ys for x in xs),
        _outer_marks(xs, ys, kind.width, kind.height, bleed),
        bleed,
    )


def _row(length: float, size: float, count: int, gutter: float) -> list[float]:
    start = (length - count * size - (count - 1) * gutter) / 2
    return [start + i * (size + gutter) for i in range(count)]


def _outer_marks(
    xs: list[float], ys: list[float], width: float, height: float, bleed: float
) -> tuple[Line, ...]:
    """Two marks for each edge, outside the bleed of the outermost stickers; shared edges have them once."""
    left, right, top, bottom = xs[0], xs[-1] + width, ys[0], ys[-1] + height
    gap, reach = bleed + MARK_GAP, bleed + MARK_GAP + MARK_LENGTH
    lines: list[Line] = []
    for x in sorted({round(edge, 6) for start in xs for edge in (start, start + width)}):
        lines += [(x, top - reach, x, top - gap), (x, bottom + gap, x, bottom + reach)]
    for y in sorted({round(edge, 6) for start in ys for edge in (start, start + height)}):
        lines += [(left - reach, y, left - gap, y), (right + gap, y, right + reach, y)]
    return tuple(lines)
