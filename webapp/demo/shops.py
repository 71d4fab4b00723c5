"""Shops (门店): what a passer-by can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.names import Trade
from webapp.demo.people import draw_phone
from webapp.demo.places import Street, draw_position

OpeningHours = Mapping[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Place:
    """One spot: the street it is in, the address as written, and its position in WGS-84 degrees."""

    street: Street
    road: str
    address: str
    latitude: float
    longitude: float


@cache
def opening_hours(key: str) -> OpeningHours:
    """Weekday "1" to "7" to spans of ["HH:MM", "HH:MM"]; shared by all shops that keep the same hours: read
    only.
    """
    row = next(row for row in words.table("hours.csv") if row["key"] == key)
    spans = {name: [span.split("-") for span in row[name].split()] for name in ("weekday", "weekend")}
    return MappingProxyType({str(day): spans["weekday" if day < 6 else "weekend"] for day in range(1, 8)})


def draw_place(draw: Draw, street: Street) -> Place:
    """A door on one of the street's roads."""
    road = draw.choice(street.roads)
    number = draw.between(1, 398)
    unit = draw.between(1, 26)
    phrases = words.phrases()
    pattern = phrases["address_unit" if draw.chance(350) else "address"]
    # A county-level city is written straight after the province.
    city = "" if street.county.endswith(phrases["city_ending"]) else phrases["city"]
    address = pattern.format(
        city=city, county=street.county, street=street.name, road=road, number=number, unit=unit
    )
    latitude, longitude = draw_position(draw, street)
    return Place(street, road, address, latitude, longitude)


def shop_name(draw: Draw, brand: str, trade: Trade) -> str:
    """What the sign says."""
    return brand + draw.choice(trade.suffixes)


def branch_name(place: Place, *, is_first: bool) -> str:
    """Which shop of several: the main one, or the one on a road."""
    phrases = words.phrases()
    return phrases["main_branch"] if is_first else phrases["branch"].format(road=place.road)


def shop_phone(draw: Draw) -> str:
    """The public number, E.164."""
    return draw_phone(draw)
