"""Breaking Chinese text into lines. Pure: widths come from the caller, in em (1.0 is the type size).

Rules of GB/T 15834 5.1 and of common setting: no closing mark begins a line, no opening mark ends one, dashes and
ellipses stay whole, Latin words and numbers are not torn. A mark that would begin a line is pulled back by narrowing
the marks of its line where they have room to give, else the character before it goes along to the next line. Two marks
in a row share their blank half. Full lines are spread to the measure.

ReportLab's own ``wordWrap="CJK"`` lets forbidden marks hang over the measure and spreads at blanks only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Advance = Callable[[str], float]

_CLOSING: Final = frozenset("，。、；：！？）》」』】〉〕”’．｝］")
_OPENING: Final = frozenset("（《「『【〈〔“‘｛［")
_NOT_FIRST: Final = _CLOSING | frozenset("—…·％‰℃,.;:!?)]}%~～々")
_NOT_LAST: Final = _OPENING | frozenset("([{￥¥$№")
_WHOLE: Final = frozenset("—…")
#: How much of its em a full-width mark can give.
_SPARE: Final = 0.5
#: Lines are spread by at most this for each gap: a line before an address of thirty letters stays ragged.
_MOST_SPREAD: Final = 0.25
#: A last line shorter than this (em) looks lost.
_RUNT: Final = 2.1


@dataclass(frozen=True)
class Glyph:
    """A character (with signs that have no width of their own) and how far the pen moves, in em."""

    text: str
    advance: float
    kerned: float = 0.0  # of which this much is added to (or taken from) the font's own advance


@dataclass(frozen=True)
class Line:
    """A set line. `width` is what it takes, in em."""

    glyphs: tuple[Glyph, ...]

    @property
    def width(self) -> float:
        """Length in em."""
        return sum(glyph.advance for glyph in self.glyphs)

    @property
    def text(self) -> str:
        """The characters."""
        return "".join(glyph.text for glyph in self.glyphs)


def invisible(character: str) -> bool:
    """True for signs that are drawn as part of the character before them, or not at all."""
    return unicodedata.category(character) in {"Cf", "Mn", "Me"} or 0xFE00 <= ord(character) <= 0xFE0F


def clusters(text: str) -> list[str]:
    """The text in characters, each with the invisible signs that follow it."""
    found: list[str] = []
    for character in text:
        if found and invisible(character):
            found[-1] += character
        else:
            found.append(character)
    return found


@dataclass
class _Piece:
    """What is never torn: one character, or a Latin word. `give` is what it and the marks beside it can spare."""

    parts: list[str]
    advances: list[float]
    kerned: float = 0.0

    @property
    def width(self) -> float:
        return sum(self.advances) + self.kerned

    @property
    def first(self) -> str:
        return self.parts[0][0]

    @property
    def last(self) -> str:
        return self.parts[-1][0]

    @property
    def is_mark(self) -> bool:
        return len(self.parts) == 1 and self.first in _CLOSING | _OPENING

    @property
    def blank(self) -> bool:
        return self.first == " "


def set_lines(
    text: str, measure: float, advance: Advance, *, indent: float = 0.0, justify: bool = True
) -> list[Line]:
    """`text` (one paragraph, no line ends) in lines of at most `measure` em, the first shorter by `indent`.

    An `indent` below 0 makes the first line longer. `advance` gives a character's width in em. Nothing is left out.
    The last line is not spread.
    """
    pieces = _pieces(text, advance, measure - max(indent, 0.0))
    breaks: list[tuple[int, int, float]] = []  # where a line begins and ends, by how much it must be narrowed
    while not breaks or breaks[-1][1] < len(pieces):
        start = breaks[-1][1] if breaks else 0
        end, excess = _end_of_line(pieces, start, measure - (0.0 if breaks else indent))
        breaks.append((start, end, excess))
        if not pieces:
            return []
    _feed_last(pieces, breaks)
    lines: list[Line] = []
    for start, end, excess in breaks:
        taken = pieces[start:end]
        if excess > 0:
            _squeeze(taken, excess)
        elif justify and end < len(pieces):
            _spread(taken, measure - (0.0 if lines else indent))
        lines.append(_line(taken))
    return lines


def _feed_last(pieces: list[_Piece], breaks: list[tuple[int, int, float]]) -> None:
    """A last line of one character and a full stop gets another character from the line before."""
    if len(breaks) < 2 or sum(piece.width for piece in pieces[breaks[-1][0] :]) > _RUNT:
        return
    start, end, _ = breaks[-2]
    back = end - 1
    while back > start and not _may_break(pieces[back - 1], pieces[back]):
        back -= 1
    taken = sum(piece.width for piece in pieces[back:end])
    if back > start + (end - start) // 2 and taken <= _RUNT:
        breaks[-2:] = [(start, back, 0.0), (back, len(pieces), 0.0)]


def _pieces(text: str, advance: Advance, longest: float) -> list[_Piece]:
    pieces: list[_Piece] = []
    for part in clusters(text):
        width = advance(part[0])
        before = pieces[-1] if pieces else None
        if before is not None and _joins(before, part[0]) and before.width + width <= longest:
            before.parts.append(part)
            before.advances.append(width)
        else:
            pieces.append(_Piece([part], [width]))
    for first, second in pairwise(pieces):
        if first.is_mark and second.is_mark and not (first.first in _OPENING and second.first in _CLOSING):
            first.kerned = -_SPARE * first.width
    return pieces


def _joins(before: _Piece, character: str) -> bool:
    if character in _WHOLE:
        return before.last == character and len(before.parts) == 1
    return _of_word(before.last) and _of_word(character)


def _of_word(character: str) -> bool:
    """Letters of alphabets and ASCII signs: they form words. Blanks and Han characters do not."""
    return character != " " and (character < "\u2000" and character != "·")


def _may_break(before: _Piece, after: _Piece) -> bool:
    if after.blank:
        return False  # a blank ends its line, where nobody sees it
    return after.first not in _NOT_FIRST and before.last not in _NOT_LAST


def _end_of_line(pieces: list[_Piece], start: int, room: float) -> tuple[int, float]:
    """(where the next line begins, by how much this one must be narrowed)."""
    end, width = start, 0.0
    while end < len(pieces) and width + _hung(pieces[end]) <= room + 1e-9:
        width += pieces[end].width
        end += 1
    if end == len(pieces):
        return end, 0.0
    beyond = max(end, start + 1)
    while beyond < len(pieces) and not _may_break(pieces[beyond - 1], pieces[beyond]):
        beyond += 1
    needed = sum(piece.width for piece in pieces[start:beyond]) - room
    if beyond > end and 0 < needed <= _spare(pieces[start:beyond]):
        return beyond, needed
    back = end
    while back > start and not _may_break(pieces[back - 1], pieces[back]):
        back -= 1
    return (back if back > start else max(end, start + 1)), 0.0


def _hung(piece: _Piece) -> float:
    """What a piece needs at the end of a line: a blank nothing."""
    return 0.0 if piece.blank else piece.width


def _spare(pieces: list[_Piece]) -> float:
    return sum(_give(pieces, at) for at in range(len(pieces)))


def _give(pieces: list[_Piece], at: int) -> float:
    """How much the piece's advance can shrink: its own blank right half, or the next one's blank left half."""
    piece = pieces[at]
    closing = piece.is_mark and piece.first in _CLOSING
    before_opening = at + 1 < len(pieces) and pieces[at + 1].is_mark and pieces[at + 1].first in _OPENING
    return (_SPARE if closing or before_opening else 0.0) + min(piece.kerned, 0.0)


def _squeeze(pieces: list[_Piece], excess: float) -> None:
    share = excess / _spare(pieces)
    for piece, give in zip(pieces, [_give(pieces, at) for at in range(len(pieces))], strict=True):
        piece.kerned -= give * share


def _spread(pieces: list[_Piece], room: float) -> None:
    while len(pieces) > 1 and pieces[-1].blank:
        pieces = pieces[:-1]
    gaps = len(pieces) - 1
    more = (room - sum(piece.width for piece in pieces)) / gaps if gaps else 0.0
    if 0 < more <= _MOST_SPREAD:
        for piece in pieces[:-1]:
            piece.kerned += more


def _line(pieces: list[_Piece]) -> Line:
    glyphs = []
    for piece in pieces:
        last = len(piece.parts) - 1
        for number, (part, width) in enumerate(zip(piece.parts, piece.advances, strict=True)):
            kerned = piece.kerned if number == last else 0.0
            glyphs.append(Glyph(part, width + kerned, kerned))
    return Line(tuple(glyphs))
