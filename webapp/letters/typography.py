"""Sizes of type, and small ways of setting a line, that the text and the forms of a document share. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .layout import MM
from .lines import Glyph, Line, set_lines

#: 二号 for the title, 四号 for the imprint, 小四 in forms, 五号 for remarks (points).
TITLE_SIZE: Final = 22.0
HEAD_SIZE: Final = 26.0
FORM_HEAD_SIZE: Final = 18.0
IMPRINT_SIZE: Final = 14.0
CELL_SIZE: Final = 12.0
NOTE_SIZE: Final = 10.5
FOOT_SIZE: Final = 8.5
LABEL_WIDTH: Final = 30 * MM
CELL_PAD: Final = 5.0
CELL_PITCH: Final = 20.0
NOTE_PITCH: Final = 16.0
IMPRINT_PITCH: Final = 21.0
SEAL_SIDE: Final = 40 * MM
SYMBOL_SIDE: Final = 19 * MM
#: Rows of up to so many lines are not torn.
WHOLE_ROW: Final = 6
#: By how much lines may come closer, and how much of a last page is too little to keep it.
CLOSER: Final = (0.96, 0.92, 0.88, 0.85)
NEXT_TO_NOTHING: Final = 0.4
#: A value that is a trifle too long for its cell is set closer, by this much for each character (em).
CONDENSED: Final = 0.05

_ENDLESS: Final = 1e9


def balanced(text: str, room: float, advance: Callable[[str], float]) -> list[Line]:
    """`text` in as few lines as `room` em need, as even as can be; what stands in brackets gets a line of its own."""
    lines = set_lines(text, room, advance, justify=False)
    if len(lines) == 1:
        return lines
    head, bracket, tail = text.partition("（")
    if bracket and max(sum(map(advance, head)), sum(map(advance, bracket + tail))) <= room:
        return [*set_lines(head, room, advance), *set_lines(bracket + tail, room, advance)]
    even = sum(map(advance, text)) / len(lines)
    while even < room:
        tried = set_lines(text, even, advance, justify=False)
        if len(tried) == len(lines):
            return tried
        even += 0.25
    return lines


def condensed(text: str, advance: Callable[[str], float], by: float) -> Line:
    """`text` in one line, however long, each character `by` em closer to the next."""
    (line,) = set_lines(text, _ENDLESS, advance, justify=False) or [Line(())]
    return Line(tuple(Glyph(one.text, one.advance - by, one.kerned - by) for one in line.glyphs))


def baseline(pitch: float, size: float) -> float:
    """Where the baseline lies in a line of height `pitch`: Han characters stand 0.88 em above and 0.12 em below it."""
    return (pitch - size) / 2 + 0.88 * size


def fitted(text: str, advance: Callable[[str], float], size: float, room: float) -> tuple[Line, float]:
    """`text` in one line, and the size at which it fits `room` points: `size` or less."""
    line = condensed(text, advance, 0.0)
    return line, size if line.width * size <= room else room / line.width
