"""Cells and distances: never farther than the truth, whichever reference system a position was given in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.copies.geography import (
    Cell,
    Datum,
    Point,
    cell_of,
    least_apart,
    least_metres,
    metres,
    side_metres,
)

PLAIN = Datum(0, 0, 0)
BAODING = Datum(100, 540, 250)
SHOP = Point(38.8621, 115.4932)

latitudes = st.floats(38.2, 39.9)
longitudes = st.floats(113.9, 116.3)
points = st.builds(Point, latitudes, longitudes)
sizes = st.sampled_from([5, 10, 25, 50, 100])


def true_metres(one: Point, other: Point) -> float:
    """The great circle, by the haversine formula."""
    up, along = (math.radians(other.latitude - one.latitude), math.radians(other.longitude - one.longitude))
    chord = math.sin(up / 2) ** 2 + math.cos(math.radians(one.latitude)) * math.cos(
        math.radians(other.latitude)
    ) * (math.sin(along / 2) ** 2)
    return 2 * 6_371_008.8 * math.asin(math.sqrt(chord))


def beside(point: Point, north: float, east: float) -> Point:
    along = 111_195.08 * math.cos(math.radians(point.latitude))
    return Point(point.latitude + north / 111_195.08, point.longitude + east / along)


@given(points, sizes)
def test_a_point_lies_in_its_cell_and_the_cell_on_the_grid(point: Point, size: int) -> None:
    cell = cell_of(point, size)
    box = cell.box
    assert box.south - 1e-9 <= point.latitude <= box.north + 1e-9
    assert box.west - 1e-9 <= point.longitude <= box.east + 1e-9
    assert cell.south % size == cell.west % size == 0


@given(points, points, sizes)
def test_a_cell_is_never_said_to_be_farther_than_the_position_in_it(
    one: Point, other: Point, size: int
) -> None:
    allowed = true_metres(one, other) * 1.002 + 0.1  # a sphere drawn flat, over at most 250 km
    assert least_metres(cell_of(one, size), other, PLAIN) <= allowed
    assert least_apart(cell_of(one, size), cell_of(other, size), PLAIN) <= allowed
    assert metres(one, other, PLAIN) <= allowed


@given(points, st.floats(-20_000, 20_000), st.floats(-20_000, 20_000), sizes)
def test_a_cell_loses_no_more_than_its_diagonal(one: Point, north: float, east: float, size: int) -> None:
    other = beside(one, north, east)
    height, width = side_metres(cell_of(one, size))
    lost = true_metres(one, other) - least_metres(cell_of(one, size), other, PLAIN)
    assert lost <= math.hypot(height, width) + 0.005 * true_metres(one, other) + 0.1


@given(points, points)
def test_distances_are_the_same_from_both_sides(one: Point, other: Point) -> None:
    first, second = cell_of(one, 25), cell_of(other, 25)
    there, back = least_apart(first, second, BAODING), least_apart(second, first, BAODING)
    assert there == pytest.approx(back, abs=1.0, rel=0.002)


@given(points, st.floats(-65, 65), st.sampled_from([1, -1]))
def test_a_position_in_the_other_system_is_at_the_shop(shop: Point, off: float, sign: int) -> None:
    """A phone, or a shop's registered position, shifted as GCJ-02 shifts it, with what differs within the city."""
    seen = beside(shop, sign * (100 + off / 2), sign * (540 + off / 2))
    assert metres(seen, shop, BAODING) < 50
    assert least_metres(cell_of(seen, 25), shop, BAODING) == pytest.approx(0, abs=50)
    assert metres(seen, shop, PLAIN) > 400


@given(points, points)
def test_two_cells_are_as_near_as_any_reading_makes_them(one: Point, other: Point) -> None:
    first, second = cell_of(one, 25), cell_of(other, 25)
    plain = least_apart(first, second, PLAIN)
    assert plain - 560 <= least_apart(first, second, BAODING) <= plain


def test_what_is_far_is_far_in_every_reading() -> None:
    assert least_metres(cell_of(beside(SHOP, 3000, 0), 25), SHOP, BAODING) > 2500
    assert least_metres(cell_of(beside(SHOP, 0, -2500), 25), SHOP, BAODING) > 1500
    # East of the shop by the shift and a little: it may be a shifted phone at the door. Farther it is none.
    assert least_metres(cell_of(beside(SHOP, 100, 750), 25), SHOP, BAODING) <= 250
    assert least_metres(cell_of(beside(SHOP, 100, 1100), 25), SHOP, BAODING) > 500


def test_the_cell_in_use_is_two_streets_wide() -> None:
    height, width = side_metres(cell_of(SHOP, 25))
    assert (round(height), round(width)) == (278, 216)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(0.0, 0.0), (90.1, 1.0), (-91.0, 1.0), (1.0, 180.5), (math.nan, 1.0), (1.0, math.inf)],
)
def test_what_is_no_position(latitude: float, longitude: float) -> None:
    assert not Point(latitude, longitude).is_possible
    assert SHOP.is_possible


def test_cells_below_zero_keep_their_size() -> None:
    cell = cell_of(Point(-0.00001, -0.00001), 25)
    assert cell == Cell(-25, -25, 25)
