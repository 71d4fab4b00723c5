"""Where a sticker was scanned: a coarse cell of a grid, and how far two cells, or a cell and a shop, surely are apart.

Distances lean to the near side, so that no rule says “far” of what may be near:

* a position is known only to lie somewhere in its cell, so the cell's nearest point counts;
* phones and maps in China give positions in one of two reference systems, WGS-84 or the shifted GCJ-02 (“Mars
  coordinates”), and a browser does not say in which: what a shift explains is taken for explained (:class:`Datum`).

Pure. Angles in degrees, lengths in metres, on a sphere; good to a thousandth within a province.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Metres of a degree of latitude on a sphere of the Earth's mean radius, 6 371 008.8 m (IUGG).
METRES_PER_DEGREE: Final = 6_371_008.8 * math.pi / 180
#: Cells are counted in units of a ten-thousandth of a degree.
UNITS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Point:
    """A position, degrees north and east."""

    latitude: float
    longitude: float

    @property
    def is_possible(self) -> bool:
        """False for what is no position: beyond the poles, not a number, and 0° 0°, which stands for “none”."""
        known = math.isfinite(self.latitude) and math.isfinite(self.longitude)
        on_earth = known and abs(self.latitude) <= 90 and abs(self.longitude) <= 180
        return on_earth and (self.latitude, self.longitude) != (0, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the grid: its southern and western edge and its side, all in ten-thousandths of a degree."""

    south: int
    west: int
    size: int

    @property
    def centre(self) -> Point:
        """The middle of the cell."""
        half = self.size / 2
        return Point((self.south + half) / UNITS, (self.west + half) / UNITS)

    @property
    def box(self) -> Box:
        """The cell in degrees."""
        north, east = self.south + self.size, self.west + self.size
        return Box(self.south / UNITS, self.west / UNITS, north / UNITS, east / UNITS)


@dataclass(frozen=True, slots=True)
class Box:
    """Edges in degrees; a point is a box without extent."""

    south: float
    west: float
    north: float
    east: float

    def moved(self, north: float, east: float) -> Box:
        """The box, so many metres to the north and to the east."""
        up = north / METRES_PER_DEGREE
        along = east / (METRES_PER_DEGREE * max(math.cos(math.radians(self.south)), 1e-6))
        return Box(self.south + up, self.west + along, self.north + up, self.east + along)


@dataclass(frozen=True, slots=True)
class Datum:
    """By how many metres GCJ-02 lies beside WGS-84 in this city.

    `slack`: a position that the shift brings so near to the shop is taken for one at the shop in the other system; it
    allows for what differs within the city and for the errors of both positions.
    """

    north: int
    east: int
    slack: int


def cell_of(point: Point, size: int) -> Cell:
    """The cell of the grid of `size` (ten-thousandths of a degree) that `point` lies in."""
    return Cell(
        math.floor(point.latitude * UNITS / size) * size,
        math.floor(point.longitude * UNITS / size) * size,
        size,
    )


@lru_cache(maxsize=10_000)  # each new scan is weighed together with those of two weeks
def least_metres(cell: Cell, point: Point, datum: Datum) -> float:
    """How far a position in `cell` at least is from the registered `point`; as read, unless the shift explains it."""
    return _explained(cell.box, _box(point), datum)


def metres(one: Point, other: Point, datum: Datum) -> float:
    """How far an exact position is from a registered one; as read, unless the shift explains it."""
    return _explained(_box(one), _box(other), datum)


@lru_cache(maxsize=10_000)
def least_apart(one: Cell, other: Cell, datum: Datum) -> float:
    """How far two positions in these cells at least are apart, whichever of the two was given in which system."""
    readings = [one.box, *_shifted(one.box, datum)]
    return min(_between(reading, other.box) for reading in readings)


def side_metres(cell: Cell) -> tuple[float, float]:
    """Height and width of the cell, metres."""
    height = cell.size / UNITS * METRES_PER_DEGREE
    return height, height * math.cos(math.radians(cell.centre.latitude))


def _box(point: Point) -> Box:
    return Box(point.latitude, point.longitude, point.latitude, point.longitude)


def _explained(one: Box, other: Box, datum: Datum) -> float:
    shifted = min(_between(reading, other) for reading in _shifted(one, datum))
    read = _between(one, other)
    return min(read, shifted) if shifted <= datum.slack else read


def _shifted(box: Box, datum: Datum) -> tuple[Box, Box]:
    return box.moved(datum.north, datum.east), box.moved(-datum.north, -datum.east)


def _between(one: Box, other: Box) -> float:
    """From edge to edge; degrees of longitude are taken as short as the northernmost edge makes them."""
    up = max(0.0, other.south - one.north, one.south - other.north)
    along = max(0.0, other.west - one.east, one.west - other.east)
    narrowest = max(abs(edge) for box in (one, other) for edge in (box.south, box.north))
    return METRES_PER_DEGREE * math.hypot(up, along * math.cos(math.radians(min(narrowest, 90.0))))
