"""Clocks as pages show them: countdowns of one record or of a whole list, and what moved a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from webapp.core import clock
from webapp.core.workdays import Calendar
from webapp.web.languages import full_day, say

from . import clock_words, countdowns, queries, rules
from .clock_words import Told
from .laws import Kind
from .models import ClockEvent, ClockRow

#: Events of clocks that moved a deadline (the others ended it).
MOVES: Final = frozenset({"pause", "resume", "extend", "transfer", "recompute"})
#: A due instant is midnight after the last day: a moment before, it is still that day.
INSTANT: Final = timedelta(seconds=1)
#: What a queue can be narrowed to by its deadline: days ahead (0: past).
DUE: Final = {"late": 0, "today": 1, "week": 7}


@dataclass(frozen=True)
class Moved:
    """One thing that moved a deadline, for all sides: `before` and `after` in words, empty while it stands still."""

    at: datetime
    what: str
    ground: str
    reason: str
    before: str
    after: str


def tell(row: ClockRow, viewer: str, now: datetime, calendar: Calendar | None = None) -> Told:
    """A clock as `viewer` ("consumer", "merchant", "officer") reads it: the same numbers in its own words."""
    running = queries.pure(row)
    reading = rules.look(running, calendar or queries.calendar(), now)
    return clock_words.told(countdowns.countdown(running, reading, viewer))


def told(subject: str, ids: Iterable[int], viewer: str, now: datetime, *kinds: Kind) -> dict[int, Told]:
    """The countdown of each record's newest running clock (of these kinds, if any are named), by record.

    A page of a list costs as many queries as one record.
    """
    calendar = queries.calendar()
    newest = {
        subject_id: running[-1]
        for subject_id, rows in queries.of_many(subject, ids).items()
        if (running := [row for row in rows if row.ended_at is None and (not kinds or row.kind in kinds)])
    }
    return {subject_id: tell(row, viewer, now, calendar) for subject_id, row in newest.items()}


def moves(subject: str, subject_id: int) -> list[Moved]:
    """Every pause, extension, transfer, recomputation and stop with a reason of a record's clocks, oldest first."""
    found = [
        Moved(
            event.at,
            say(f"clock.event.{event.what}"),
            say(f"clock.ground.{event.ground}") if event.ground else "",
            event.reason,
            full_day(event.old_due_at - INSTANT) if event.old_due_at else "",
            _after(event),
        )
        for row in queries.of(subject, subject_id)
        for event in row.events
        if event.what in MOVES or (event.what == "stop" and event.reason)
    ]
    return sorted(found, key=lambda move: move.at)


def _after(event: ClockEvent) -> str:
    """The day that holds after an event; of a clock that a transfer stopped, that nothing is owed on it any more."""
    if event.what == "stop":
        return say("clock.stopped")
    return full_day(event.new_due_at - INSTANT) if event.new_due_at else ""


def due_before(due: str, now: datetime) -> datetime | None:
    """The instant before which the deadlines of a queue lie that was narrowed to `due`; None when it was not."""
    if due not in DUE:
        return None
    return now if due == "late" else clock.end_of_day(clock.day_of(now) + timedelta(days=DUE[due] - 1))
