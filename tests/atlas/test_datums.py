"""Coordinate systems: known places, ways there and back, what lies outside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.atlas import datums
from webapp.atlas.datums import Datum

MAINLAND = st.tuples(st.floats(20, 50), st.floats(76, 132))


def metres(first: datums.Place, second: datums.Place) -> float:
    north = (first[0] - second[0]) * 111_320
    return math.hypot(north, (first[1] - second[1]) * 111_320 * math.cos(math.radians(first[0])))


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_known_places(wgs: datums.Place, gcj: datums.Place) -> None:
    assert datums.to_gcj(wgs) == pytest.approx(gcj, abs=1e-9)


@given(MAINLAND, st.sampled_from(Datum), st.sampled_from(Datum))
def test_there_and_back_is_the_same_place(place: datums.Place, one: Datum, other: Datum) -> None:
    assert metres(datums.convert(datums.convert(place, one, other), other, one), place) < 0.01


@given(MAINLAND)
def test_how_far_they_lie_apart(place: datums.Place) -> None:
    gcj, bd = (datums.convert(place, Datum.WGS84, one) for one in (Datum.GCJ02, Datum.BD09))
    assert 10 < metres(place, gcj) < 1100
    assert 300 < metres(gcj, bd) < 1400


@pytest.mark.parametrize("place", [(48.86, 2.35), (-33.9, 151.2), (40.7, -74.0)])
def test_outside_nothing_is_put_out_of_place(place: datums.Place) -> None:
    assert datums.to_gcj(place) == datums.from_gcj(place) == place
