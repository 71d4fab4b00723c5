"""The map of an alarm, drawn by ourselves: no tiles are asked of anybody. Pure.

Plane and local: metres east and north of the middle, scaled to the picture; true enough within a province. The template
writes what is computed here as SVG.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from .geography import METRES_PER_DEGREE, Box, Cell, Point

WIDTH, HEIGHT = 720, 480
INSET_WIDTH, INSET_HEIGHT = 150, 150
#: What lies farther from the shop is told in words only: it would make everything else a dot.
FARTHEST_METRES: Final = 150_000
#: The picture shows at least so much, so that the ring of the rule fits.
NARROWEST_METRES: Final = 2400
MARGIN: Final = 0.16
#: Radius of a pin.
PIN: Final = 12
_SCALES: Final = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)

XY: TypeAlias = tuple[float, float]
Ring: TypeAlias = Sequence[tuple[float, float]]  # longitude, latitude


@dataclass(frozen=True)
class County:
    """A district: its name, where the name stands, its rings in degrees."""

    name: str
    label: Point
    rings: tuple[Ring, ...]


@dataclass(frozen=True)
class Spot:
    """A cell as it is drawn: a rectangle with a numbered pin. `far`: beyond the rule's distance."""

    number: int
    x: float
    y: float
    width: float
    height: float
    far: bool

    @property
    def pin(self) -> XY:
        """Where the pin stands: at the north-eastern corner, so that the cell and what lies in it are seen."""
        return self.x + self.width + PIN / 3, self.y - PIN / 3


@dataclass(frozen=True)
class Plot:
    """Everything that the template writes. Lengths in the picture's units; `scale_metres` is the bar's in nature.

    `left_out`: numbers of cells that are too far away to be drawn. `inset_at`: the corner of the picture where the
    small map of the city hides nothing; None when there is no such corner, or no outline.
    """

    counties: tuple[str, ...]
    names: tuple[tuple[str, float, float], ...]
    shop: XY | None
    ring: float
    spots: tuple[Spot, ...]
    left_out: tuple[int, ...]
    scale: float
    scale_metres: int
    inset: tuple[str, ...]
    inset_here: tuple[float, float, float, float] | None
    inset_at: XY | None


class _Frame:
    """From degrees to the picture: `middle` lies in its centre, `metres` is its width in nature."""

    def __init__(self, middle: Point, metres: float, width: float, height: float) -> None:
        self.middle, self.width, self.height = middle, width, height
        self.per_metre = width / metres
        self._along = METRES_PER_DEGREE * math.cos(math.radians(middle.latitude))

    def at(self, point: Point) -> XY:
        """Where a point stands."""
        x = (point.longitude - self.middle.longitude) * self._along * self.per_metre
        y = (point.latitude - self.middle.latitude) * METRES_PER_DEGREE * self.per_metre
        return self.width / 2 + x, self.height / 2 - y

    def path(self, rings: Iterable[Ring], coarse: float) -> str:
        """The rings as one SVG path, cut off a little outside; points nearer to the last than `coarse` are left out."""
        parts = []
        for ring in rings:
            points = _clipped(
                [self.at(Point(latitude, longitude)) for longitude, latitude in ring], self.width, self.height
            )
            thin = _thinned(points, coarse)
            if len(thin) > 2:
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in thin) + "Z")
        return "".join(parts)


def draw(
    shop: Point | None, cells: Sequence[tuple[Cell, bool]], counties: Sequence[County], ring_metres: int
) -> Plot:
    """The picture of a shop and the cells where its sticker was scanned (each with: far?), numbered from 1."""
    shown = [(number, cell, far) for number, (cell, far) in enumerate(cells, 1) if _is_near(cell, shop)]
    frame = _frame([cell.box for _, cell, _ in shown], shop)
    metres = _scale_of(frame)
    inset, inset_here = _inset(frame, counties)
    spots = tuple(_spot(frame, number, cell, far=far) for number, cell, far in shown)
    at = None if shop is None else frame.at(shop)
    paths = [(county, frame.path(county.rings, 0.6)) for county in counties]
    return Plot(
        counties=tuple(path for _, path in paths if path),
        names=_names(frame, counties),
        shop=at,
        ring=ring_metres * frame.per_metre,
        spots=spots,
        left_out=tuple({*range(1, len(cells) + 1)} - {number for number, _, _ in shown}),
        scale=metres * frame.per_metre,
        scale_metres=metres,
        inset=inset,
        inset_here=inset_here,
        inset_at=_free_corner([*([at] if at else []), *(spot.pin for spot in spots)]) if inset else None,
    )


def _is_near(cell: Cell, shop: Point | None) -> bool:
    if shop is None:
        return True
    up = (cell.centre.latitude - shop.latitude) * METRES_PER_DEGREE
    along = (
        (cell.centre.longitude - shop.longitude) * METRES_PER_DEGREE * math.cos(math.radians(shop.latitude))
    )
    return math.hypot(up, along) <= FARTHEST_METRES


