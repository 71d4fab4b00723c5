"""What a notice may say, what is doubtful, when the next one is asked for, and what it moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import clock_oracle as oracle
from tests.holidays.notices import NOTICE_2026, NOTICE_2027, NUMBER, TITLE
from tests.support import sources
from webapp.clocks.laws import Kind
from webapp.core.errors import Invalid
from webapp.core.workdays import LIBRARY, Calendar, Notice
from webapp.holidays import reading, rules
from webapp.holidays.rules import Draft, Moved
from webapp.web.words import load

TODAY = date(2026, 11, 28)
NOTICE = reading.read(NOTICE_2027, 2027).notice
DRAFT = Draft(NOTICE, TITLE, NUMBER, "https://www.gov.cn/zhengce/content/2026/content_1.htm")
ENTERED = Calendar((NOTICE,))


def test_a_whole_notice_passes() -> None:
    rules.check(DRAFT, TODAY)
    rules.check(replace(DRAFT, url=""), TODAY)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": " "}, "holiday_title", "title"),
        ({"title": "长" * 121}, "too_long", "title"),
        ({"number": ""}, "holiday_number", "number"),
        ({"url": "https://example.com/gov.cn"}, "holiday_url", "url"),
        ({"url": "https://www.gov.cn.example.com/"}, "holiday_url", "url"),
        ({"url": "https://fakegov.cn/"}, "holiday_url", "url"),
        ({"url": "javascript://www.gov.cn/"}, "holiday_url", "url"),
        ({"url": "http://[www.gov.cn/"}, "holiday_url", "url"),
        ({"url": "https://www.gov.cn/" + "a" * 300}, "holiday_url", "url"),
        ({"notice": replace(NOTICE, year=2028)}, "holiday_year", "year"),
        ({"notice": replace(NOTICE, year=2025)}, "holiday_year", "year"),
        ({"notice": replace(NOTICE, year=0)}, "holiday_year", "year"),
    ],
)
def test_what_stands_beside_the_days(change: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check(replace(DRAFT, **change), TODAY)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize(
    ("off", "made_up", "code"),
    [
        ({date(2026, 12, 24)}, set(), "holiday_day_outside"),
        ({date(2028, 1, 1)}, set(), "holiday_day_outside"),
        (set(), {date(2027, 2, 5)}, "holiday_day_twice"),
        (set(), {date(2027, 3, 1)}, "holiday_made_up_weekday"),  # a Monday
        ({date(2027, 7, 1) + timedelta(days=n) for n in range(40)}, set(), "holiday_days_count"),
    ],
)
def test_days_that_cannot_be(off: set[date], made_up: set[date], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check(
            replace(DRAFT, notice=Notice(2027, NOTICE.days_off | off, NOTICE.made_up | made_up)), TODAY
        )
    assert (caught.value.code, caught.value.field) == (code, "text")


def test_a_fixed_holiday_is_never_left_out() -> None:
    for day in (date(2027, 1, 1), date(2027, 5, 2), date(2027, 10, 3)):
        with pytest.raises(Invalid) as caught:
            rules.check(replace(DRAFT, notice=replace(NOTICE, days_off=NOTICE.days_off - {day})), TODAY)
        assert caught.value.details["day"] == day.isoformat()


def test_days_of_the_last_week_before_belong_to_it() -> None:
    notice = Notice(2027, NOTICE.days_off | {date(2026, 12, 31)}, NOTICE.made_up | {date(2026, 12, 26)})
    rules.check(replace(DRAFT, notice=notice), TODAY)


def test_every_ordinary_notice_takes_away_as_many_days_as_the_law_gives() -> None:
    """The check sum that the preview shows, on the notices of eight years."""
    for year in oracle.NOTICES:
        first, last = date(year - 1, 12, 25), date(year, 12, 24)
        notice = Notice(
            year,
            frozenset(day for day in oracle.OFF if first <= day <= last),
            frozenset(day for day in oracle.WORKED if first <= day <= last),
        )
        statutory = 13 if year >= 2025 else 11
        doubtful = [code for code, _numbers in rules.doubts(notice, statutory)]
        assert doubtful == (["net_days"] if year == 2020 else []), year
    assert [code for code, _n in rules.doubts(replace(NOTICE, made_up=frozenset()), 13)] == [
        "net_days",
        "nothing_made_up",
    ]


@pytest.mark.parametrize(
    ("today", "calendar", "year"),
    [
        (date(2026, 9, 30), LIBRARY, None),
        (date(2026, 10, 1), LIBRARY, 2027),
        (date(2026, 12, 31), LIBRARY, 2027),
        (date(2027, 3, 1), LIBRARY, 2027),
        (date(2026, 12, 31), ENTERED, None),
        (date(2027, 9, 30), ENTERED, None),
        (date(2027, 10, 1), ENTERED, 2028),
    ],
)
def test_from_october_on_the_next_notice_is_asked_for(
    today: date, calendar: Calendar, year: int | None
) -> None:
    assert rules.awaited(today, calendar) == year


def test_for_how_long_the_calendar_is_certain() -> None:
    assert rules.settled_days(date(2026, 12, 24), LIBRARY) == 1
    assert rules.settled_days(date(2026, 12, 25), LIBRARY) == 0
    assert rules.settled_days(date(2026, 12, 24), ENTERED) == 366
    assert rules.settled_days(date(2027, 6, 1), LIBRARY) == 0


@given(start=st.dates(date(2026, 11, 1), date(2027, 12, 31)), count=st.integers(1, 20))
def test_what_moves_is_what_is_reckoned_differently(start: date, count: int) -> None:
    before, after = LIBRARY.add(start, count), ENTERED.add(start, count)
    found = rules.move("application", "店", start, count, before.day, LIBRARY, ENTERED)
    if before == after:
        assert found is None
    else:
        assert found is not None
        assert (found.before, found.after, found.provisional) == (before.day, after.day, after.provisional)
        assert found.by == (after.day - before.day).days
    if before.day < rules.touched_from(2027):
        assert found is None, "what is due before the last week of December stays"


def test_a_deadline_that_was_kept_wrongly_is_put_right() -> None:
    """Whatever is stored, the move leads to what the new calendar says."""
    start = date(2026, 11, 30)
    found = rules.move("application", "店", start, 5, date(2026, 12, 8), LIBRARY, ENTERED)
    assert found is not None
    assert (found.after, found.by) == (date(2026, 12, 7), -1)


def test_days_judged_anew_are_told_in_runs() -> None:
    days = LIBRARY.differs(ENTERED, date(2027, 1, 29), date(2027, 2, 14))
    found = Moved("application", "店", None, None, provisional=False, days=days)
    assert found.runs == [
        (date(2027, 1, 31), date(2027, 1, 31), True),
        (date(2027, 2, 5), date(2027, 2, 5), False),
        (date(2027, 2, 8), date(2027, 2, 12), False),
    ]


def test_counting_by_direction() -> None:
    def moved(before: date | None, after: date | None) -> Moved:
        return Moved("application", "店", before, after, provisional=False)

    day = date(2027, 1, 4)
    found = rules.counts(
        [moved(day, day), moved(day, day + timedelta(1)), moved(day, day - timedelta(1)), moved(None, None)]
    )
    assert (found.later, found.earlier, found.settled) == (1, 1, 2)


def test_the_year_as_a_page_shows_it() -> None:
    months = rules.months(2026, LIBRARY)
    assert len(months) == 12
    days = {day.day: day.mark for weeks in months for week in weeks for day in week if day is not None}
    assert len(days) == 365
    assert all(len(week) == 7 for weeks in months for week in weeks)
    assert months[0][0][:4] == [None, None, None, rules.Day(date(2026, 1, 1), "off")]
    assert [days[date(2026, month, day)] for month, day in ((2, 14), (2, 15), (2, 28), (3, 1), (3, 2))] == [
        "worked",
        "off",
        "worked",
        "weekend",
        "plain",
    ]
    notice = reading.read(NOTICE_2026, 2026).notice
    assert rules.months(2026, Calendar((notice,))) == months


def test_runs_of_days() -> None:
    days = frozenset(date(2027, 1, day) for day in (1, 2, 3, 5, 8, 9))
    assert rules.spans(days) == [
        (date(2027, 1, 1), date(2027, 1, 3)),
        (date(2027, 1, 5), date(2027, 1, 5)),
        (date(2027, 1, 8), date(2027, 1, 9)),
    ]
    assert rules.spans(frozenset()) == []


def test_every_clock_that_a_notice_may_move_has_a_name() -> None:
    words = load(sources.ROOT / "webapp")
    kinds = {"application", "change", *(kind.value for kind in Kind)}
    assert [kind for kind in sorted(kinds) if f"holidays.moved.{kind}" not in words] == []
