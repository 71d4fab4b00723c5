"""The clock: the only place that asks what time it is. Rules and operations are given `now`.

Instants are aware UTC; calendar days are days in Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from time import time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_fixed: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)
_fixed_everywhere: datetime | None = None


def now() -> datetime:
    """The present instant, UTC; the fixed one inside :func:`use`."""
    return _fixed.get() or _fixed_everywhere or datetime.now(UTC)


def timestamp() -> float:
    """:func:`now` in seconds since 1970, for whoever compares thousands of times a second."""
    if _fixed_everywhere is None and _fixed.get() is None:
        return time()
    return now().timestamp()


def today() -> date:
    """The present calendar day in China."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The calendar day in China of an aware instant."""
    return instant.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The first instant after `day` in China, UTC; for the calendar's last day its last instant."""
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI).astimezone(UTC)


@contextmanager
def use(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (aware) for the block, in this context and in test client requests."""
    global _fixed_everywhere
    if instant.tzinfo is None:
        raise ValueError("the clock wants an aware datetime")
    token, before = _fixed.set(instant.astimezone(UTC)), _fixed_everywhere
    _fixed_everywhere = instant.astimezone(UTC)
    try:
        yield
    finally:
        _fixed.reset(token)
        _fixed_everywhere = before
