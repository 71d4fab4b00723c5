"""What part of the map is asked for, and the cells that shops are gathered in. Pure; WGS-84 degrees."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

ZOOM_LEAST, ZOOM_MOST = 5, 19
#: From here on shops are shown one by one, however many.
ZOOM_SINGLE: Final = 17
#: A cell's side in dots on the screen; Leaflet's tiles have 256.
CELL_DOTS: Final = 80
TILE_DOTS: Final = 256
#: Fewer shops than this in view are shown one by one at any zoom.
SINGLE_MOST: Final = 40
_FARTHEST: Final = 85.0
#: Mercator: a degree of latitude is longer on the screen than one of longitude; at 39° by 1 / cos 39°.
NARROW: Final = 0.777
#: A cell's row and column of its zoom.
Spot: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """What is in view."""

    south: float
    west: float
    north: float
    east: float

    def has(self, latitude: float, longitude: float) -> bool:
        """Whether a place lies in it."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


def read_box(text: str) -> Box | None:
    """The box of "south,west,north,east"; None when that is no box."""
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        return None
    south, west, north, east = numbers
    if not (-_FARTHEST <= south < north <= _FARTHEST and -180 <= west < east <= 180):
        return None
    return Box(south, west, north, east)


def read_zoom(text: str) -> int:
    """The zoom asked for, within what there is."""
    return (
        min(max(int(text), ZOOM_LEAST), ZOOM_MOST)
        if text.isascii() and text.isdigit() and len(text) < 3
        else 10
    )


def cell_degrees(zoom: int) -> float:
    """The side of a cell in degrees of longitude: `CELL_DOTS` on the screen at that zoom."""
    return float(360.0 * CELL_DOTS / (TILE_DOTS * 2**zoom))


@dataclass(frozen=True)
class Cell:
    """Shops gathered: their middle, how many, the box they lie in, and the number of the only one (else None)."""

    latitude: float
    longitude: float
    count: int
    box: Box
    shop_id: int | None


def folded(cells: Mapping[Spot, Cell], steps: int) -> list[Cell]:
    """The cells `steps` zooms farther out: each is two by two of the next zoom in, its middle that of all its shops."""
    together: dict[Spot, list[Cell]] = {}
    for (row, column), cell in cells.items():
        together.setdefault((row >> steps, column >> steps), []).append(cell)
    return [part[0] if len(part) == 1 else _joined(part) for part in together.values()]


def _joined(part: list[Cell]) -> Cell:
    count = sum(cell.count for cell in part)
    latitude = sum(cell.latitude * cell.count for cell in part) / count
    longitude = sum(cell.longitude * cell.count for cell in part) / count
    south, west = min(cell.box.south for cell in part), min(cell.box.west for cell in part)
    north, east = max(cell.box.north for cell in part), max(cell.box.east for cell in part)
    return Cell(latitude, longitude, count, Box(south, west, north, east), None)


def within(cells: Iterable[Cell], box: Box) -> list[Cell]:
    """The cells whose middle is in view, the largest first."""
    found = [cell for cell in cells if box.has(cell.latitude, cell.longitude)]
    return sorted(found, key=lambda cell: (-cell.count, cell.latitude, cell.longitude))
