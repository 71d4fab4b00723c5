"""The demo city's scans: plausible, few rows, hours and days that agree."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from webapp.core import clock
from webapp.demo.city import make_shop
from webapp.demo.plan import Plan, plan
from webapp.demo.scans import LONG, LONG_HOUR_DAYS, scans_for

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # half past two in China
TODAY = date(2026, 11, 20)
Rows = list[dict[str, Any]]


def scans(index: int) -> tuple[Plan, Rows, Rows]:
    shop = make_shop(7, index, TODAY)
    course = plan(7, shop, TODAY)
    return course, *scans_for(7, shop, index + 1, course, NOW)


@pytest.mark.parametrize("index", [*range(0, LONG, 2), LONG, 50, 51, 52, 999])
def test_days_are_the_sums_of_their_hours(index: int) -> None:
    course, hours, days = scans(index)
    summed: Counter[tuple[str, int]] = Counter()
    for row in hours:
        assert row["count"] > 0
        assert 0 <= row["hour"] < (14 if row["day"] == TODAY.isoformat() else 24), "not in the future"
        summed[row["day"], row["serial"]] += row["count"]
    oldest_hour = (TODAY - timedelta(days=LONG_HOUR_DAYS - 1)).isoformat()
    told = {(row["day"], row["serial"]): row["count"] for row in days if row["day"] >= oldest_hour}
    assert told == summed
    assert min(row["day"] for row in days) >= clock.day_of(course.approved_at).isoformat()


def test_the_first_shops_have_a_year_and_the_others_few_rows() -> None:
    longest = max((scans(index) for index in range(LONG)), key=lambda made: len(made[2]))
    assert len({row["day"] for row in longest[2]}) > 250
    assert {row["serial"] for row in longest[2]} >= {1, 2}
    assert all(len(hours) + len(days) <= 180 for _, hours, days in (scans(index) for index in range(40, 60)))


def test_a_replaced_sticker_is_followed_by_its_successor() -> None:
    index = next(index for index in range(LONG, 300) if scans(index)[0].replaced_sticker)
    _, hours, _ = scans(index)
    swapped = (TODAY - timedelta(days=9)).isoformat()
    assert {row["serial"] for row in hours if row["day"] >= swapped} == {3}
    assert {row["serial"] for row in hours if row["day"] < swapped} == {1}


def test_the_same_seed_gives_the_same_scans() -> None:
    assert scans(3) == scans(3)
    assert scans(3)[1] != scans(4)[1]
