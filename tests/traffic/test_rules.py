"""Periods, whole weeks, rounding: no figure is finer than it may be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.traffic import rules
from webapp.traffic.rules import Period, Span

SATURDAY = date(2026, 11, 28)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
PERIODS = st.sampled_from(list(Period))


@pytest.mark.parametrize(
    ("text", "period"), [("7d", "7d"), ("30d", "30d"), ("12m", "12m"), ("", "7d"), ("1d", "7d")]
)
def test_the_period_in_an_address(text: str, period: str) -> None:
    assert rules.period_of(text) == period


@pytest.mark.parametrize(
    ("period", "today", "first"),
    [
        (Period.WEEK, SATURDAY, date(2026, 11, 21)),
        (Period.MONTH, SATURDAY, date(2026, 10, 29)),
        (Period.YEAR, SATURDAY, date(2025, 12, 1)),
        (Period.YEAR, date(2026, 12, 1), date(2025, 12, 1)),  # yesterday was November
        (Period.YEAR, date(2026, 12, 2), date(2026, 1, 1)),
        (Period.YEAR, date(2027, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_period_ends_yesterday(period: Period, today: date, first: date) -> None:
    assert rules.span_of(period, today) == Span(first, today - timedelta(days=1))


@given(DAYS, PERIODS)
def test_columns_cover_the_period_once(today: date, period: Period) -> None:
    span = rules.span_of(period, today)
    columns = rules.steps(period, span)
    assert len(columns) == {Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 12}[period]
    assert [day for column in columns for day in column] == list(span)
    assert today not in list(span)


@given(DAYS, PERIODS)
def test_the_time_before_is_as_long_and_ends_where_the_period_begins(today: date, period: Period) -> None:
    span = rules.span_of(period, today)
    earlier = rules.before(span)
    assert earlier.days == span.days
    assert earlier.last + timedelta(days=1) == span.first


@given(DAYS, PERIODS, st.integers(-3, 400))
def test_weeks_are_whole_finished_and_not_older_than_the_hours(
    today: date, period: Period, back: int
) -> None:
    first_day = today - timedelta(days=back)
    weeks = rules.weeks_of(period, today, first_day)
    if weeks is None:
        assert back < 14
        return
    assert weeks.first.weekday() == 0
    assert weeks.last.weekday() == 6
    assert first_day <= weeks.first <= weeks.last < today
    assert weeks.days // 7 <= {Period.WEEK: 1, Period.MONTH: 4, Period.YEAR: 12}[period]
    assert (today - weeks.first).days <= 92, "older hours are forgotten (scan.hour_days)"


def test_weeks_of_a_shop_that_just_began() -> None:
    assert rules.weeks_of(Period.MONTH, SATURDAY, date(2026, 1, 1)) == Span(
        date(2026, 10, 26), date(2026, 11, 22)
    )
    began_on_monday = rules.weeks_of(Period.MONTH, SATURDAY, date(2026, 11, 16))
    assert began_on_monday == Span(date(2026, 11, 16), date(2026, 11, 22))
    assert rules.weeks_of(Period.MONTH, SATURDAY, date(2026, 11, 17)) is None


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1000, 1000)]
)
def test_rounding_to_five(count: int, shown: int) -> None:
    assert rules.rounded(count, 5) == shown


@given(st.integers(0, 100_000), st.integers(1, 50))
def test_rounding_keeps_near_and_hides_the_few(count: int, step: int) -> None:
    shown = rules.rounded(count, step)
    assert shown % step == 0
    assert abs(shown - count) <= step / 2
    assert (shown == 0) == (count < rules.least(step))
    floor = rules.floored(count, step)
    assert floor % step == 0
    assert floor <= count < floor + step
    assert (rules.rounded(count, 1), rules.floored(count, 1), rules.least(1)) == (count, count, 1)


def test_days_of_the_week() -> None:
    weeks = Span(date(2026, 11, 9), date(2026, 11, 22))
    counts = {date(2026, 11, 9): 4, date(2026, 11, 16): 5, date(2026, 11, 22): 3, date(2026, 11, 23): 99}
    assert rules.per_weekday(counts, weeks) == [4.5, 0, 0, 0, 0, 0, 1.5]


@pytest.mark.parametrize(("values", "place"), [([1, 3, 3], 1), ([0, 0], None), ([], None), ([2.5], 0)])
def test_the_top(values: list[float], place: int | None) -> None:
    assert rules.top(values) == place
