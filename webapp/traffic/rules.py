"""Periods of scan statistics, and how exact a figure may be that a merchant sees. Pure.

A merchant sees who stands in the shop, and when a complaint or a rating came. Few scans in an hour or at one table
would join the two. So a figure has one dimension at a time: a finished day of the whole shop is exact; the running day
is rounded down; hours and stickers are sums over whole weeks, rounded (docs/decisions).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final


class Period(enum.StrEnum):
    """What a page looks back on, as it stands in the address."""

    WEEK = "7d"
    MONTH = "30d"
    YEAR = "12m"


#: Whole weeks behind the figures by hour, weekday and sticker. Twelve with a begun week lie within ``scan.hour_days``.
_WEEKS: Final = {Period.WEEK: 1, Period.MONTH: 4, Period.YEAR: 12}
_DAYS: Final = {Period.WEEK: 7, Period.MONTH: 30}
#: With fewer weeks the days of the week say nothing that the days do not.
WEEKS_FOR_WEEKDAYS: Final = 4


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both counted in."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


def period_of(text: str) -> Period:
    """The period that an address names; the shortest for anything else."""
    return Period(text) if text in set(Period) else Period.WEEK


def span_of(period: Period, today: date) -> Span:
    """The finished days of the period: up to yesterday. Twelve months are those up to yesterday's."""
    yesterday = today - timedelta(days=1)
    if period is not Period.YEAR:
        return Span(today - timedelta(days=_DAYS[period]), yesterday)
    months = yesterday.year * 12 + yesterday.month - 1 - 11
    return Span(date(months // 12, months % 12 + 1, 1), yesterday)


def before(span: Span) -> Span:
    """As many days just before `span`."""
    return Span(span.first - timedelta(days=span.days), span.first - timedelta(days=1))


def steps(period: Period, span: Span) -> list[Span]:
    """What the chart's columns stand for: days, or months for a year (the last one as far as it has come)."""
    if period is not Period.YEAR:
        return [Span(day, day) for day in span]
    found: dict[tuple[int, int], list[date]] = {}
    for day in span:
        found.setdefault((day.year, day.month), []).append(day)
    return [Span(days[0], days[-1]) for days in found.values()]


def weeks_of(period: Period, today: date, first_day: date) -> Span | None:
    """The last whole weeks (Monday to Sunday) of the period in which the shop was scanned; None without one.

    `first_day`: the first day with scans. The week in which it lies does not count, unless it is a Monday.
    """
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=_WEEKS[period])
    begun = first_day + timedelta(days=-first_day.weekday() % 7)
    first = max(first, begun)
    return Span(first, monday - timedelta(days=1)) if first < monday else None


def rounded(count: int, step: int) -> int:
    """The multiple of `step` that is nearest (the half up). 0 stands for fewer than :func:`least`."""
    return (count + step // 2) // step * step


def least(step: int) -> int:
    """The smallest count that is not rounded to nothing."""
    return step - step // 2


def floored(count: int, step: int) -> int:
    """The multiple of `step` that was reached: for a day that still runs. 0 stands for fewer than `step`."""
    return count // step * step


def per_weekday(days: Mapping[date, int], weeks: Span) -> list[float]:
    """The mean of the scans on Mondays … Sundays of whole weeks."""
    sums = [0] * 7
    for day in weeks:
        sums[day.weekday()] += days.get(day, 0)
    return [total / (weeks.days // 7) for total in sums]


def top(values: list[int] | list[float]) -> int | None:
    """The place of the largest value, the first of equals; None when nothing is above zero."""
    best = max(range(len(values)), key=lambda place: values[place], default=None)
    return best if best is not None and values[best] > 0 else None
