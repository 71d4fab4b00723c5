"""By when the office owes the next step of an application, and what a new holiday notice does to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.workdays import Calendar
from webapp.holidays import queries as holidays
from webapp.holidays.rules import Moved, move

from . import queries
from .models import Application
from .rules import ApplicationState

_REVIEW_DAYS = {
    ApplicationState.STATION_REVIEW: "application.station_review_days",
    ApplicationState.BUREAU_REVIEW: "application.bureau_review_days",
}


def due_on(
    application: Application, state: ApplicationState, now: datetime, calendar: Calendar | None = None
) -> date | None:
    """By when the office owes the next step in `state`: the review's working days, or the day it was deferred to."""
    if state not in _REVIEW_DAYS:
        return application.deferred_until
    start, count = _period(application, state, now)
    return (calendar or holidays.calendar()).add(start, count).day


def _period(application: Application, state: ApplicationState, now: datetime) -> tuple[date, int]:
    """The day on which the review began, and how many working days it may take."""
    began = queries.review_began(application, state.value)
    start = clock.day_of(began.at if began is not None else now)
    return start, policy.get_int(_REVIEW_DAYS[state], start)


def moves(before: Calendar, after: Calendar, since: date) -> Iterator[Moved]:
    """Slot ``holidays.moves``: the running reviews that another calendar moves or settles."""
    for application in queries.in_review(since):
        if application.due_on is None:
            continue
        start, count = _period(application, application.state, clock.now())
        name = application.shop.full_name
        found = move("application", name, start, count, application.due_on, before, after)
        if found is not None:
            yield found


def recompute(
    actor: Actor, now: datetime, *, calendar: Calendar | None = None, since: date | None = None
) -> int:
    """Reckon the due days of running reviews again (those due on or after `since`); returns how many moved."""
    moved = 0
    calendar = calendar or holidays.calendar()
    for application in queries.in_review(since, held=True):
        due = due_on(application, application.state, now, calendar)
        if due is None or due == application.due_on:
            continue
        old, application.due_on = application.due_on, due
        audit.record(
            actor,
            "application.due_moved",
            "application",
            application.id,
            now=now,
            shop_id=application.shop_id,
            operator_id=application.operator_id,
            old={"due_on": old.isoformat() if old else None},
            new={"due_on": due.isoformat()},
        )
        moved += 1
    return moved
