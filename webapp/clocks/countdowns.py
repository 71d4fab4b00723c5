"""One countdown for consumer, merchant and officer: the same numbers, told to each in their own words. Pure.

What is here are keys of the word catalogue and numbers; :mod:`clock_words` makes sentences of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .laws import Kind, Unit
from .rules import Clock, Due, Reading, State

#: Who owes the next step while the clock runs; while it stands still, by the ground.
TURNS = {
    Kind.FIRST_ANSWER: "merchant",
    Kind.SETTLEMENT: "merchant",
    Kind.ACCEPTANCE: "authority",
    Kind.MEDIATION: "authority",
    Kind.RESULT_NOTICE: "authority",
    Kind.VERIFICATION: "authority",
    Kind.TIP_NOTICE: "authority",
}
#: Clocks that a merchant learns nothing of: whoever reports a violation is protected.
HIDDEN_FROM_MERCHANTS = frozenset({Kind.VERIFICATION, Kind.TIP_NOTICE})
_PAUSED_TURNS = {"supplement": "consumer", "testing": "authority", "identification": "authority"}

#: Caution begins: this long before a term in hours ends, or with this many working days left.
_CAUTION_TIME = timedelta(hours=6)
_CAUTION_WORKING_DAYS = 2

_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "after_tomorrow"}


@dataclass(frozen=True)
class Countdown:
    """A clock as one of the three sides sees it.

    `words`: key of the sentence. `when`: last part of the key of the due moment ("today", …, "date"). `by_day`: it ends
    with the day (24:00), not at an hour. `left`: key of what is left ("" once it has ended), `numbers` its numbers.
    `tone`: good, caution, stop, or quiet when nothing runs. `turn`: consumer, merchant, authority or nobody.
    """

    words: str
    tone: str
    turn: str
    due: Due
    by_day: bool
    when: str = ""
    left: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    provisional: bool = False
    ended_at: datetime | None = None


def countdown(clock: Clock, reading: Reading, side: str) -> Countdown:
    """What `side` ("consumer", "merchant" or "officer") is told of the clock, as rules.look read it.

    Raises ValueError for a tip's clock and the merchant.
    """
    if side == "merchant" and clock.kind in HIDDEN_FROM_MERCHANTS:
        raise ValueError("a merchant is told nothing of a tip")
    by_day = clock.term.unit is not Unit.HOURS
    if reading.ended_at is not None:
        words = "clock.late" if reading.state is State.MISSED else f"clock.{reading.state.value}"
        return Countdown(words, "quiet", "nobody", reading.due, by_day, ended_at=reading.ended_at)
    if reading.state is State.PAUSED:
        left, numbers = _still(clock.term.unit, reading.due)
        return Countdown(
            f"clock.paused.{reading.ground}.{side}",
            "quiet",
            _PAUSED_TURNS.get(reading.ground, "authority"),
            reading.due,
            by_day,
            left=left,
            numbers=numbers,
            provisional=reading.due.provisional,
        )
    left, numbers = _left(clock.term.unit, reading)
    return Countdown(
        f"clock.{clock.kind.value}.{reading.state.value}.{side}",
        _tone(clock.term.unit, reading),
        TURNS[clock.kind],
        reading.due,
        by_day,
        when=_DAYS.get(reading.days_left or 0, "date"),
        left=left,
        numbers=numbers,
        provisional=reading.due.provisional,
    )


def _tone(unit: Unit, reading: Reading) -> str:
    if reading.state is State.MISSED:
        return "stop"
    if unit is Unit.HOURS:
        near = reading.time_left is not None and reading.time_left <= _CAUTION_TIME
    else:
        near = (reading.working_days_left or 0) <= _CAUTION_WORKING_DAYS
    return "caution" if near else "good"


def _left(unit: Unit, reading: Reading) -> tuple[str, Mapping[str, int]]:
    """What is left, or by how much it is past: the key and its numbers."""
    way = "past" if reading.state is State.MISSED else "left"
    if unit is Unit.HOURS:
        return _span(f"clock.{way}", reading.time_left or timedelta(0))
    days, working = abs(reading.days_left or 0), abs(reading.working_days_left or 0)
    if way == "left" and days == 0:
        return "clock.left.last_day", {}
    if unit is Unit.WORKING_DAYS and working:
        return f"clock.{way}.working_days", {"working_days": working}
    return f"clock.{way}.days", {"days": days, "working_days": working}


def _still(unit: Unit, due: Due) -> tuple[str, Mapping[str, int]]:
    """What is left of a clock that stands still."""
    if unit is Unit.HOURS:
        return _span("clock.still", due.time_left or timedelta(0))
    days = due.days_left or 0
    return (
        ("clock.still.working_days", {"working_days": days})
        if unit is Unit.WORKING_DAYS
        else ("clock.still.days", {"days": days})
    )


def _span(key: str, span: timedelta) -> tuple[str, Mapping[str, int]]:
    minutes = int(abs(span).total_seconds()) // 60
    if minutes >= 60:
        return f"{key}.hours", {"hours": minutes // 60, "minutes": minutes % 60}
    return f"{key}.minutes", {"minutes": minutes}
