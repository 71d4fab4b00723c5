"""What happens by itself: a word before the last day, the bureau told when it has passed or when nobody looks at what
the merchant reported, what is shown too long.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.core import clock, policy
from webapp.core.actor import SYSTEM

from . import cases, consequences, queries, telling
from .effects import Event
from .rules import is_overdue


def sweep(now: datetime) -> int:
    """Do all of it; returns how much was done. Done again at once, nothing is done twice."""
    return _remind(now) + _escalate(now) + _unseen(now) + _take_off(now)


def _remind(now: datetime) -> int:
    today = clock.day_of(now)
    soon = today + timedelta(days=policy.get_int("oversight.order_remind_days", today))
    done = 0
    for order in queries.due_until(soon):
        if order.reminded_at is not None or order.due_on is None or order.due_on < today:
            continue
        order.reminded_at = now
        cases.flush()
        if order.state.value == "open":
            telling.tell(order, "soon", now)
        done += 1
    return done


def _escalate(now: datetime) -> int:
    today = clock.day_of(now)
    done = 0
    for order in queries.due_until(today - timedelta(days=1)):
        if order.escalated_at is not None or not is_overdue(order.state, order.due_on, today):
            continue
        order.escalated_at = now
        cases.flush()
        cases.record(order, "overdue", SYSTEM, now, before=order.state)
        telling.tell(order, "overdue", now)
        consequences.follow(Event.ORDER_OVERDUE, order, SYSTEM, now)
        done += 1
    return done


def _unseen(now: datetime) -> int:
    """Who has reported is not late, and the office must not let the report lie."""
    today = clock.day_of(now)
    since = now - timedelta(days=policy.get_int("oversight.order_look_days", today))
    orders = queries.reported_before(since)
    return sum(len(consequences.follow(Event.ORDER_UNSEEN, order, SYSTEM, now)) for order in orders)


def _take_off(now: datetime) -> int:
    """Pages hide it from that day anyway; here the leaf's subject is sealed and kept pages are dropped."""
    found = queries.shown_too_long(clock.day_of(now))
    for case in found:
        cases.hide(case, None, SYSTEM, now)
    return len(found)
