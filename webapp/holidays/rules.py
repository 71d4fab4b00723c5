"""The office's holiday notices (放假安排): what a notice may say, what is doubtful in it, what it moves. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from webapp.core.errors import Invalid
from webapp.core.workdays import FIXED_HOLIDAYS, LAST_WEEK, Calendar, Changed, Notice, days_after

TITLE_LONGEST: Final = 120
NUMBER_LONGEST: Final = 60
URL_LONGEST: Final = 300
REASON_LONGEST: Final = 300
TEXT_LONGEST: Final = 20_000
#: The State Council publishes the next year's notice in October or November; from then on it is asked for.
ASKED_FROM_MONTH: Final = 10
#: A year has never had fewer or more days off in its notice; beyond these something was read wrongly.
DAYS_OFF: Final = (11, 60)
#: The longest holiday ever was ten days.
SPAN_LONGEST: Final = 15
_WEEKEND: Final = 5


@dataclass(frozen=True)
class Draft:
    """A notice as read from what an administrator typed: the `notice`, and where it can be looked up."""

    notice: Notice
    title: str
    number: str
    url: str = ""


def may_enter(year: int, today: date) -> bool:
    """Notices are entered for this year (corrections) and the next."""
    return year in {today.year, today.year + 1}


def awaited(today: date, calendar: Calendar) -> int | None:
    """The year whose notice the office must enter now, or None: this year, or from October on the next."""
    if not calendar.known(today.year):
        return today.year
    next_asked = today.month >= ASKED_FROM_MONTH and not calendar.known(today.year + 1)
    return today.year + 1 if next_asked else None


def settled_days(today: date, calendar: Calendar) -> int:
    """For how many days from today on no notice to come may change a day; 0 when today itself is unsettled."""
    for count, day in enumerate(days_after(today - timedelta(days=1))):
        if not calendar.settled(day):
            return count
    raise AssertionError("days do not end")


def touched_from(year: int) -> date:
    """A notice of `year` moves no deadline that is due before this day."""
    return date(year - 1, *LAST_WEEK)


def check(draft: Draft, today: date) -> None:
    """Raise Invalid with the field for what cannot be a notice. What is only odd, :func:`doubts` tells."""
    year = draft.notice.year
    if not may_enter(year, today):
        raise Invalid("holiday_year", field="year", first=today.year, last=today.year + 1)
    for field, text, longest in (
        ("title", draft.title, TITLE_LONGEST),
        ("number", draft.number, NUMBER_LONGEST),
    ):
        if not text.strip():
            raise Invalid(f"holiday_{field}", field=field)
        if len(text) > longest:
            raise Invalid("too_long", field=field, longest=longest, length=len(text))
    if draft.url and not _official(draft.url):
        raise Invalid("holiday_url", field="url")
    _check_days(draft.notice)


def _check_days(notice: Notice) -> None:
    first, last = touched_from(notice.year), date(notice.year, 12, 31)
    for day in sorted(notice.days_off | notice.made_up):
        if not first <= day <= last:
            raise Invalid("holiday_day_outside", field="text", day=day.isoformat(), year=notice.year)
    for day in sorted(notice.made_up):
        if day in notice.days_off:
            raise Invalid("holiday_day_twice", field="text", day=day.isoformat())
        if day.weekday() < _WEEKEND:
            raise Invalid("holiday_made_up_weekday", field="text", day=day.isoformat())
    if not DAYS_OFF[0] <= len(notice.days_off) <= DAYS_OFF[1]:
        raise Invalid("holiday_days_count", field="text", count=len(notice.days_off))
    missing = [day for day in fixed_days(notice.year) if day not in notice.days_off]
    if missing:
        raise Invalid("holiday_fixed_missing", field="text", day=missing[0].isoformat())


def fixed_days(year: int) -> list[date]:
    """The days of `year` that are holidays by their date alone."""
    return sorted(date(year, month, day) for month, day in FIXED_HOLIDAYS)


def _official(url: str) -> bool:
    """An address of a Chinese government's site."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        len(url) <= URL_LONGEST
        and parts.scheme in {"http", "https"}
        and (host == "gov.cn" or host.endswith(".gov.cn"))
    )


