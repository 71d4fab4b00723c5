"""More time for an order: asked by an officer or the merchant, granted by an officer who did not ask. No commits."""

from __future__ import annotations

from datetime import date, datetime

from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.errors import Conflict, Forbidden
from webapp.core.steps import permit
from webapp.holidays.queries import calendar

from . import cases, telling
from .models import Correction, CorrectionExtension
from .rules import (
    EXTENSION_STEPS,
    REASON_LONGEST,
    RUNNING,
    ExtensionState,
    check_days,
    check_length,
    check_texts,
    due_on,
)

_ASKERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.MERCHANT})


def most_days(today: date) -> int:
    """The longest that one extension may give."""
    return policy.get_int("oversight.extension_max_days", today)


def refusal(order: Correction, today: date) -> str:
    """Why no more time can be asked for now (an error's code), or ""."""
    if order.state not in RUNNING:
        return "order_not_running"
    if order.asked_extension is not None:
        return "extension_asked"
    granted = sum(one.state is ExtensionState.APPROVED for one in order.extensions)
    return "order_extended" if granted >= policy.get_int("oversight.extensions_most", today) else ""


def ask(order_id: int, days: int | None, reason: str, actor: Actor, now: datetime) -> CorrectionExtension:
    """Ask for `days` more. Raises Conflict, Invalid, Forbidden."""
    order = cases.opened_order(order_id, None)
    permit(actor, _ASKERS, order.shop.scope, "no_access")
    today = clock.day_of(now)
    if why := refusal(order, today):
        raise Conflict(why)
    if actor.account_id is None:
        raise Forbidden("no_access")
    check_texts(reason=(reason, REASON_LONGEST))
    made = CorrectionExtension(
        order_id=order.id,
        state=EXTENSION_STEPS.first,
        days=check_days(days, most_days(today)),
        reason=reason.strip(),
        asked_by_id=actor.account_id,
        asked_at=now,
        by_merchant=actor.role is Role.MERCHANT,
    )
    order.extensions.append(made)
    cases.flush("extension_asked")
    cases.record(
        order, "ask_extension", actor, now, before=order.state, reason=reason, more={"days": made.days}
    )
    return made


def decide(
    order_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int
) -> CorrectionExtension:
    """``approve`` or ``refuse`` what waits; never by who asked. The days count on from the last day so far."""
    order = cases.opened_order(order_id, version)
    waiting = order.asked_extension
    if waiting is None:
        raise Conflict("no_extension_asked")
    step = EXTENSION_STEPS.check(waiting.state, action, actor, order.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    if actor.account_id is None or actor.account_id == waiting.asked_by_id:
        raise Forbidden("two_people_needed")
    later = None if order.due_on is None else due_on(order.due_on, waiting.days, order.unit, calendar())
    waiting.state, waiting.decision = step.target, reason.strip()
    waiting.decided_by_id, waiting.decided_at, waiting.due_before = actor.account_id, now, order.due_on
    if action == "approve" and later is not None:
        order.counted_from, order.due_on, order.days = order.due_on, later, waiting.days
        order.reminded_at = order.escalated_at = None
    cases.flush()
    due = {} if order.due_on is None else {"due_on": order.due_on.isoformat()}
    cases.record(order, f"{action}_extension", actor, now, before=order.state, reason=reason, more=due)
    telling.tell(order, f"{action}_extension", now)
    return waiting


def drop(order: Correction, actor: Actor, now: datetime) -> None:
    """The order ended: a request that waits falls away."""
    waiting = order.asked_extension
    if waiting is not None:
        step = EXTENSION_STEPS.check(waiting.state, "drop", actor, order.shop.scope)
        waiting.state, waiting.decided_at = step.target, now
        cases.flush()
