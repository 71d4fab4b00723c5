"""Setting lines of text into a given width: shrink to fit, and break Chinese names well."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Literal

from qrservice.drawing import Text
from qrservice.errors import TextTooLong
from qrservice.fonts import FontFace, Fonts, Weight

Align = Literal["start", "middle", "end"]
# Characters that must not begin or end a line (GB/T 15834, 5.1).
_NOT_FIRST = frozenset("，。、；：！？）》」』】〉”’·—…,.;:!?)]}% ")
_NOT_LAST = frozenset("（《「『【〈“‘([{ ")
LEADING = 1.18
_LINES_MAX = 3
GAIN = 1.08
_CHARS_MAX = 120
_PART = {"start": 0.0, "middle": 0.5, "end": 1.0}


def fit_line(
    fonts: Fonts,
    field: str,
    text: str,
    weight: Weight,
    sizes: tuple[float, float],
    width: float,
    at: tuple[float, float],
    fill: str,
    *,
    tracking_em: float = 0.0,
    align: Align = "middle",
) -> Text:
    """One line at the largest of `sizes` (largest, smallest) at which it is at most `width` wide (all in mm).

    `at` is the point of the baseline where the line begins, has its middle or ends. Raises TextTooLong naming `field`.
    """
    largest, smallest = sizes
    natural = fonts.face(weight).width(text, 1.0, tracking_em)
    size = min(largest, width / natural) if natural else largest
    if size < smallest:
        raise TextTooLong(field, text)
    x = at[0] - natural * size * _PART[align]
    return Text(x, at[1], text, size, weight, fill, tracking_em * size)


def break_lines(
    face: FontFace, text: str, width: float, height: float, largest: float, smallest: float
) -> tuple[float, list[str]]:
    """(size, lines): the largest setting of `text` in up to three balanced lines; no lines if none is
    legible.
    """
    best: tuple[float, list[str]] = (0.0, [])
    for count in range(1, _LINES_MAX + 1):
        reachable = min(largest, height / (1 + LEADING * (count - 1)))
        # More lines only for a clear gain: a name reads best in one.
        if reachable <= best[0] * GAIN or len(text) > _CHARS_MAX:
            break
        lines = balanced(face, text, count)
        if not lines:
            break
        widest = max(face.width(line, 1.0) for line in lines)
        size = min(reachable, width / widest)
        if size >= smallest and size > best[0] * GAIN:
            best = size, lines
    return best


def balanced(face: FontFace, text: str, count: int) -> list[str]:
    """`text` in `count` lines whose widest is as narrow as possible, or nothing if it cannot be broken so
    often.
    """
    if count == 1:
        return [text] if text else []
    cuts = [cut for cut in range(1, len(text)) if _may_break(text, cut)]
    if len(cuts) < count - 1:
        return []
    _, ends = _best_cuts(_Widths(face, text), cuts, 0, count)
    bounds = [0, *ends, len(text)]
    lines = [text[start:end].strip() for start, end in pairwise(bounds)]
    return lines if all(lines) else []


class _Widths:
    """The width of any piece of a text in em, without the blanks at its ends, from sums made once."""

    def __init__(self, face: FontFace, text: str) -> None:
        self._sums = [0.0, *accumulate(map(face.advance, text))]
        self._text = text
        self.end = len(text)

    def __call__(self, start: int, end: int) -> float:
        text = self._text
        while start < end and text[start] == " ":
            start += 1
        while end > start and text[end - 1] == " ":
            end -= 1
        return self._sums[end] - self._sums[start]


def _best_cuts(widths: _Widths, cuts: list[int], start: int, count: int) -> tuple[float, list[int]]:
    """(width of the widest line, where to cut) for what follows `start`."""
    if count == 1:
        return widths(start, widths.end), []
    best, found = float("inf"), [start]
    for i, cut in enumerate(cuts):
        first = widths(start, cut)
        if first >= best:  # the first line only grows from here on
            break
        if len(cuts) - i < count - 1:
            break
        rest, ends = _best_cuts(widths, cuts[i + 1 :], cut, count - 1)
        if max(first, rest) < best:
            best, found = max(first, rest), [cut, *ends]
    return best, found


def _may_break(text: str, cut: int) -> bool:
    before, after = text[cut - 1], text[cut]
    if after == " " or before == " ":
        return True
    if before in _NOT_LAST or after in _NOT_FIRST:
        return False
    return not (_is_latin(before) and _is_latin(after))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