def net_days(notice: Notice) -> int:
    """Working days that the notice takes away: weekdays off less weekend days worked."""
    weekdays = sum(day.weekday() < _WEEKEND for day in notice.days_off)
    return weekdays - len(notice.made_up)


def doubts(notice: Notice, statutory_days: int) -> list[tuple[str, dict[str, int]]]:
    """What an administrator should look at twice: (code, numbers). `statutory_days` of the year, as policy has them.

    Days moved by exchange cancel out, and a holiday on a weekend is made good: every ordinary notice since 2019 takes
    away exactly as many working days as the law gives holidays. The extraordinary one of 2020 did not.
    """
    found = []
    if (net := net_days(notice)) != statutory_days:
        found.append(("net_days", {"net": net, "statutory": statutory_days}))
    if not notice.made_up:
        found.append(("nothing_made_up", {}))
    return found


# --- what a notice moves ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """A running deadline that a new calendar moves or settles, as the owner of the deadline tells it.

    `kind` is the last part of the word ``holidays.moved.*``, `name` what it is about (no personal data). The days are
    the last days by either calendar (None: it stands still); `days` are those judged anew on the way.
    """

    kind: str
    name: str
    before: date | None
    after: date | None
    provisional: bool
    days: tuple[Changed, ...] = ()

    @property
    def by(self) -> int:
        """Days later (negative: earlier); 0 when it stays or stands still."""
        return 0 if self.before is None or self.after is None else (self.after - self.before).days

    @property
    def runs(self) -> list[tuple[date, date, bool]]:
        """`days` as (first, last, works), neighbours that changed alike together."""
        found: list[tuple[date, date, bool]] = []
        for one in self.days:
            if found and found[-1][2] == one.works and one.day - found[-1][1] == timedelta(days=1):
                found[-1] = (found[-1][0], one.day, one.works)
            else:
                found.append((one.day, one.day, one.works))
        return found


@dataclass(frozen=True)
class Counts:
    """How many deadlines move later, earlier, or stay and are no longer provisional."""

    later: int
    earlier: int
    settled: int


def counts(moves: list[Moved]) -> Counts:
    """Counted by direction."""
    later, earlier = sum(move.by > 0 for move in moves), sum(move.by < 0 for move in moves)
    return Counts(later, earlier, len(moves) - later - earlier)


def move(
    kind: str, name: str, start: date, count: int, stored: date, before: Calendar, after: Calendar
) -> Moved | None:
    """How a deadline of `count` working days after `start`, kept as `stored`, moves; None when it does not."""
    old, new = before.add(start, count), after.add(start, count)
    if new.day == stored and new.provisional == old.provisional:
        return None
    days = before.differs(after, start, max(stored, new.day))
    return Moved(kind, name, stored, new.day, new.provisional, days)


# --- the year as a page shows it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """A day of the year's calendar: `mark` is off, worked, weekend or plain."""

    day: date
    mark: str


def mark(day: date, calendar: Calendar) -> str:
    """How a day is drawn: a named holiday, a weekend day worked in exchange, a weekend, or a plain working day."""
    named = calendar.named(day)
    if named is not None:
        return "worked" if named else "off"
    return "weekend" if day.weekday() >= _WEEKEND else "plain"


def months(year: int, calendar: Calendar) -> list[list[list[Day | None]]]:
    """Twelve months of weeks of seven days (Monday first), with None before the first and after the last."""
    return [list(_weeks(year, month, calendar)) for month in range(1, 13)]


def _weeks(year: int, month: int, calendar: Calendar) -> Iterator[list[Day | None]]:
    day = date(year, month, 1)
    week: list[Day | None] = [None] * day.weekday()
    while day.month == month:
        week.append(Day(day, mark(day, calendar)))
        if len(week) == 7:
            yield week
            week = []
        day += timedelta(days=1)
    if week:
        yield week + [None] * (7 - len(week))


def spans(days: frozenset[date]) -> list[tuple[date, date]]:
    """Days as runs without a gap: (first, last), in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
