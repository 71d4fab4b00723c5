"""Whether a sticker will be read from where people stand. Pure geometry and figures; nothing is drawn here.

Four questions, in this order: is the quiet zone blank (ISO/IEC 18004, 6.3.8: four modules), are dark modules dark
enough on light ones and not the other way round (ISO/IEC 15415), is the symbol large enough for the distance (a tenth
of it), and is a module large enough for a phone's lens and for the dots of the printer. A sticker that fails is refused
with the figures, never drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qrservice.drawing import Item, Layout, Picture, Shape, Symbol, Text
from qrservice.errors import WouldNotScan
from qrservice.fonts import Fonts
from qrservice.matrix import QUIET_ZONE
from qrservice.reflectance import symbol_contrast

#: Grade 4 of ISO/IEC 15415; less is read too, but these papers hang in the sun and behind dirty glass.
CONTRAST_MIN: Final = 0.70
DISTANCE_TO_WIDTH: Final = 10.0
#: A phone's 1 920 pixels see about 1.25 m at one metre: 1.75 mm a metre are 2.7 pixels a module. Readers need two.
MODULE_MM_PER_METRE: Final = 1.75
MODULE_MM_MIN: Final = 0.4
#: Ink spreads about half a dot on each side: with three there are still two.
DOTS_MIN: Final = 3
#: A symbol snapped to whole dots may overshoot by this part of a dot a module.
DOT_SLACK: Final = 0.02
_MM_PER_INCH: Final = 25.4
_REACH: Final = 12  # modules around the symbol that are looked at
_EPSILON: Final = 1e-6

Box = tuple[float, float, float, float]


class Reason(StrEnum):
    """Why a sticker is refused."""

    QUIET_ZONE = "quiet_zone"
    INVERTED = "inverted"
    CONTRAST = "contrast"
    SYMBOL_TOO_SMALL = "symbol_too_small"
    MODULE_TOO_SMALL = "module_too_small"
    MODULE_DOTS = "module_dots"


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found. `quiet_modules` is counted up to 12; `dots` is None where no resolution was asked for."""

    quiet_modules: float
    contrast: float  # 0..1
    symbol_mm: float
    module_mm: float
    distance_m: float
    dots: int | None = None

    def refusal(self) -> WouldNotScan | None:
        """The first thing that is wrong, or nothing."""
        module_min = max(MODULE_MM_MIN, MODULE_MM_PER_METRE * self.distance_m)
        width_min = 1000 * self.distance_m / DISTANCE_TO_WIDTH
        if self.quiet_modules < QUIET_ZONE - _EPSILON:
            return WouldNotScan(Reason.QUIET_ZONE, self.quiet_modules, QUIET_ZONE, "modules")
        if self.contrast < 0:
            return WouldNotScan(Reason.INVERTED, self.contrast, CONTRAST_MIN, "reflectance")
        if self.contrast < CONTRAST_MIN:
            return WouldNotScan(Reason.CONTRAST, self.contrast, CONTRAST_MIN, "reflectance")
        if self.dots is not None and self.dots < DOTS_MIN:
            return WouldNotScan(Reason.MODULE_DOTS, self.dots, DOTS_MIN, "dots")
        if self.symbol_mm < width_min - _EPSILON:
            return WouldNotScan(Reason.SYMBOL_TOO_SMALL, self.symbol_mm, width_min, "mm")
        if self.module_mm < module_min - _EPSILON:
            return WouldNotScan(Reason.MODULE_TOO_SMALL, self.module_mm, module_min, "mm")
        return None


def module_dots(symbol: Symbol, dpi: float) -> int:
    """How many whole dots a module gets at a resolution; none may be left."""
    return math.floor(symbol.side * dpi / _MM_PER_INCH / symbol.matrix.size + DOT_SLACK)


def figures(layout: Layout, fonts: Fonts, dpi: float | None = None) -> Figures:
    """The figures of a layout; at `dpi` those of the symbol as it comes out in whole dots."""
    symbol = layout.symbol
    quiet, ground = surroundings(symbol, layout.items, layout.paper, fonts)
    return _figures(layout, quiet, symbol_contrast(symbol.fill, ground), dpi)


