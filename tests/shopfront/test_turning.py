"""When the calendar alone may change a page."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.licences.rules import in_force, validity
from webapp.shopfront.rules import LONGEST_DAYS, turns_on

TODAY = date(2026, 5, 6)
near = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=90))
periods = st.tuples(st.none() | near, st.none() | near)


@given(
    st.lists(periods, max_size=4),
    st.lists(st.none() | near, max_size=3),
    st.integers(0, 40),
    st.integers(0, 10),
)
def test_nothing_that_the_page_says_changes_before_that_day(
    found: list[tuple[date | None, date | None]], terms: list[date | None], notice: int, grace: int
) -> None:
    turn = turns_on(TODAY, found, terms, notice, grace)
    assert TODAY < turn <= TODAY + timedelta(days=LONGEST_DAYS)

    def said(day: date) -> list[object]:
        return [
            *((validity(a, b, day, notice), in_force(a, b, day, grace)) for a, b in found),
            *(term is None or day <= term for term in terms),
            day.year,
        ]

    day = TODAY
    while day < turn:
        assert said(day) == said(TODAY), day
        day += timedelta(days=1)


def test_the_new_year_turns_the_page() -> None:
    assert turns_on(date(2026, 12, 20), [], [], 30, 0) == date(2027, 1, 1)
