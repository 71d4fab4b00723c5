"""Working days in China: weekends, public holidays and the weekends worked in exchange (调休). Pure.

Source: the State Council's yearly holiday notices, as the library `chinesecalendar` carries them. A year that it does
not know yet falls back to weekends and the holidays that stand on fixed dates (《全国年节及纪念日放假办法》, in force
2025-01-01); what is reckoned that way is marked provisional, and is reckoned again when the notice is out.

A working-day count starts on the day after the event (《民法典》 Art. 201: the first day is not counted).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar import constants

#: (month, day) of the statutory holidays with a fixed date: 元旦, 劳动节, 国庆节.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
#: The years whose holiday notice is known, first and last.
KNOWN_YEARS = (min(constants.holidays).year, max(constants.holidays).year)


@dataclass(frozen=True)
class DueDate:
    """A deadline. `provisional` while it rests on a year whose holiday notice is not known."""

    day: date
    provisional: bool


def known(year: int) -> bool:
    """True when the holiday notice of `year` is known."""
    first, last = KNOWN_YEARS
    return bool(first <= year <= last)


def is_working_day(day: date) -> bool:
    """True on a day on which offices work; by weekends and fixed holidays in a year that is not known."""
    if known(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


def add(start: date, count: int) -> DueDate:
    """The `count`-th working day after `start`; `start` itself is not counted. `count` 0 gives `start`.

    Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError("a deadline lies ahead: count must not be negative")
    if count == 0:
        return DueDate(start, provisional=False)
    provisional = False
    for day in _after(start):
        provisional = provisional or not known(day.year)
        count -= is_working_day(day)
        if count == 0:
            return DueDate(day, provisional)
    raise AssertionError("days do not end")


def between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def provisional(start: date, end: date) -> bool:
    """True when a count from `start` to `end` touches a year whose notice is not known."""
    return any(not known(year) for year in range(start.year, end.year + 1))


def _after(start: date) -> Iterator[date]:
    day = start
    while True:
        day += timedelta(days=1)
        yield day
