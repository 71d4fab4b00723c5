"""What a new holiday notice does to orders that run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import holidays_changed
from webapp.core.workdays import Calendar
from webapp.holidays.rules import Moved, move

from . import cases, queries
from .models import Correction
from .rules import Unit, due_on


def moves(before: Calendar, after: Calendar, since: date) -> Iterator[Moved]:
    """Slot ``holidays.moves``: orders that run and would be due on another day, or no longer provisionally."""
    for order in queries.due_since(since):
        if order.counted_from is None or order.due_on is None:
            continue
        name, due = order.shop.full_name, _due(order, after)
        if order.unit is Unit.WORKING_DAYS:
            found = move("order", name, order.counted_from, order.days, order.due_on, before, after)
            if found is not None:
                yield found
        elif due != order.due_on:  # calendar days end on the next working day
            yield Moved("order", name, order.due_on, due, provisional=False)


@holidays_changed.connect
def reckon_again(
    _sender: None, *, after: Calendar, since: date, actor: Actor, now: datetime, **_news: Any
) -> None:
    """A holiday notice came or went: what runs is due on other days."""
    for order in queries.due_since(since):
        due = _due(order, after)
        if due is None or due == order.due_on:
            continue
        old = "" if order.due_on is None else order.due_on.isoformat()
        order.due_on = due
        cases.flush()
        more = {"due_on": due.isoformat(), "due_before": old}
        cases.record(order, "due_moved", actor, now, before=order.state, more=more)


def _due(order: Correction, calendar: Calendar) -> date | None:
    return (
        None if order.counted_from is None else due_on(order.counted_from, order.days, order.unit, calendar)
    )
