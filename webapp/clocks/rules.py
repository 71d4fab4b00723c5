"""The clocks of complaints and tips: due moments out of what happened, and nothing else. Pure.

A :class:`Clock` is its period, its start and the events since. :func:`due` reckons from these and the calendar; what
time it is now is asked only where somebody looks (:func:`look`), so a jump of the wall clock moves no deadline. An
event that bears an earlier time than the one before it (the wall clock was set back) counts as of that one.

How days are counted (《民法典》 Art. 201, 203): the first day is the day after the event. A period of calendar days
that ends on a holiday ends on the next working day. The last day ends at 24:00 in China; who acts at that very instant
acts in time. From the day of a pause on the days do not count; the day on which the clock goes on does.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from webapp.core import clock as time
from webapp.core.errors import Conflict, Invalid
from webapp.core.workdays import Calendar, Changed, days_after

from .laws import TRANSFERABLE, Allowance, Kind, LawTable, Term, Unit, grounds


class What(enum.StrEnum):
    """What can happen to a clock. The last three end it."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    TRANSFER = "transfer"  # to another authority, whose own clock starts when it receives the matter
    MEET = "meet"  # what was owed is done
    STOP = "stop"  # nothing is owed any more


ENDS = frozenset({What.TRANSFER, What.MEET, What.STOP})


@dataclass(frozen=True)
class Event:
    """One thing that happened: `ground` (a code of laws.GROUNDS) for a pause or extension, `count` units more."""

    at: datetime
    what: What
    ground: str = ""
    count: int = 0


@dataclass(frozen=True)
class Clock:
    """A running or ended period. `term` was looked up when it started and stays; `events` in the order of recording."""

    kind: Kind
    term: Term
    started_at: datetime
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Due:
    """When a clock is due: `at` the last instant (UTC), `on` the last day in China. Both None while it stands still.

    What is left then: `days_left` (of the term's kind), or `time_left` of a term in hours. `provisional`: it rests on
    days that a holiday notice to come may change.
    """

    at: datetime | None
    on: date | None
    provisional: bool = False
    days_left: int | None = None
    time_left: timedelta | None = None


class State(enum.StrEnum):
    """How a clock stands at a moment. Missed: past its due moment, whether what was owed has been done since or not."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    STOPPED = "stopped"


# --- reckoning --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Track:
    """The events of a clock, read: pauses that are over, the one that lasts, the units in all, and the end."""

    pauses: tuple[tuple[datetime, datetime], ...]
    paused: Event | None
    count: int
    end: Event | None

    def stands_still(self, day: date) -> bool:
        """Does a pause that is over keep `day` from counting?"""
        return any(time.day_of(since) <= day < time.day_of(until) for since, until in self.pauses)


def _in_order(clock: Clock) -> Iterator[Event]:
    """The events with times that never go back."""
    at = clock.started_at
    for event in clock.events:
        at = max(at, event.at)
        yield replace(event, at=at)


def _read(clock: Clock) -> _Track:
    pauses: list[tuple[datetime, datetime]] = []
    paused: Event | None = None
    count = clock.term.value
    for event in _in_order(clock):
        if event.what in ENDS:
            return _Track(tuple(pauses), paused, count, event)
        if event.what is What.EXTEND:
            count += event.count
        elif event.what is What.PAUSE:
            paused = paused or event
        elif paused is not None:
            pauses.append((paused.at, event.at))
            paused = None
    return _Track(tuple(pauses), paused, count, None)


def due(clock: Clock, calendar: Calendar) -> Due:
    """When the clock is due by `calendar`, whatever time it is now. The promise to store when it starts or moves."""
    track = _read(clock)
    if clock.term.unit is Unit.HOURS:
        return _due_by_the_hour(clock.started_at, track)
    return _due_by_the_day(time.day_of(clock.started_at), clock.term.unit, track, calendar)


def _due_by_the_hour(since: datetime, track: _Track) -> Due:
    left = timedelta(hours=track.count)
    for paused_at, resumed_at in track.pauses:
        if since + left <= paused_at:
            break
        left -= paused_at - since
        since = resumed_at
    if track.paused is not None and since + left > track.paused.at:
        return Due(None, None, time_left=left - (track.paused.at - since))
    at = (since + left).astimezone(UTC)
    return Due(at, time.day_of(at))


def _due_by_the_day(start: date, unit: Unit, track: _Track, calendar: Calendar) -> Due:
    """Walk day by day from the day after `start`; ended when all days are counted and the day is a working day."""
    working = unit is Unit.WORKING_DAYS
    left, provisional = track.count, False
    stands_still_from = time.day_of(track.paused.at) if track.paused is not None else None
    for day in days_after(start):
        if stands_still_from is not None and day >= stands_still_from:
            return Due(None, None, provisional, left)
        if track.stands_still(day):
            continue
        worked = calendar.is_working_day(day)
        left -= left > 0 and (worked or not working)
        provisional = provisional or (not calendar.settled(day) and (working or left == 0))
        if left == 0 and worked:
            return Due(time.end_of_day(day), day, provisional)
    raise AssertionError("days do not end")


# --- what may happen --------------------------------------------------------------------------------------------------


def start(
    kind: Kind, table: LawTable, received_on: date, at: datetime, places: tuple[str, ...] = ()
) -> Clock:
    """A clock that starts at `at`, by the law of the day of receipt. Raises laws.NoTerm.

    `received_on`: the day in China on which the authority received the matter; for the city's own clocks, that on
    which it was filed. `places` as laws.places gives them.
    """
    return Clock(kind, table.term(kind, received_on, places), at)


def after_transfer(clock: Clock, at: datetime) -> Clock:
    """The next authority's clock, started when that one received the matter: the whole period, by the same law."""
    return Clock(clock.kind, clock.term, at)


