"""What a holiday notice does to running clocks: told before it is entered, done when it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.signals import holidays_changed
from webapp.core.workdays import Calendar
from webapp.holidays.rules import Moved
from webapp.web import slots

from . import operations, queries, rules
from .models import ClockRow

#: The ground that an event of a recomputation bears.
REASON = "holiday_notice"


def moves(before: Calendar, after: Calendar, since: date) -> Iterator[Moved]:
    """Slot ``holidays.moves``: the running clocks that another calendar moves or settles."""
    for row in running(since):
        change = rules.move(queries.pure(row), before, after)
        if change is not None:
            yield Moved(
                row.kind.value,
                name_of(row),
                change.before.on,
                change.after.on,
                change.after.provisional,
                change.days,
            )


def running(since: date) -> list[ClockRow]:
    """Clocks that have not ended and are due on or after `since`, or stand still."""
    statement = sa.select(ClockRow).where(
        ClockRow.ended_at.is_(None), sa.or_(ClockRow.due_on.is_(None), ClockRow.due_on >= since)
    )
    return list(db.session.scalars(statement.order_by(ClockRow.id)))


def name_of(row: ClockRow) -> str:
    """What the clock is about, as its feature calls it (slot ``clock.name``): a number, no person."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    names: list[str] = slots.collect(app, "clock.name", subject=row.subject, subject_id=row.subject_id)
    return names[0] if names else f"{row.subject} {row.subject_id}"


@holidays_changed.connect
def reckon_again(
    _sender: None,
    *,
    before: Calendar,
    after: Calendar,
    since: date,
    actor: Actor,
    now: datetime,
    **_news: Any,
) -> None:
    """A holiday notice came or went: running clocks are due on other days, and their records say so."""
    moved = operations.recompute(running(since), before, after, actor, now, REASON)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    for subject, subject_id in dict.fromkeys((one.subject, one.subject_id) for one in moved):
        slots.collect(app, "clock.moved", subject=subject, subject_id=subject_id, actor=actor, now=now)
