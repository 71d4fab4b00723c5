"""Opening hours, positions, texts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core import clock
from webapp.core.errors import Invalid
from webapp.merchants import rules
from webapp.merchants.rules import HoursLine


def code_of(hours: dict[str, list[list[str]]]) -> str:
    with pytest.raises(Invalid) as caught:
        rules.opening_hours(hours)
    assert caught.value.field == "hours"
    return caught.value.code


def at(day: int, time: str) -> datetime:
    """A day of the week (1 is Monday 2026-05-04) in China."""
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 5, 3 + day, hour, minute, tzinfo=clock.SHANGHAI)


def test_hours_are_put_in_order_and_closed_days_left_out() -> None:
    raw = {"7": [["14:00", "21:00"], ["9:00", "12：00"]], "2": [], "1": [["０９:00", "24:00"]]}
    assert rules.opening_hours(raw) == {
        "1": [["09:00", "24:00"]],
        "7": [["09:00", "12:00"], ["14:00", "21:00"]],
    }


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({"0": [["09:00", "10:00"]]}, "weekday_unknown"),
        ({"Mon": []}, "weekday_unknown"),
        ({"1": [["09:00"]]}, "time_unreadable"),
        ({"1": [["25:00", "26:00"]]}, "time_unreadable"),
        ({"1": [["24:30", "25:00"]]}, "time_unreadable"),
        ({"1": [["09:60", "10:00"]]}, "time_unreadable"),
        ({"1": [["9", "10"]]}, "time_unreadable"),
        ({"1": [["09:00", "09:00"]]}, "hours_empty"),
        ({"1": [["24:00", "02:00"]]}, "hours_empty"),
        ({"1": [["09:00", "12:00"], ["11:59", "13:00"]]}, "hours_overlap"),
        ({"1": [["18:00", "02:00"]], "2": [["01:00", "05:00"]]}, "hours_overlap"),
        ({"7": [["18:00", "02:00"]], "1": [["01:00", "05:00"]]}, "hours_overlap"),
        (
            {"1": [["01:00", "02:00"], ["03:00", "04:00"], ["05:00", "06:00"], ["07:00", "08:00"]]},
            "hours_too_many",
        ),
    ],
)
def test_hours_that_cannot_be_are_refused(hours: dict[str, list[list[str]]], code: str) -> None:
    assert code_of(hours) == code


def test_hours_that_touch_are_no_overlap() -> None:
    every = {str(day): [["00:00", "24:00"]] for day in range(1, 8)}
    assert rules.opening_hours(every) == every
    night = {str(day): [["18:00", "09:00"], ["09:00", "18:00"]] for day in range(1, 8)}
    assert len(rules.opening_hours(night)["1"]) == 2


@pytest.mark.parametrize(
    ("day", "time", "is_open"),
    [
        (1, "08:59", False),
        (1, "09:00", True),
        (1, "11:59", True),
        (1, "12:00", False),
        (5, "17:59", False),
        (5, "23:59", True),
        (6, "01:59", True),
        (6, "02:00", False),
        (7, "12:00", False),
        (1, "01:00", False),
    ],
)
def test_open_now(day: int, time: str, *, is_open: bool) -> None:
    hours = {"1": [["09:00", "12:00"]], "5": [["18:00", "02:00"]]}
    assert rules.is_open(hours, at(day, time)) is is_open


def test_the_last_minute_of_a_day_that_closes_at_24() -> None:
    assert rules.is_open({"1": [["09:00", "24:00"]]}, at(1, "23:59"))
    assert not rules.is_open({"1": [["09:00", "24:00"]]}, at(2, "00:00"))


def test_neighbouring_days_with_the_same_hours_share_a_line() -> None:
    hours = {str(day): [["09:00", "18:00"]] for day in range(1, 6)} | {"7": [["10:00", "16:00"]]}
    assert rules.grouped(hours) == [
        HoursLine(1, 5, (("09:00", "18:00"),)),
        HoursLine(6, 6, ()),
        HoursLine(7, 7, (("10:00", "16:00"),)),
    ]
    assert rules.grouped({}) == []


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("09:00-12:00 14:00-21:00", [["09:00", "12:00"], ["14:00", "21:00"]]),
        ("９：００—１２：００、14:00至21:00", [["09:00", "12:00"], ["14:00", "21:00"]]),
        ("9:00 ~ 21:00", [["09:00", "21:00"]]),
        ("18:00到02:00", [["18:00", "02:00"]]),
        ("9：00～12：00，14：00至21：30", [["09:00", "12:00"], ["14:00", "21:30"]]),
        ("00:00-24:00", [["00:00", "24:00"]]),
        ("早9点到晚9点", [["09:00", "21:00"]]),
        ("上午９点半至中午12点，下午2点-晚上10点一刻", [["09:30", "12:00"], ["14:00", "22:15"]]),
        ("9点-21点30", [["09:00", "21:30"]]),
        ("晚上6点到凌晨2点", [["18:00", "02:00"]]),
        ("下午5:30到晚12点", [["17:30", "24:00"]]),
        ("中午11点到次日1点半", [["11:00", "01:30"]]),
        ("  ", []),
    ],
)
def test_hours_as_people_type_them(typed: str, spans: list[list[str]]) -> None:
    assert rules.read_spans(typed) == spans
    assert rules.read_spans(rules.spans_text(spans)) == spans


@pytest.mark.parametrize(
    "typed",
    [
        "九点到五点",
        "9点到5点",
        "2点到8点",
        "晚25点到26点",
        "早9点到晚9",
        "09:00",
        "25:00-26:00",
        "24:30-25:00",
        "09:00-09:00",
        "9-21",
        "09:00-21:00-22:00",
    ],
)
def test_hours_that_cannot_be_read(typed: str) -> None:
    with pytest.raises(Invalid):
        rules.read_spans(typed)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_hours_or_a_clear_no(typed: str) -> None:
    outcome = "read"
    try:
        rules.read_spans(typed)
    except Invalid as error:
        outcome = error.code
    assert outcome in {"read", "time_unreadable", "hours_empty", "hours_overlap", "hours_too_many"}


@pytest.mark.parametrize(
    ("latitude", "longitude", "outcome"),
    [
        (None, None, None),
        (38.86211234, 115.4, (38.862112, 115.4)),
        (None, 115.4, "position_half"),
        (38.8, None, "position_half"),
        (115.4, 38.8, "position_outside"),
        (float("nan"), 115.4, "position_outside"),
        (38.8, float("inf"), "position_outside"),
        (2.9, 115.0, "position_outside"),
        (54.1, 115.0, "position_outside"),
    ],
)
def test_positions(latitude: float | None, longitude: float | None, outcome: object) -> None:
    if isinstance(outcome, str):
        with pytest.raises(Invalid, match=outcome):
            rules.position(latitude, longitude)
    else:
        assert rules.position(latitude, longitude) == outcome


def test_texts_lose_blanks_and_control_characters() -> None:
    assert rules.plain_text(" 老\t槐\u202e树\x00  面馆 ", "name", 20, required=True) == "老 槐 树 面馆"
    assert rules.plain_text(None, "branch", 5, required=False) == ""
    with pytest.raises(Invalid, match="required"):
        rules.plain_text("\u200b \x07", "name", 5, required=True)
    with pytest.raises(Invalid, match="too_long"):
        rules.plain_text("123456", "name", 5, required=True)
