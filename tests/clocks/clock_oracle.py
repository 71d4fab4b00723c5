"""A slow and obvious reckoner of deadlines, written apart from the product: it imports nothing of it.

The holidays were typed from the State Council's notices, year by year, not taken from a library. The reckoner goes day
by day (minute by minute for hours), and asks at each day's end: did the clock run, and were the offices open today?
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

#: By notice: days off as "month.day-month.day" (weekends inside), and weekend days on which offices worked.
#: A date with a year in front lies in the December before.
NOTICES = {
    # 国办发明电〔2018〕15号; Labour Day by 国办发明电〔2019〕3号
    2019: (
        "2018.12.30-1.1 2.4-2.10 4.5-4.7 5.1-5.4 6.7-6.9 9.13-9.15 10.1-10.7",
        "2018.12.29 2.2 2.3 4.28 5.5 9.29 10.12",
    ),
    # 国办发明电〔2019〕16号; the Spring Festival prolonged to 2 February by 国办发明电〔2020〕1号
    2020: (
        "1.1 1.24-2.2 4.4-4.6 5.1-5.5 6.25-6.27 10.1-10.8",
        "1.19 4.26 5.9 6.28 9.27 10.10",
    ),
    # 国办发明电〔2020〕27号
    2021: (
        "1.1-1.3 2.11-2.17 4.3-4.5 5.1-5.5 6.12-6.14 9.19-9.21 10.1-10.7",
        "2.7 2.20 4.25 5.8 9.18 9.26 10.9",
    ),
    # 国办发明电〔2021〕11号
    2022: (
        "1.1-1.3 1.31-2.6 4.3-4.5 4.30-5.4 6.3-6.5 9.10-9.12 10.1-10.7",
        "1.29 1.30 4.2 4.24 5.7 10.8 10.9",
    ),
    # 国办发明电〔2022〕16号
    2023: (
        "2022.12.31-1.2 1.21-1.27 4.5 4.29-5.3 6.22-6.24 9.29-10.6",
        "1.28 1.29 4.23 5.6 6.25 10.7 10.8",
    ),
    # 国办发明电〔2023〕7号
    2024: (
        "1.1 2.10-2.17 4.4-4.6 5.1-5.5 6.10 9.15-9.17 10.1-10.7",
        "2.4 2.18 4.7 4.28 5.11 9.14 9.29 10.12",
    ),
    # 国办发明电〔2024〕12号
    2025: (
        "1.1 1.28-2.4 4.4-4.6 5.1-5.5 5.31-6.2 10.1-10.8",
        "1.26 2.8 4.27 9.28 10.11",
    ),
    # 国办发明电〔2025〕7号
    2026: (
        "1.1-1.3 2.15-2.23 4.4-4.6 5.1-5.5 6.19-6.21 9.25-9.27 10.1-10.7",
        "1.4 2.14 2.28 5.9 9.20 10.10",
    ),
}

#: Holidays of a year without a notice: New Year's Day, Labour Day (2), National Day (3).
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def _date(text: str, year: int) -> date:
    numbers = [int(part) for part in text.split(".")]
    return date(*numbers) if len(numbers) == 3 else date(year, *numbers)


def _read() -> tuple[set[date], set[date]]:
    off: set[date] = set()
    worked: set[date] = set()
    for year, (holidays, made_up) in NOTICES.items():
        for span in holidays.split():
            first, _, last = span.partition("-")
            day = _date(first, year)
            while day <= _date(last or first, year):
                off.add(day)
                day += timedelta(days=1)
        worked |= {_date(text, year) for text in made_up.split()}
    return off, worked


OFF, WORKED = _read()


def open_on(day: date) -> bool:
    """Do offices work on that day?"""
    if day in WORKED:
        return True
    if day in OFF:
        return False
    if day.year not in NOTICES and (day.month, day.day) in FIXED:
        return False
    return day.weekday() < 5  # Monday is 0


def certain(day: date) -> bool:
    """Can no later notice change that day? The last week of December waits for the next year's notice."""
    if day.month == 12 and day.day >= 25:
        return day.year in NOTICES and day.year + 1 in NOTICES
    return day.year in NOTICES


def china_day(instant: datetime) -> date:
    return instant.astimezone(CHINA).date()


def midnight_after(day: date) -> datetime:
    """24:00 of that day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC) + timedelta(days=1)


def stands_still(events: list[tuple[str, datetime, int]], moment: datetime) -> bool:
    """Is the clock paused just before `moment`, by the last pause or resume before it?"""
    still = False
    for what, at, _count in events:
        if at < moment:
            still = {"pause": True, "resume": False}.get(what, still)
    return still


def in_order(start: datetime, events: list[tuple[str, datetime, int]]) -> list[tuple[str, datetime, int]]:
    """A time earlier than the one before it is a wall clock that was set back: it counts as that one."""
    latest, found = start, []
    for what, at, count in events:
        latest = max(latest, at)
        found.append((what, latest, count))
    return found


def due(
    value: int, unit: str, start: datetime, events: list[tuple[str, datetime, int]]
) -> tuple[datetime | None, bool]:
    """(the due instant, does it rest on uncertain days); None for an instant that only a resume would bring.

    `events` are (pause | resume | extend, when, how many units more).
    """
    events = in_order(start, events)
    total = value + sum(count for what, _at, count in events if what == "extend")
    if unit == "hours":
        return _due_in_hours(total, start, events), False
    counted, uncertain = 0, False
    day = china_day(start)
    while True:
        day += timedelta(days=1)
        if events and stands_still(events, midnight_after(day)):
            if all(at < midnight_after(day) for _what, at, _count in events):
                return None, uncertain  # nothing to come lets it go on
            continue
        if counted < total and (unit == "days" or open_on(day)):
            counted += 1
        if not certain(day) and (unit == "working days" or counted == total):
            uncertain = True
        if counted == total and open_on(day):
            return midnight_after(day), uncertain


def _due_in_hours(total: int, start: datetime, events: list[tuple[str, datetime, int]]) -> datetime | None:
    """Minute by minute; the events must lie whole minutes after the start."""
    minutes = 0
    moment = start
    while minutes < total * 60:
        moment += timedelta(minutes=1)
        if not stands_still(events, moment):
            minutes += 1
        elif all(at < moment for _what, at, _count in events):
            return None  # nothing to come lets it go on
    return moment


def order_of(received: datetime) -> int:
    """The SAMR order by the moment of receipt."""
    return 121 if received.astimezone(CHINA) >= datetime(2026, 4, 15, tzinfo=CHINA) else 20


#: Order → clock → (value, unit). The two of the merchant are the city's and do not change with the order.
PERIODS = {
    order: {
        "first_answer": (24, "hours"),
        "settlement": (7, "days"),
        "acceptance": (7, "working days"),
        "mediation": (45, "working days") if order == 20 else (60, "days"),
        "result_notice": (7, "working days"),
        "verification": (15, "working days"),
        "tip_notice": (5, "working days"),
    }
    for order in (20, 121)
}
EXTENSION = {"verification": 15}
