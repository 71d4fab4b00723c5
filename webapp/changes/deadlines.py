"""By when change requests are due, and what a new holiday notice does to that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.workdays import Calendar
from webapp.holidays.rules import Moved, move

from . import queries
from .models import ShopChange


def _period(change: ShopChange) -> tuple[date, int]:
    """The day of the request, and how many working days the office may take."""
    start = clock.day_of(change.requested_at)
    return start, policy.get_int("change.review_days", start)


def moves(before: Calendar, after: Calendar, since: date) -> Iterator[Moved]:
    """Slot ``holidays.moves``: what waits and would be due on another day, or no longer provisionally."""
    for change in queries.due_since(since):
        start, count = _period(change)
        found = move("change", change.shop.full_name, start, count, change.due_on, before, after)
        if found is not None:
            yield found


def recompute(actor: Actor, now: datetime, calendar: Calendar, since: date) -> int:
    """Reckon what waits again; returns how many moved."""
    moved = 0
    for change in queries.due_since(since, held=True):
        start, count = _period(change)
        due = calendar.add(start, count).day
        if due == change.due_on:
            continue
        old, change.due_on = change.due_on, due
        audit.record(
            actor,
            "change.due_moved",
            "change",
            change.id,
            now=now,
            shop_id=change.shop_id,
            operator_id=change.operator_id,
            old={"due_on": old.isoformat()},
            new={"due_on": due.isoformat()},
        )
        moved += 1
    return moved
