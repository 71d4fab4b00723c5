"""What is said to somebody who lets us look at the phone's position, and what is read of a form."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.copied_city import limits
from webapp.copies.checking import (
    NO_FIX,
    Answer,
    Fix,
    Verdict,
    answer,
    is_worth_keeping,
    read_fix,
    rounded,
    unanswerable,
)
from webapp.copies.geography import METRES_PER_DEGREE, Point
from webapp.stickers.rules import StickerPlace

LIMITS = limits()
SHOP = Point(38.8621, 115.4932)
DOOR = StickerPlace.DOOR


def fix(north: float, accuracy: float = 20, east: float = 0) -> Fix:
    along = METRES_PER_DEGREE * math.cos(math.radians(SHOP.latitude))
    return Fix(Point(SHOP.latitude + north / METRES_PER_DEGREE, SHOP.longitude + east / along), accuracy)


@pytest.mark.parametrize(
    ("given_fix", "expected"),
    [
        (fix(0), Answer(Verdict.HERE, 10)),
        (fix(90), Answer(Verdict.HERE, 90)),
        (fix(119, 20), Answer(Verdict.HERE, 120)),  # the circle still touches the door's surroundings
        (fix(125, 20), Answer(Verdict.AWAY, 130)),
        (fix(-1240, 20), Answer(Verdict.AWAY, 1200)),
        (fix(80_400, 3000), Answer(Verdict.AWAY, 80_000)),  # rough, yet surely not here
        (fix(50, 101), Answer(Verdict.CANNOT_SAY, 100, "rough")),
        (fix(1500, 2000), Answer(Verdict.CANNOT_SAY, 2000, "rough")),
        (fix(100, 20, 540), Answer(Verdict.HERE, 10)),  # the phone speaks the other reference system
    ],
)
def test_at_the_shop_away_or_not_to_be_said(given_fix: Fix, expected: Answer) -> None:
    assert answer(given_fix, "", DOOR, SHOP, LIMITS) == expected


@pytest.mark.parametrize("why", NO_FIX)
def test_without_a_position_it_says_why(why: str) -> None:
    assert answer(None, why, DOOR, SHOP, LIMITS) == Answer(Verdict.CANNOT_SAY, why=why)


def test_a_made_up_reason_is_not_repeated() -> None:
    assert answer(None, "<b>", DOOR, SHOP, LIMITS) == Answer(Verdict.CANNOT_SAY, why="missing")


@pytest.mark.parametrize(
    ("place", "shop", "why"),
    [
        (StickerPlace.RECEIPT, SHOP, "moves_receipt"),
        (StickerPlace.VEHICLE, SHOP, "moves_vehicle"),
        (StickerPlace.VEHICLE, None, "moves_vehicle"),
        (DOOR, None, "no_shop_position"),
    ],
)
def test_some_stickers_no_position_can_tell_of(place: StickerPlace, shop: Point | None, why: str) -> None:
    assert unanswerable(place, shop) == why
    assert answer(fix(0), "", place, shop, LIMITS) == Answer(Verdict.CANNOT_SAY, why=why)


@given(st.floats(-3000, 3000), st.floats(-3000, 3000), st.floats(0, 500))
def test_away_is_never_said_of_who_may_be_at_the_door(north: float, east: float, accuracy: float) -> None:
    found = answer(fix(north, accuracy, east), "", DOOR, SHOP, LIMITS)
    if math.hypot(north, east) <= accuracy + LIMITS.near_metres - 1:
        assert found.verdict is not Verdict.AWAY
    if accuracy > LIMITS.sharp_metres:
        assert found.verdict is not Verdict.HERE


def test_only_a_sharp_position_is_evidence() -> None:
    assert is_worth_keeping(fix(9000, 150), LIMITS)
    assert not is_worth_keeping(fix(9000, 150.1), LIMITS)


@pytest.mark.parametrize(
    ("exact", "said"),
    [
        (0, 10),
        (4, 10),
        (14, 10),
        (15, 20),
        (199, 200),
        (226, 250),
        (980, 1000),
        (1049, 1000),
        (9940, 9900),
        (12_600, 13_000),
    ],
)
def test_metres_as_people_say_them(exact: float, said: int) -> None:
    assert rounded(exact) == said


def test_a_fix_as_browsers_write_it() -> None:
    assert read_fix("38.86", "115.49", "12.5") == Fix(Point(38.86, 115.49), 12.5)
    assert read_fix(" -38.86 ", "1.1549e+2", "5e-7") == Fix(Point(-38.86, 115.49), 5e-7)


@pytest.mark.parametrize(
    "texts",
    [
        ("", "", ""),
        ("38.86", "115.49", ""),
        ("nan", "115.49", "1"),
        ("38.86", "inf", "1"),
        ("38.86", "115.49", "1e400"),
        ("38.86", "115.49", "-1"),
        ("91", "115.49", "1"),
        ("0", "0", "1"),
        ("3_8", "115.49", "1"),
        ("３８", "115.49", "1"),
        ("38.86; drop", "115.49", "1"),
        ("0x26", "115.49", "1"),
    ],
)
def test_anything_else_is_no_fix(texts: tuple[str, str, str]) -> None:
    assert read_fix(*texts) is None


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_reading(latitude: str, longitude: str, accuracy: str) -> None:
    found = read_fix(latitude, longitude, accuracy)
    assert found is None or found.point.is_possible
