"""The map's figures: what is shown lies in the picture, in its right place and size; what is too far is told apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.copies import plot
from webapp.copies.geography import Cell, Point, cell_of
from webapp.copies.plot import HEIGHT, WIDTH, County, draw, wind

SHOP = Point(38.8621, 115.4932)
SQUARE = County(
    "莲池区",
    Point(38.86, 115.50),
    (((115.0, 38.5), (116.0, 38.5), (116.0, 39.3), (115.0, 39.3), (115.0, 38.5)),),
)
points = st.builds(Point, st.floats(38.3, 39.8), st.floats(114.0, 116.2))


def cell(north: float, east: float) -> Cell:
    along = 111_195 * math.cos(math.radians(SHOP.latitude))
    return cell_of(Point(SHOP.latitude + north / 111_195, SHOP.longitude + east / along), 25)


@given(points, st.lists(points, max_size=8))
def test_everything_shown_lies_in_the_picture(shop: Point, places: list[Point]) -> None:
    picture = draw(shop, [(cell_of(place, 25), True) for place in places], [SQUARE], 500)
    assert picture.shop is not None
    assert 0 <= picture.shop[0] <= WIDTH
    assert 0 <= picture.shop[1] <= HEIGHT
    for spot in picture.spots:
        assert 0 <= spot.x <= spot.x + spot.width <= WIDTH
        assert 0 <= spot.y <= spot.y + spot.height <= HEIGHT
    assert len(picture.spots) + len(picture.left_out) == len(places)
    assert 0 < picture.scale <= WIDTH / 4


def test_north_is_up_and_east_is_right() -> None:
    picture = draw(SHOP, [(cell(3000, 0), True), (cell(0, 3000), True)], [], 500)
    north, east = picture.spots
    assert picture.shop is not None
    assert north.y + north.height < picture.shop[1]
    assert east.x > picture.shop[0]
    assert abs(north.x + north.width / 2 - picture.shop[0]) < 20


def test_lengths_agree_with_the_scale_bar() -> None:
    picture = draw(SHOP, [(cell(0, 6000), True)], [], 500)
    unit = picture.scale / picture.scale_metres
    assert picture.ring == pytest.approx(500 * unit)
    assert picture.shop is not None
    assert picture.spots[0].x + picture.spots[0].width / 2 - picture.shop[0] == pytest.approx(
        6000 * unit, abs=150 * unit
    )
    assert picture.spots[0].height == pytest.approx(278 * unit, rel=0.05)


def test_a_shop_alone_shows_the_ring_of_the_rule() -> None:
    picture = draw(SHOP, [], [], 500)
    assert picture.shop == (WIDTH / 2, HEIGHT / 2)
    assert 100 < picture.ring < HEIGHT / 2
    assert picture.inset == ()
    assert picture.inset_here is None


def test_what_is_in_another_province_is_left_to_the_words() -> None:
    picture = draw(SHOP, [(cell(3000, 0), True), (cell_of(Point(23.1, 113.3), 25), True)], [SQUARE], 500)
    assert picture.left_out == (2,)
    assert [spot.number for spot in picture.spots] == [1]


def test_without_the_shops_position_the_cells_are_shown() -> None:
    picture = draw(None, [(cell(0, 0), False)], [], 500)
    assert picture.shop is None
    assert len(picture.spots) == 1


def test_outlines_are_cut_at_the_picture_and_named() -> None:
    near = draw(SHOP, [], [SQUARE], 500)
    assert len(near.counties) == 1
    assert [name for name, _, _ in near.names] == ["莲池区"]
    assert near.inset_here is not None
    for path in near.counties:
        numbers = [float(text) for pair in path.strip("MZ").split("L") for text in pair.split()]
        assert max(map(abs, numbers)) <= WIDTH + 20.1


def test_an_outline_far_away_is_not_drawn() -> None:
    away = County("别处", Point(36, 110), (((110.0, 36.0), (110.5, 36.0), (110.5, 36.5), (110.0, 36.0)),))
    picture = draw(SHOP, [], [away], 500)
    assert picture.counties == ()
    assert picture.names == ()


@pytest.mark.parametrize(
    ("north", "east", "word"),
    [
        (1, 0, "north"),
        (1, 1, "north_east"),
        (0, 1, "east"),
        (-1, 1, "south_east"),
        (-1, 0, "south"),
        (-1, -1, "south_west"),
        (0, -1, "west"),
        (1, -1, "north_west"),
        (1, 0.3, "north"),
        (0.1, -1, "west"),
    ],
)
def test_directions(north: float, east: float, word: str) -> None:
    along = math.cos(math.radians(SHOP.latitude))
    assert wind(SHOP, Point(SHOP.latitude + north / 100, SHOP.longitude + east / 100 / along)) == word


def test_a_pin_stands_at_the_corner_of_its_cell() -> None:
    assert plot.Spot(1, 100, 100, 80, 90, far=True).pin == (184, 96)


@given(st.lists(points, max_size=6))
def test_the_small_map_hides_no_pin(places: list[Point]) -> None:
    picture = draw(SHOP, [(cell_of(place, 25), True) for place in places], [SQUARE], 500)
    if picture.inset_at is None:
        return
    left, top = picture.inset_at
    assert picture.shop is not None
    for x, y in [picture.shop, *(spot.pin for spot in picture.spots)]:
        assert not (left < x < left + plot.INSET_WIDTH and top < y < top + plot.INSET_HEIGHT)


def test_a_crowded_map_has_no_small_one() -> None:
    around = [cell(north, east) for north in (-4000, 4000) for east in (-7000, 7000)]
    assert draw(SHOP, [(one, True) for one in around], [SQUARE], 500).inset_at is None
    assert draw(SHOP, [(around[0], True)], [SQUARE], 500).inset_at is not None