def require(layout: Layout, fonts: Fonts, dpi: float | None = None) -> Figures:
    """The same. Raises WouldNotScan."""
    return _passed(figures(layout, fonts, dpi))


def require_dots(layout: Layout, dpi: float) -> Figures:
    """Only what the resolution changes, for a layout that `compose` has looked at. Raises WouldNotScan."""
    return _passed(_figures(layout, QUIET_ZONE, 1.0, dpi))


def _figures(layout: Layout, quiet: float, contrast: float, dpi: float | None) -> Figures:
    symbol = layout.symbol
    size, side, dots = symbol.matrix.size, symbol.side, None
    if dpi is not None:
        dots = module_dots(symbol, dpi)
        side = dots * size * _MM_PER_INCH / dpi
    return Figures(quiet, contrast, side, side / size, layout.distance, dots)


def _passed(found: Figures) -> Figures:
    refusal = found.refusal()
    if refusal:
        raise refusal
    return found


def surroundings(symbol: Symbol, items: Iterable[Item], paper: str, fonts: Fonts) -> tuple[float, str]:
    """(blank modules around the symbol, up to 12; the colour that it stands on)."""
    module = symbol.side / symbol.matrix.size
    box = (symbol.x, symbol.y, symbol.x + symbol.side, symbol.y + symbol.side)
    nearest, ground = _REACH * module, paper
    for item in items:
        if isinstance(item, Shape):
            distance = _outline_distance(item, box, nearest)
            nearest = min(nearest, distance)
            if distance > 0 and _covers(item, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2):
                ground = item.fill
        elif not isinstance(item, Symbol):
            nearest = min(nearest, _box_distance(bounds(item, fonts), box))
    return nearest / module, ground


def bounds(item: Text | Picture, fonts: Fonts) -> Box:
    """(left, top, right, bottom) of a line's body or a picture."""
    if isinstance(item, Picture):
        return item.x, item.y, item.x + item.width, item.y + item.height
    length = fonts.face(item.weight).width(item.text, item.size, item.tracking)
    if not item.angle:
        return item.x, item.y - 0.88 * item.size, item.x + length, item.y + 0.12 * item.size
    turn = math.radians(item.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    corners = [(x, y) for x in (0.0, length) for y in (-0.88 * item.size, 0.12 * item.size)]
    xs = [item.x + x * cosine - y * sine for x, y in corners]
    ys = [item.y + x * sine + y * cosine for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _box_distance(one: Box, other: Box) -> float:
    """How far apart two boxes are, along the axis on which they are farther; 0 if they touch."""
    return max(0.0, one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])


def _outline_distance(shape: Shape, box: Box, limit: float) -> float:
    """How far the nearest edge of the shape is from the box, 0 if it crosses it."""
    nearest = limit
    for contour in shape.path.polygons():
        last = contour[-1]
        for point in contour:
            edge = (
                min(last[0], point[0]),
                min(last[1], point[1]),
                max(last[0], point[0]),
                max(last[1], point[1]),
            )
            if _box_distance(edge, box) < nearest:
                nearest = min(nearest, _segment_distance(last, point, box))
            last = point
    return nearest


def _segment_distance(one: tuple[float, float], two: tuple[float, float], box: Box) -> float:
    """The distance is convex along the segment: halve what is left around the smaller side."""

    def at(part: float) -> float:
        x, y = one[0] + part * (two[0] - one[0]), one[1] + part * (two[1] - one[1])
        return max(box[0] - x, x - box[2], box[1] - y, y - box[3], 0.0)

    low, high = 0.0, 1.0
    for _ in range(40):
        third = (high - low) / 3
        if at(low + third) <= at(high - third):
            high -= third
        else:
            low += third
    return min(at(0.0), at(1.0), at((low + high) / 2))


def _covers(shape: Shape, x: float, y: float) -> bool:
    """Whether the even-odd filling covers a point."""
    inside = False
    for contour in shape.path.polygons():
        last = contour[-1]
        for point in contour:
            if (last[1] > y) != (point[1] > y):
                crossing = last[0] + (y - last[1]) / (point[1] - last[1]) * (point[0] - last[0])
                inside ^= crossing > x
            last = point
    return inside
