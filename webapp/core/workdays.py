"""Working days in China: weekends, public holidays and the weekends worked in exchange (调休). Pure.

Source: the State Council's yearly holiday notices, as the library `chinesecalendar` carries them and as an office
enters those that the library does not know yet (:class:`Notice`). A year that nobody has told falls back to weekends
and the holidays on fixed dates (《全国年节及纪念日放假办法》, in force 2025-01-01); what is reckoned that way is marked
provisional, and is reckoned again when the notice is out.

A notice may also change the last days of the December before it: that of 2019 made 2018-12-29 a working Saturday and
2018-12-31 a day off. The last week of a year is therefore settled only when the next year's notice is known.

A working-day count starts on the day after the event (《民法典》 Art. 201: the first day is not counted). A period of
calendar days that would end on a holiday ends on the next working day (Art. 203).

The functions take the `calendar` to count by; without one they count by what the library knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from chinese_calendar import constants

#: (month, day) of the statutory holidays with a fixed date: 元旦, 劳动节, 国庆节.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
#: The years whose holiday notice the library knows, first and last.
KNOWN_YEARS: tuple[int, int] = (min(constants.holidays).year, max(constants.holidays).year)
#: From this (month, day) on the next year's notice may change a year's last days; the earliest ever was 29 December.
LAST_WEEK = (12, 25)
_WEEKEND = 5


@dataclass(frozen=True)
class DueDate:
    """A deadline. `provisional` while it rests on days that a holiday notice to come may change."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Notice:
    """A year's holiday notice as an office entered it: it stands for the whole year, whatever the library says.

    `days_off` are the holidays (weekends among them or not), `made_up` the weekend days worked in exchange. Besides
    days of `year` both may hold days of the last week of the year before.
    """

    year: int
    days_off: frozenset[date]
    made_up: frozenset[date]


@dataclass(frozen=True)
class Changed:
    """A day on which two calendars differ; `works` by the later one."""

    day: date
    works: bool


@dataclass(frozen=True)
class Calendar:
    """The library's years with the entered notices laid over them: at most one `Notice` a year.

    `library_until` is the last year believed of the library: an earlier one is what an older library knew.
    """

    notices: tuple[Notice, ...] = ()
    library_until: int = KNOWN_YEARS[1]

    @cached_property
    def _entered(self) -> dict[int, Notice]:
        return {notice.year: notice for notice in self.notices}

    def _in_library(self, year: int) -> bool:
        return KNOWN_YEARS[0] <= year <= self.library_until

    def known(self, year: int) -> bool:
        """True when the holiday notice of `year` is known."""
        return year in self._entered or self._in_library(year)

    def settled(self, day: date) -> bool:
        """True when no notice to come may change whether `day` is worked."""
        return self.known(day.year) and (not _in_last_week(day) or self.known(day.year + 1))

    def named(self, day: date) -> bool | None:
        """What the notices say of the very day: False a holiday, True worked in exchange, None not named.

        In a year that is not known only the fixed holidays are named.
        """
        last_week = _in_last_week(day)
        years = (day.year + 1, day.year) if last_week else (day.year,)
        for notice in (self._entered[year] for year in years if year in self._entered):
            if day in notice.days_off:
                return False
            if day in notice.made_up:
                return True
        if day.year in self._entered and not (last_week and self._in_library(day.year + 1)):
            return None
        if self._in_library(day.year):
            # The library's own functions look for the ends of its table at each call: twenty times slower.
            return True if day in constants.workdays else False if day in constants.holidays else None
        return False if (day.month, day.day) in FIXED_HOLIDAYS else None

    def is_working_day(self, day: date) -> bool:
        """True on a day on which offices work; by weekends and fixed holidays in a year that is not known."""
        named = self.named(day)
        return day.weekday() < _WEEKEND if named is None else named

    def add(self, start: date, count: int) -> DueDate:
        """The `count`-th working day after `start`; `start` itself is not counted. `count` 0 gives `start`.

        Raises ValueError for a negative count.
        """
        if count < 0:
            raise ValueError("a deadline lies ahead: count must not be negative")
        if count == 0:
            return DueDate(start, provisional=False)
        provisional = False
        for day in days_after(start):
            provisional = provisional or not self.settled(day)
            count -= self.is_working_day(day)
            if count == 0:
                return DueDate(day, provisional)
        raise AssertionError("days do not end")

    def between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def provisional(self, start: date, end: date) -> bool:
        """True when a count from `start` to `end` touches a day that a notice to come may change."""
        return any(not self.settled(start + timedelta(days=n)) for n in range((end - start).days + 1))

    def differs(self, other: Calendar, start: date, end: date) -> tuple[Changed, ...]:
        """The days after `start` up to `end` on which `other` says otherwise, in order."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return tuple(
            Changed(day, works)
            for day in days
            if (works := other.is_working_day(day)) != self.is_working_day(day)
        )


#: What the library knows, nothing entered.
LIBRARY = Calendar()


def known(year: int, calendar: Calendar = LIBRARY) -> bool:
    """True when the holiday notice of `year` is known."""
    return calendar.known(year)


def is_working_day(day: date, calendar: Calendar = LIBRARY) -> bool:
    """True on a day on which offices work; by weekends and fixed holidays in a year that is not known."""
    return calendar.is_working_day(day)


def add(start: date, count: int, calendar: Calendar = LIBRARY) -> DueDate:
    """The `count`-th working day after `start`, as :meth:`Calendar.add`."""
    return calendar.add(start, count)


def between(start: date, end: date, calendar: Calendar = LIBRARY) -> int:
    """How many working days lie after `start` up to and including `end`, as :meth:`Calendar.between`."""
    return calendar.between(start, end)


def provisional(start: date, end: date, calendar: Calendar = LIBRARY) -> bool:
    """True when a count from `start` to `end` touches a day that a notice to come may change."""
    return calendar.provisional(start, end)


def days_after(start: date) -> Iterator[date]:
    """The days after `start`, one by one, without end."""
    day = start
    while True:
        day += timedelta(days=1)
        yield day


def _in_last_week(day: date) -> bool:
    return (day.month, day.day) >= LAST_WEEK
