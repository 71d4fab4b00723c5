"""Where shops stand: counties and streets of Baoding with their weight, roads and centre."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.demo import words
from webapp.demo.draw import Draw

REGIONS_CSV = Path(__file__).parent.parent / "regions" / "gb2260_baoding.csv"
# The two inner districts hold far more shops than a county: tickets per street in the draw.
INNER_DISTRICTS = {"130602": 9, "130606": 9}
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Street:
    """A street, town or township (GB/T 2260 with GB/T 10114, nine digits) and what a shop in it needs.

    `latitude`, `longitude`: its centre in WGS-84 degrees; shops stand within `radius_m` metres of it.
    """

    code: str
    name: str
    county_code: str
    county: str
    station: str
    latitude: float
    longitude: float
    radius_m: int
    roads: tuple[str, ...]


@cache
def streets() -> tuple[Street, ...]:
    """Every street of the regions file that a station serves, in code order."""
    with REGIONS_CSV.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = {row["code"]: row["name"] for row in rows}
    roads: dict[str, list[str]] = {}
    for row in words.table("roads.csv"):
        roads.setdefault(row["region"], []).append(row["road"])
    return tuple(
        Street(
            code=row["code"],
            name=row["name"],
            county_code=row["parent"],
            county=names[row["parent"]],
            station=row["station"],
            latitude=float(row["lat"]),
            longitude=float(row["lng"]),
            radius_m=int(row["radius_m"]),
            roads=tuple(roads.get(row["parent"], roads["*"])),
        )
        for row in rows
        if row["level"] == "street"
    )


@cache
def _tickets() -> tuple[Street, ...]:
    return tuple(street for street in streets() for _ in range(INNER_DISTRICTS.get(street.county_code, 4)))


def draw_street(draw: Draw) -> Street:
    """A street, the inner districts' ones more often."""
    return draw.choice(_tickets())


def draw_position(draw: Draw, street: Street) -> tuple[float, float]:
    """Latitude and longitude (WGS-84, five decimals: about a metre) inside the street's circle, denser in
    its middle.
    """
    distance = street.radius_m * draw.fraction() / _METRES_PER_DEGREE
    angle = draw.fraction() * math.tau
    latitude = street.latitude + distance * math.sin(angle)
    longitude = street.longitude + distance * math.cos(angle) / math.cos(math.radians(street.latitude))
    return round(latitude, 5), round(longitude, 5)
