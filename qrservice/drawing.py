"""What a layout is made of: outlines, lines of text, pictures and symbols, placed in millimetres, y downwards."""

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
    """One line: `x` its beginning, `y` its baseline, `size` the em, `tracking` added between characters, in mm.

    `angle` turns the line clockwise about its beginning, in degrees.
    """

    x: float
    y: float
    text: str
    size: float
    weight: Weight
    fill: str
    tracking: float = 0.0
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster picture (a PNG, maybe with transparency), its top left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    png: bytes


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone, `side` mm wide, its top left corner at (x, y)."""

    x: float
    y: float
    side: float
    matrix: Matrix
    fill: str = "#000000"


Item = Shape | Text | Picture | Symbol


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is drawn, in drawing order: `fixed`, then `own`. `missing` lists characters drawn as 〓.

    What reaches over the edge is cut there, or at the bleed. A `round` one is cut as the circle in its box, a `mono`
    one is drawn with black and nothing else.
    """

    width: float
    height: float
    paper: str
    fixed: tuple[Item, ...]
    own: tuple[Item, ...]
    title: str
    missing: tuple[str, ...] = ()
    template: str = "door"
    distance: float = 0.0  # metres from which it is made to be read
    round: bool = False
    mono: bool = False
    language: str = "zh-Hans"

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in drawing order."""
        return self.fixed + self.own

    @property
    def symbol(self) -> Symbol:
        """Its symbol; every layout made by `compose` has one."""
        return next(item for item in self.own if isinstance(item, Symbol))