def _frame(boxes: Sequence[Box], shop: Point | None) -> _Frame:
    """Around everything, with a margin, in the picture's proportions."""
    around = list(boxes)
    if shop is not None:
        around.append(Box(shop.latitude, shop.longitude, shop.latitude, shop.longitude))
    if not around:
        around = [Box(0, 0, 0, 0)]
    south, north = min(box.south for box in around), max(box.north for box in around)
    west, east = min(box.west for box in around), max(box.east for box in around)
    middle = Point((south + north) / 2, (west + east) / 2)
    high = (north - south) * METRES_PER_DEGREE
    wide = (east - west) * METRES_PER_DEGREE * math.cos(math.radians(middle.latitude))
    metres = max(wide, high * WIDTH / HEIGHT) / (1 - 2 * MARGIN)
    return _Frame(middle, max(metres, NARROWEST_METRES), WIDTH, HEIGHT)


def _spot(frame: _Frame, number: int, cell: Cell, *, far: bool) -> Spot:
    box = cell.box
    left, top = frame.at(Point(box.north, box.west))
    right, bottom = frame.at(Point(box.south, box.east))
    return Spot(number, round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1), far)


def _scale_of(frame: _Frame) -> int:
    """The longest of the round lengths that takes at most a quarter of the width."""
    fitting = [metres for metres in _SCALES if metres * frame.per_metre <= WIDTH / 4]
    return max(fitting, default=_SCALES[0])


def _names(frame: _Frame, counties: Sequence[County]) -> tuple[tuple[str, float, float], ...]:
    placed = [(county.name, *frame.at(county.label)) for county in counties]
    return tuple(
        (name, round(x, 1), round(y, 1))
        for name, x, y in placed
        if 40 < x < WIDTH - 40 and 30 < y < HEIGHT - 50
    )


def _inset(
    frame: _Frame, counties: Sequence[County]
) -> tuple[tuple[str, ...], tuple[float, float, float, float] | None]:
    """The whole city in small, with the picture's place in it; nothing without outlines."""
    points = [point for county in counties for ring in county.rings for point in ring]
    if not points:
        return (), None
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    middle = Point((south + north) / 2, (west + east) / 2)
    wide = (east - west) * METRES_PER_DEGREE * math.cos(math.radians(middle.latitude))
    high = (north - south) * METRES_PER_DEGREE
    city = _Frame(middle, max(wide, high * INSET_WIDTH / INSET_HEIGHT) * 1.06, INSET_WIDTH, INSET_HEIGHT)
    x, y = city.at(frame.middle)
    width = max(frame.width / frame.per_metre * city.per_metre, 6.0)
    height = max(frame.height / frame.per_metre * city.per_metre, 6.0)
    here = (round(x - width / 2, 1), round(y - height / 2, 1), round(width, 1), round(height, 1))
    paths = tuple(path for county in counties if (path := city.path(county.rings, 1.5)))
    return paths, here


def _free_corner(taken: Sequence[XY]) -> XY | None:
    """The first corner where the inset lies on none of these points; the lower ones are above scale and arrow."""
    right, low = WIDTH - INSET_WIDTH - 10, HEIGHT - INSET_HEIGHT - 60
    for x, y in ((right, 10), (10, 10), (right, low), (10, low)):
        around = 2 * PIN
        if not any(
            x - around <= left <= x + INSET_WIDTH + around and y - around <= top <= y + INSET_HEIGHT + around
            for left, top in taken
        ):
            return float(x), float(y)
    return None


def _thinned(points: Sequence[XY], least: float) -> list[XY]:
    """Without points nearer to the one before than `least`."""
    kept: list[XY] = []
    for point in points:
        if not kept or math.dist(kept[-1], point) >= least:
            kept.append(point)
    return kept


def _clipped(points: list[XY], width: float, height: float) -> list[XY]:
    """The polygon within the picture and a margin around it (Sutherland and Hodgman, 1974)."""
    margin = 20.0
    edges = ((0, -margin, 1), (0, width + margin, -1), (1, -margin, 1), (1, height + margin, -1))
    for axis, limit, side in edges:
        inside = [(point[axis] - limit) * side >= 0 for point in points]
        if all(inside):
            continue
        cut: list[XY] = []
        for place, point in enumerate(points):
            before = points[place - 1]
            if inside[place] != inside[place - 1]:
                part = (limit - before[axis]) / (point[axis] - before[axis])
                cut.append(
                    (before[0] + part * (point[0] - before[0]), before[1] + part * (point[1] - before[1]))
                )
            if inside[place]:
                cut.append(point)
        points = cut
    return points


_WINDS: Final = ("north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west")


def wind(origin: Point, target: Point) -> str:
    """In which of eight directions `target` lies from `origin`. Words: ``copy.wind.<code>``."""
    up = target.latitude - origin.latitude
    along = (target.longitude - origin.longitude) * math.cos(math.radians(origin.latitude))
    return _WINDS[round(math.degrees(math.atan2(along, up)) / 45) % 8]