def pause(clock: Clock, at: datetime, ground: str, calendar: Calendar) -> Clock:
    """Let it stand still on a lawful ground. Raises Invalid (``clock_ground``) and Conflict.

    Conflict: ``clock_ended``, ``clock_paused``, ``clock_past_due``: a period that is over is not stopped.
    """
    _check_ground(clock, What.PAUSE, ground)
    if at == _check_running(clock, at, calendar).at:
        raise Conflict("clock_past_due")  # nothing is left to stop
    return _with(clock, Event(at, What.PAUSE, ground))


def resume(clock: Clock, at: datetime) -> Clock:
    """Let it go on; raises Conflict (``clock_ended``, ``clock_not_paused``)."""
    track = _open(clock)
    if track.paused is None:
        raise Conflict("clock_not_paused")
    return _with(clock, Event(at, What.RESUME, track.paused.ground))


def extend(clock: Clock, at: datetime, ground: str, allowance: Allowance | None, calendar: Calendar) -> Clock:
    """Lengthen it by what the law allows, on a ground. Raises Invalid (``clock_ground``) and Conflict.

    Conflict: ``clock_ended``, ``clock_paused``, ``clock_past_due``, ``clock_extended``: not more often than allowed.
    """
    _check_ground(clock, What.EXTEND, ground)
    _check_running(clock, at, calendar)
    done = sum(event.what is What.EXTEND for event in clock.events)
    if allowance is None or done >= allowance.most:
        raise Conflict("clock_extended")
    return _with(clock, Event(at, What.EXTEND, ground, allowance.by))


def transfer(clock: Clock, at: datetime) -> Clock:
    """The matter leaves for another authority (:func:`after_transfer`); raises Conflict (``clock_ended``) or Invalid.

    A clock that was missed before stays missed: handing on does not mend it.
    """
    if clock.kind not in TRANSFERABLE:
        raise Invalid("clock_ground")
    _open(clock)
    return _with(clock, Event(at, What.TRANSFER))


def meet(clock: Clock, at: datetime) -> Clock:
    """What was owed is done; raises Conflict (``clock_ended``)."""
    _open(clock)
    return _with(clock, Event(at, What.MEET))


def stop(clock: Clock, at: datetime, ground: str = "") -> Clock:
    """Nothing is owed any more (withdrawn, settled, joined with another); raises Conflict (``clock_ended``)."""
    _open(clock)
    return _with(clock, Event(at, What.STOP, ground))


def _with(clock: Clock, event: Event) -> Clock:
    """The clock with one more event, which bears no earlier time than the last."""
    last = max((clock.started_at, event.at, *(earlier.at for earlier in clock.events)))
    return replace(clock, events=(*clock.events, replace(event, at=last)))


def _open(clock: Clock) -> _Track:
    track = _read(clock)
    if track.end is not None:
        raise Conflict("clock_ended")
    return track


def _check_running(clock: Clock, at: datetime, calendar: Calendar) -> Due:
    if _open(clock).paused is not None:
        raise Conflict("clock_paused")
    when = due(clock, calendar)
    if when.at is not None and at > when.at:
        raise Conflict("clock_past_due")
    return when


def _check_ground(clock: Clock, what: What, ground: str) -> None:
    if ground not in grounds(clock.kind, what.value):
        raise Invalid("clock_ground", field="ground")


# --- looking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """A clock as it stands at a moment.

    `ended_at` is when it was met, stopped or handed on. `ground` is why it stands still. `days_left` and
    `working_days_left` lie after today up to the last day (0: today is the last; negative: past), None when ended or
    standing still. `time_left` is until the due instant.
    """

    state: State
    due: Due
    ended_at: datetime | None = None
    ground: str = ""
    days_left: int | None = None
    working_days_left: int | None = None
    time_left: timedelta | None = None


def look(clock: Clock, calendar: Calendar, now: datetime) -> Reading:
    """How the clock stands at `now`.

    Whether an ended clock was met in time is judged by `calendar`: of what has ended keep what was judged then.
    """
    track, when = _read(clock), due(clock, calendar)
    if track.end is not None:
        late = when.at is not None and track.end.at > when.at
        done = State.MET if track.end.what is What.MEET else State.STOPPED
        return Reading(State.MISSED if late else done, when, track.end.at)
    if when.at is None or when.on is None:
        assert track.paused is not None, "only a pause keeps the due moment open"
        return Reading(State.PAUSED, when, ground=track.paused.ground)
    missed = now > when.at
    today = (
        time.day_of(now) if missed else min(time.day_of(now), when.on)
    )  # 24:00 belongs to the day that ends
    return Reading(
        State.MISSED if missed else State.RUNNING,
        when,
        days_left=(when.on - today).days,
        working_days_left=calendar.between(today, when.on),
        time_left=when.at - now,
    )


@dataclass(frozen=True)
class Move:
    """How a new calendar moves a clock: the due moments, and the days between start and end that are judged anew.

    Without `days` only the provisional mark went away: the day stands.
    """

    before: Due
    after: Due
    days: tuple[Changed, ...]


def move(clock: Clock, before: Calendar, after: Calendar) -> Move | None:
    """What changes for an open clock when the calendar does; None when nothing does, or when it has ended."""
    track = _read(clock)
    old, new = due(clock, before), due(clock, after)
    if track.end is not None or old == new:
        return None
    known = [on for on in (old.on, new.on) if on is not None]
    if track.paused is not None:
        known.append(time.day_of(track.paused.at))
    return Move(old, new, before.differs(after, time.day_of(clock.started_at), max(known)))
