"""What a layout is made of: outlines, lines of text and symbols, placed in millimetres, y downwards."""

from __future__ import annotations

from dataclasses import dataclass

from qrservice.fonts import Weight
from qrservice.matrix import Matrix
from qrservice.shapes import Path


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline filled even-odd."""

    path: Path
    fill: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line: `x` its left end, `y` its baseline, `size` the em, `tracking` added between characters, in
    mm.
    """

    x: float
    y: float
    text: str
    size: float
    weight: Weight
    fill: str
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone, `side` mm wide, its top left corner at (x, y)."""

    x: float
    y: float
    side: float
    matrix: Matrix


Item = Shape | Text | Symbol


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is drawn, in drawing order: `fixed`, then `own`. `missing` lists characters drawn as
    〓.
    """

    width: float
    height: float
    paper: str
    fixed: tuple[Item, ...]
    own: tuple[Item, ...]
    title: str
    missing: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        return self.fixed + self.own
