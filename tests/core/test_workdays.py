"""Working days against the State Council's notices, and what happens in a year that has none yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from webapp.core import workdays
from webapp.core.workdays import (
    LIBRARY,
    Calendar,
    Changed,
    DueDate,
    Notice,
    add,
    between,
    is_working_day,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        # 2026, 国办发明电〔2025〕: New Year 1–3 January, 4 January (Sunday) worked
        ("2026-01-01", False),
        ("2026-01-02", False),
        ("2026-01-04", True),
        # Spring Festival 15–23 February, 14 and 28 February (Saturdays) worked
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        # 清明, 劳动节 with 9 May worked, 端午, 中秋
        ("2026-04-06", False),
        ("2026-05-05", False),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-25", False),
        # National Day 1–7 October, 20 September and 10 October worked
        ("2026-09-20", True),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
        # earlier years
        ("2025-01-26", True),
        ("2025-10-08", False),
        ("2024-02-18", True),
        ("2023-06-25", True),
        ("2020-01-31", False),  # prolonged in 2020
        ("2019-05-05", True),
        # a plain week
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-11-22", False),
    ],
)
def test_days_of_known_years(day: str, *, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-11-18", 0, "2026-11-18"),
        ("2026-11-18", 1, "2026-11-19"),
        ("2026-11-18", 5, "2026-11-25"),
        ("2026-11-20", 1, "2026-11-23"),  # Friday: Monday
        ("2026-11-21", 1, "2026-11-23"),  # a start on a Saturday
        ("2026-09-30", 1, "2026-10-08"),  # over National Day
        ("2026-09-30", 3, "2026-10-10"),  # the Saturday worked in exchange counts
        ("2026-09-30", 7, "2026-10-15"),
        ("2026-02-13", 7, "2026-03-02"),  # 14, 24–28 February, 2 March
        ("2026-04-30", 7, "2026-05-13"),  # 6–9 May, 11–13 May
        ("2025-12-31", 1, "2026-01-04"),
    ],
)
def test_deadlines_in_known_years(start: str, count: int, due: str) -> None:
    assert add(date.fromisoformat(start), count) == DueDate(date.fromisoformat(due), provisional=False)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-12-30", 2, "2027-01-04"),  # 31 December; 1 January is a fixed holiday, 2 and 3 a weekend
        ("2027-01-04", 5, "2027-01-11"),
        ("2027-04-30", 1, "2027-05-03"),  # 1 and 2 May are Saturday and Sunday
        ("2027-09-30", 1, "2027-10-04"),
        ("2028-04-28", 1, "2028-05-03"),
    ],
)
def test_deadlines_in_years_without_a_notice_are_provisional(start: str, count: int, due: str) -> None:
    assert add(date.fromisoformat(start), count) == DueDate(date.fromisoformat(due), provisional=True)


def test_the_last_week_waits_for_the_next_years_notice() -> None:
    """The notice of 2019 made 29 December 2018 a working Saturday and 31 December a day off: so may any other."""
    assert add(date(2026, 12, 21), 3) == DueDate(date(2026, 12, 24), provisional=False)
    assert add(date(2026, 12, 21), 4) == DueDate(date(2026, 12, 25), provisional=True)
    assert add(date(2025, 12, 30), 1) == DueDate(date(2025, 12, 31), provisional=False)
    assert is_working_day(date(2018, 12, 29))
    assert not is_working_day(date(2018, 12, 31))


def test_a_deadline_does_not_lie_behind() -> None:
    with pytest.raises(ValueError, match="negative"):
        add(date(2026, 11, 18), -1)


def test_what_is_provisional() -> None:
    assert not workdays.provisional(date(2026, 1, 1), date(2026, 12, 24))
    assert workdays.provisional(date(2026, 12, 24), date(2026, 12, 25))
    assert workdays.provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert not workdays.provisional(date(2025, 12, 24), date(2026, 1, 5))
    assert workdays.known(2026)
    assert not workdays.known(2027)
    assert not workdays.known(2003)


def test_counting_and_adding_agree_on_every_day_of_eight_years() -> None:
    """From every day 2019–2026: the n-th working day is a working day with exactly n of them up to it."""
    day = date(2019, 1, 1)
    while day < date(2026, 12, 10):
        for count in (1, 5, 7):
            due = add(day, count)
            assert is_working_day(due.day)
            assert between(day, due.day) == count
        day += timedelta(days=1)
    assert between(date(2026, 11, 25), date(2026, 11, 18)) == -5


# --- entered notices ----------------------------------------------------------------------------------------------

#: Made up: the notice of 2027 as it might be.
NOTICE = Notice(
    2027,
    days_off=frozenset({date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)}),
    made_up=frozenset({date(2026, 12, 26), date(2027, 1, 9)}),
)
ENTERED = Calendar((NOTICE,))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 26), True),  # a Saturday of the December before
        (date(2026, 12, 28), True),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2027, 1, 9), True),
        (date(2027, 1, 10), False),
        (
            date(2027, 10, 1),
            True,
        ),  # the notice stands for the whole year: what it does not name is a plain Friday
        (date(2028, 10, 2), False),  # a year without a notice keeps its fixed holidays
    ],
)
def test_an_entered_notice_is_the_calendar_of_its_year(day: date, *, works: bool) -> None:
    assert ENTERED.is_working_day(day) is works
    assert is_working_day(day, ENTERED) is works


def test_an_entered_notice_settles_its_year_and_the_week_before() -> None:
    assert ENTERED.known(2027)
    assert add(date(2026, 12, 24), 5, ENTERED) == DueDate(date(2026, 12, 30), provisional=False)
    assert add(date(2027, 12, 20), 5, ENTERED) == DueDate(date(2027, 12, 27), provisional=True)
    assert not workdays.provisional(date(2026, 12, 24), date(2027, 12, 24), ENTERED)
    assert between(date(2026, 12, 24), date(2026, 12, 31), ENTERED) == 5


def test_a_corrected_notice_of_a_year_that_the_library_knows_wins() -> None:
    """As in 2020, when the Spring Festival was prolonged: the entered notice says all of the year."""
    off = frozenset({date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 5)})
    corrected = Calendar((Notice(2026, off, frozenset()),))
    assert not corrected.is_working_day(date(2026, 1, 5))
    assert not corrected.is_working_day(date(2026, 1, 4))  # no longer made up
    assert corrected.is_working_day(date(2026, 2, 16))
    assert corrected.is_working_day(date(2025, 12, 31))
    assert corrected.is_working_day(date(2025, 10, 11))
    # Library years on both sides: the last week of an entered year belongs to the next notice as well.
    old = Calendar((Notice(2018, frozenset({date(2018, 1, 1)}), frozenset()),))
    assert old.is_working_day(date(2018, 12, 29))
    assert not old.is_working_day(date(2018, 12, 31))


def test_of_the_last_week_the_next_years_notice_says_more() -> None:
    day = date(2027, 12, 31)
    this = Notice(2027, NOTICE.days_off, NOTICE.made_up | {day})
    following = Notice(2028, frozenset({day, date(2028, 1, 1)}), frozenset())
    for notices in ((this, following), (following, this)):
        assert Calendar(notices).named(day) is False


def test_how_two_calendars_differ() -> None:
    assert LIBRARY.differs(ENTERED, date(2026, 12, 20), date(2027, 1, 9)) == (
        Changed(date(2026, 12, 26), works=True),
        Changed(date(2026, 12, 31), works=False),
        Changed(date(2027, 1, 9), works=True),
    )
    assert LIBRARY.differs(ENTERED, date(2026, 1, 1), date(2026, 12, 25)) == ()
