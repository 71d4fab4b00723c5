"""Shops by their distance from where somebody stands. The place is used for the answer and kept nowhere.

Looked for in squares that grow until there are enough, by the index of positions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from pyroaring import BitMap

from webapp.core.db import db
from webapp.merchants.models import Shop

from . import queries
from .wanted import Wanted

#: Half the side of the squares, kilometres; nothing farther is near.
REACHES: Final = (0.5, 2.0, 8.0, 30.0)
#: More are not listed: the map is better for that.
MOST: Final = 100
EARTH_KM: Final = 6371.0088
_DEGREE_KM: Final = 111.2


@dataclass(frozen=True)
class Near:
    """Shops with metres to each, the nearest first. `more`: there are others within reach."""

    shops: list[tuple[Shop, int]]
    more: bool = False


def read_place(latitude: str, longitude: str) -> tuple[float, float] | None:
    """The place in degrees of WGS-84, to a thousandth (about a hundred metres: finer is not asked for), or None."""
    try:
        place = (round(float(latitude), 3), round(float(longitude), 3))
    except ValueError:
        return None
    return place if abs(place[0]) <= 85 and abs(place[1]) <= 180 else None  # nan is not


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance (haversine)."""
    south, north = math.radians(one[0]), math.radians(other[0])
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(math.radians(other[1] - one[1]) / 2) ** 2
    return 2000 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def rounded(distance: float) -> int:
    """Metres as they are said: to a hundred, as the place is known no better; beyond ten kilometres to a thousand."""
    step = 100 if distance < 10_000 else 1000
    return max(step, round(distance / step) * step)


def near(wanted: Wanted, place: tuple[float, float]) -> Near:
    """The public shops that fit `wanted`, nearest first."""
    fitting = queries.found(wanted).all()
    found: list[tuple[float, int]] = []
    for reach in REACHES:
        found = _within(fitting, place, reach)
        if len(found) > MOST:
            break
    shops = {shop.id: shop for shop in queries.by_number([shop_id for _, shop_id in found[:MOST]])}
    return Near(
        [(shops[shop_id], rounded(far)) for far, shop_id in found[:MOST] if shop_id in shops],
        len(found) > MOST,
    )


def _within(fitting: BitMap, place: tuple[float, float], kilometres: float) -> list[tuple[float, int]]:
    high = kilometres / _DEGREE_KM
    wide = high / max(0.05, math.cos(math.radians(place[0])))
    statement = sa.select(Shop.id, Shop.latitude, Shop.longitude).where(
        Shop.latitude.between(place[0] - high, place[0] + high),
        Shop.longitude.between(place[1] - wide, place[1] + wide),
    )
    found = [
        (metres(place, (row.latitude, row.longitude)), row.id)
        for row in db.session.execute(statement)
        if row.id in fitting
    ]
    return sorted(pair for pair in found if pair[0] <= kilometres * 1000)
