"""Starting, moving and ending clocks, in the transaction of the change that they belong to.

Who may do it and the audit row are the caller's: a clock moves only along a step of its record's lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from webapp.core import workdays
from webapp.core.actor import Actor
from webapp.core.db import db

from . import queries, rules
from .laws import Kind, LawTable
from .models import ClockEvent, ClockRow
from .rules import Clock


@dataclass(frozen=True)
class Moved:
    """A running clock that a new calendar moved."""

    subject: str
    subject_id: int
    kind: Kind
    old_due_at: datetime | None
    new_due_at: datetime | None


@dataclass(frozen=True)
class Books:
    """What deadlines are reckoned by: read once for a record that starts several clocks."""

    laws: LawTable
    calendar: workdays.Calendar


def books() -> Books:
    """The law table and the calendar as they stand now; two queries."""
    return Books(queries.law_table(), queries.calendar())


def start(
    kind: Kind,
    subject: str,
    subject_id: int,
    *,
    received_on: date,
    at: datetime,
    places: tuple[str, ...] = (),
    by: Books | None = None,
) -> ClockRow:
    """Start a clock at `at` by the law of the day of receipt, reckoned `by` what was read; raises laws.NoTerm."""
    by = by or books()
    return _keep(rules.start(kind, by.laws, received_on, at, places), subject, subject_id, by.calendar)


def restart(row: ClockRow, actor: Actor, now: datetime, reason: str) -> ClockRow:
    """The matter goes to another authority: this clock ends, the receiver's whole period begins, by the same law."""
    clock = queries.pure(row)
    _apply(row, rules.transfer(clock, now), actor, reason)
    return _keep(rules.after_transfer(clock, now), row.subject, row.subject_id, queries.calendar())


def pause(row: ClockRow, ground: str, reason: str, actor: Actor, now: datetime) -> None:
    """Let it stand still on a lawful ground; raises Invalid (``clock_ground``), Conflict."""
    _apply(row, rules.pause(queries.pure(row), now, ground, queries.calendar()), actor, reason)


def resume(row: ClockRow, actor: Actor, now: datetime, reason: str = "") -> None:
    """Let it go on; raises Conflict."""
    _apply(row, rules.resume(queries.pure(row), now), actor, reason)


def extend(row: ClockRow, ground: str, reason: str, received_on: date, actor: Actor, now: datetime) -> None:
    """Lengthen it by what the law of the day of receipt allows; raises Invalid, Conflict (``clock_extended``)."""
    allowance = queries.law_table().allowance(row.kind, received_on)
    _apply(row, rules.extend(queries.pure(row), now, ground, allowance, queries.calendar()), actor, reason)


def meet(subject: str, subject_id: int, actor: Actor, now: datetime, *kinds: Kind) -> None:
    """What the running clocks of these kinds asked for is done."""
    _end(subject, subject_id, actor, now, kinds, rules.meet)


def stop(subject: str, subject_id: int, actor: Actor, now: datetime, *kinds: Kind, reason: str = "") -> None:
    """Nothing more is owed on the running clocks of these kinds (all, if none is named)."""
    _end(subject, subject_id, actor, now, kinds, rules.stop, reason)


def recompute(
    rows: Iterable[ClockRow],
    before: workdays.Calendar,
    after: workdays.Calendar,
    actor: Actor,
    now: datetime,
    reason: str,
) -> list[Moved]:
    """Reckon running clocks by a new calendar and write down what moved."""
    moved = []
    for row in rows:
        change = rules.move(queries.pure(row), before, after)
        if change is None:
            continue
        old = row.due_at
        _promise(row, change.after)
        _write(row, "recompute", actor, now, ground=reason, old=old)
        moved.append(Moved(row.subject, row.subject_id, row.kind, old, row.due_at))
    return moved


def _keep(clock: Clock, subject: str, subject_id: int, calendar: workdays.Calendar) -> ClockRow:
    row = ClockRow(
        subject=subject,
        subject_id=subject_id,
        kind=clock.kind,
        term_value=clock.term.value,
        term_unit=clock.term.unit,
        term_source=clock.term.source,
        started_at=clock.started_at,
    )
    _promise(row, rules.due(clock, calendar))
    db.session.add(row)
    db.session.flush()
    return row


def _promise(row: ClockRow, due: rules.Due) -> None:
    row.due_at, row.due_on, row.provisional = due.at, due.on, due.provisional


def _apply(row: ClockRow, after: Clock, actor: Actor, reason: str) -> None:
    """Keep the event by which `after` is longer than the row, and the due date that follows from it."""
    event = after.events[-1]
    old = row.due_at
    if event.what in rules.ENDS:
        row.ended_at, row.ended_how = event.at, event.what
        row.late = old is not None and event.at > old
    else:
        _promise(row, rules.due(after, queries.calendar()))
    _write(
        row, event.what.value, actor, event.at, ground=event.ground, reason=reason, count=event.count, old=old
    )


def _write(
    row: ClockRow,
    what: str,
    actor: Actor,
    at: datetime,
    *,
    ground: str = "",
    reason: str = "",
    count: int = 0,
    old: datetime | None = None,
) -> None:
    row.events.append(
        ClockEvent(
            clock_id=row.id,
            what=what,
            at=at,
            by_id=actor.account_id,
            ground=ground,
            reason=reason,
            count=count,
            old_due_at=old,
            new_due_at=row.due_at,
        )
    )
    db.session.flush()


def _end(
    subject: str,
    subject_id: int,
    actor: Actor,
    now: datetime,
    kinds: tuple[Kind, ...],
    how: Callable[[Clock, datetime], Clock],
    reason: str = "",
) -> None:
    for row in queries.running(subject, subject_id, *kinds):
        _apply(row, how(queries.pure(row), now), actor, reason)
