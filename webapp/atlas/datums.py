"""Positions in the three coordinate systems of maps in China. Pure; degrees, latitude first.

WGS-84 is what receivers give and what is stored here. GCJ-02 (国测局坐标) is WGS-84 put out of place by a published
function of the position, used by AMap and Tencent; BD-09 puts it out of place once more, for Baidu. Outside of the
mainland's frame GCJ-02 is WGS-84. The functions are the widely known ones; the way back is found by iteration and is
exact to a millimetre, where the usual one-step way back errs by up to some metres.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from typing import Final, TypeAlias

Place: TypeAlias = tuple[float, float]

#: The Krasovsky 1940 ellipsoid: half axis in metres, first eccentricity squared.
_AXIS: Final = 6_378_245.0
_ECCENTRICITY: Final = 0.00669342162296594323
_BAIDU: Final = math.pi * 3000.0 / 180.0
#: Degrees below which the iteration stops: a tenth of a millimetre.
_CLOSE: Final = 1e-9
_ROUNDS: Final = 30


class Datum(enum.StrEnum):
    """A coordinate system."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def convert(place: Place, source: Datum, target: Datum) -> Place:
    """`place` of one system in another."""
    if source is target:
        return place
    middle = _TO_GCJ[source](place)
    return _FROM_GCJ[target](middle)


def to_gcj(place: Place) -> Place:
    """WGS-84 to GCJ-02."""
    if not _in_frame(place):
        return place
    north, east = _shift(place)
    return place[0] + north, place[1] + east


def from_gcj(place: Place) -> Place:
    """GCJ-02 to WGS-84, by iteration."""
    if not _in_frame(place):
        return place
    guess = place
    for _ in range(_ROUNDS):
        seen = to_gcj(guess)
        error = (seen[0] - place[0], seen[1] - place[1])
        guess = (guess[0] - error[0], guess[1] - error[1])
        if max(map(abs, error)) < _CLOSE:
            break
    return guess


def to_bd(place: Place) -> Place:
    """GCJ-02 to BD-09."""
    latitude, longitude = place
    away = math.hypot(longitude, latitude) + 0.00002 * math.sin(latitude * _BAIDU)
    angle = math.atan2(latitude, longitude) + 0.000003 * math.cos(longitude * _BAIDU)
    return away * math.sin(angle) + 0.006, away * math.cos(angle) + 0.0065


def from_bd(place: Place) -> Place:
    """BD-09 to GCJ-02, by iteration."""
    guess = (place[0] - 0.006, place[1] - 0.0065)
    for _ in range(_ROUNDS):
        seen = to_bd(guess)
        error = (seen[0] - place[0], seen[1] - place[1])
        guess = (guess[0] - error[0], guess[1] - error[1])
        if max(map(abs, error)) < _CLOSE:
            break
    return guess


def _in_frame(place: Place) -> bool:
    return 0.8293 <= place[0] <= 55.8271 and 72.004 <= place[1] <= 137.8347


def _shift(place: Place) -> Place:
    latitude, longitude = place
    x, y = longitude - 105.0, latitude - 35.0
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    root = math.sqrt(abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (waves + _swing(y, 20.0, 40.0) + _long(y, 160.0, 320.0, 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    wide = 150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)
    east += (waves + _swing(x, 20.0, 40.0) + wide) * 2.0 / 3.0
    angle = math.radians(latitude)
    bulge = 1 - _ECCENTRICITY * math.sin(angle) ** 2
    metres_north = _AXIS * (1 - _ECCENTRICITY) / (bulge * math.sqrt(bulge)) * math.pi / 180.0
    metres_east = _AXIS / math.sqrt(bulge) * math.cos(angle) * math.pi / 180.0
    return north / metres_north, east / metres_east


def _swing(at: float, short: float, long: float) -> float:
    return short * math.sin(at * math.pi) + long * math.sin(at / 3.0 * math.pi)


def _long(at: float, first: float, second: float, period: float) -> float:
    return first * math.sin(at / 12.0 * math.pi) + second * math.sin(at * math.pi / period)


def _same(place: Place) -> Place:
    return place


_TO_GCJ: Final[dict[Datum, Callable[[Place], Place]]] = {
    Datum.WGS84: to_gcj,
    Datum.GCJ02: _same,
    Datum.BD09: from_bd,
}
_FROM_GCJ: Final[dict[Datum, Callable[[Place], Place]]] = {
    Datum.WGS84: from_gcj,
    Datum.GCJ02: _same,
    Datum.BD09: to_bd,
}
