"""Rows of forms as strips. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .content import Row, Signing
from .layout import LEFT, WIDTH, Item, Rule, Strip, Text
from .lines import Line, set_lines
from .typography import (
    CELL_PAD,
    CELL_SIZE,
    CONDENSED,
    LABEL_WIDTH,
    WHOLE_ROW,
    balanced,
    baseline,
    condensed,
    fitted,
)


@dataclass(frozen=True)
class _Column:
    """A column of a row: its left edge, and its lines with their distances from it."""

    x: float
    lines: list[tuple[Line, float]]


class TableSetter:
    """Sets rows with lines `pitch` apart; `advance` gives a character's width in em."""

    def __init__(self, advance: Callable[[str], float], pitch: float) -> None:
        self._advance, self._pitch = advance, pitch

    def row(self, block: Row, *, first: bool) -> list[Strip]:
        """One row of a form. A long one is torn between lines; its word then stands at the top."""
        count = len(block.cells)
        value_width = WIDTH / count - LABEL_WIDTH
        columns: list[_Column] = []
        for number, (word, value) in enumerate(block.cells):
            x = LEFT + number * WIDTH / count
            columns.append(_Column(x, self._word(word)))
            lines = [line for part in value.split("\n") for line in self._cell(part, value_width, count)]
            columns.append(_Column(x + LABEL_WIDTH, lines))
        height = max(1, *(len(column.lines) for column in columns))
        strips = self._whole_row(columns, height) if height <= WHOLE_ROW else self._long_row(columns, height)
        for strip in strips:
            strip.items += _walls([column.x for column in columns], strip.height)
        if first:
            strips[0].items.append(Rule(LEFT, 0, LEFT + WIDTH, 0))
        strips[-1].items.append(Rule(LEFT, strips[-1].height, LEFT + WIDTH, strips[-1].height))
        strips[-1].closed = True
        return strips

    def _whole_row(self, columns: list[_Column], height: int) -> list[Strip]:
        """One strip, column by column, so that it is read in that order; each column in the middle of its height."""
        items: list[Item] = []
        for column in columns:
            top = CELL_PAD + (height - len(column.lines)) * self._pitch / 2
            for number, (line, shift) in enumerate(column.lines):
                y = top + number * self._pitch + baseline(self._pitch, CELL_SIZE)
                items.append(Text(column.x + shift, y, line, CELL_SIZE))
        return [Strip(height * self._pitch + 2 * CELL_PAD, items, table=True)]

    def _long_row(self, columns: list[_Column], height: int) -> list[Strip]:
        """A strip for each line; the first two and the last two are not torn apart."""
        strips = []
        for at in range(height):
            pad = CELL_PAD if at == 0 else 0.0
            y = pad + baseline(self._pitch, CELL_SIZE)
            lines = [(column.x, *column.lines[at]) for column in columns if at < len(column.lines)]
            items: list[Item] = [Text(x + shift, y, line, CELL_SIZE) for x, line, shift in lines]
            strips.append(Strip(self._pitch + pad, items, table=True))
        strips[-1].height += CELL_PAD
        strips[0].with_next = strips[-2].with_next = True
        return strips

    def _word(self, text: str) -> list[tuple[Line, float]]:
        lines = balanced(text, (LABEL_WIDTH - 2 * CELL_PAD) / CELL_SIZE, self._advance)
        return [(line, (LABEL_WIDTH - line.width * CELL_SIZE) / 2) for line in lines]

    def _cell(self, text: str, width: float, count: int) -> list[tuple[Line, float]]:
        """Lines of one paragraph in a cell, each with its distance from the cell's left edge."""
        room = (width - 2 * CELL_PAD) / CELL_SIZE
        excess = sum(map(self._advance, text)) - room
        if 0 < excess <= CONDENSED * (len(text) - 1):
            return [(condensed(text, self._advance, excess / (len(text) - 1)), CELL_PAD)]
        indent = 2.0 if count == 1 and excess > 0 else 0.0
        lines = set_lines(text, room, self._advance, indent=indent)
        return [(line, CELL_PAD + (indent * CELL_SIZE if at == 0 else 0.0)) for at, line in enumerate(lines)]

    def signing(self, block: Signing, day_words: str) -> list[Strip]:
        """The last row of a form: room to sign, and `day_words` for the day."""
        width, height = WIDTH / len(block.places), 3.6 * self._pitch
        items: list[Item] = [Rule(LEFT, height, LEFT + WIDTH, height)]
        day = condensed(day_words, self._advance, 0.0)
        for number, place in enumerate(block.places):
            x = LEFT + number * width
            line, size = fitted(place, self._advance, CELL_SIZE, width - 2 * CELL_PAD)
            items.append(Text(x + CELL_PAD, baseline(self._pitch, CELL_SIZE) + CELL_PAD, line, size))
            items.append(Text(x + width - CELL_PAD - day.width * CELL_SIZE, height - 9, day, CELL_SIZE))
        items += _walls([LEFT + number * width for number in range(len(block.places))], height)
        return [Strip(height, items, table=True, closed=True)]


def _walls(xs: list[float], height: float) -> list[Item]:
    return [Rule(x, 0, x, height) for x in (*xs, LEFT + WIDTH)]
