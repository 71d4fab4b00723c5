"""Reading clocks, the law table and the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from webapp.core import policy
from webapp.core.db import db
from webapp.core.workdays import Calendar
from webapp.holidays import queries as holidays

from .laws import PREFIXES, Kind, LawTable, Term
from .models import ClockRow
from .rules import Clock, Event, What

_EVENTS = frozenset(What)


def calendar() -> Calendar:
    """The calendar to count by, with the notices that the office entered."""
    return holidays.calendar()


def law_table() -> LawTable:
    """The policy rows of complaints and tips."""
    return LawTable(policy.rows(PREFIXES))


def of(subject: str, subject_id: int) -> list[ClockRow]:
    """All clocks of a record, in the order in which they started."""
    statement = sa.select(ClockRow).where(ClockRow.subject == subject, ClockRow.subject_id == subject_id)
    return list(db.session.scalars(statement.order_by(ClockRow.id)))


def running(subject: str, subject_id: int, *kinds: Kind) -> list[ClockRow]:
    """The clocks of a record that have not ended (of these kinds, if any are named)."""
    return [
        row for row in of(subject, subject_id) if row.ended_at is None and (not kinds or row.kind in kinds)
    ]


def of_many(subject: str, ids: Iterable[int]) -> dict[int, list[ClockRow]]:
    """The clocks of many records, by record: one query for a list."""
    found: dict[int, list[ClockRow]] = {}
    statement = sa.select(ClockRow).where(ClockRow.subject == subject, ClockRow.subject_id.in_(list(ids)))
    for row in db.session.scalars(statement.order_by(ClockRow.id)):
        found.setdefault(row.subject_id, []).append(row)
    return found


def next_due(subject: str, subject_id: int) -> datetime | None:
    """The earliest due instant of the record's running clocks, or None."""
    return min((row.due_at for row in running(subject, subject_id) if row.due_at is not None), default=None)


def due_between(
    subject: str, kinds: Iterable[Kind], since: datetime, until: datetime, limit: int = 500
) -> list[ClockRow]:
    """Running clocks whose due instant lies after `since` up to `until`, soonest first: for reminders and sweeps."""
    statement = sa.select(ClockRow).where(
        ClockRow.subject == subject,
        ClockRow.kind.in_(list(kinds)),
        ClockRow.ended_at.is_(None),
        ClockRow.due_at > since,
        ClockRow.due_at <= until,
    )
    return list(db.session.scalars(statement.order_by(ClockRow.due_at).limit(limit)))


def pure(row: ClockRow) -> Clock:
    """The kept clock as the rules take it."""
    events = tuple(
        Event(event.at, What(event.what), event.ground, event.count)
        for event in row.events
        if event.what in _EVENTS
    )
    return Clock(row.kind, Term(row.term_value, row.term_unit, row.term_source), row.started_at, events)
