"""Deeds on orders to correct (责令改正). No commits. More time: extensions.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, StepRefused
from webapp.core.steps import permit
from webapp.files.operations import attach
from webapp.holidays.queries import calendar
from webapp.merchants.queries import get_shop

from . import cases, consequences, extensions, grounds, queries, sources, telling
from .effects import Event
from .models import Correction
from .rules import (
    FACTS_LONGEST,
    ORDER_STEPS,
    REASON_LONGEST,
    REPORT_LONGEST,
    SUMMARY_LONGEST,
    OrderState,
    Source,
    Unit,
    check_days,
    check_length,
    check_over,
    check_texts,
    due_on,
)

#: Photos of a report hang on the order by this owner; the merchant's own.
REPORT_OWNER = "correction_report"
_OFFICERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
EVENTS = {"perform": Event.ORDER_PERFORMED, "fail": Event.ORDER_FAILED}


@dataclass(frozen=True)
class Order:
    """What an officer proposes: `demand` within `days`, counted as the ground's law has it."""

    source: Source
    source_ref: str
    ground: str
    facts: str
    public_summary: str
    demand: str
    days: int | None


def unit_of(ground: str) -> Unit:
    """How the days of an order on this ground are counted; raises Invalid for no such ground."""
    unit = grounds.get("order", ground).unit
    assert unit is not None, "each ground of an order says it"
    return unit


def most_days(today: date) -> int:
    """The longest time that an order may give."""
    return policy.get_int("oversight.order_max_days", today)


def would_be_due(given: Order, now: datetime) -> date:
    """The last day if it were issued `now`; for a preview. Raises Invalid for the first thing that is wrong."""
    unit = unit_of(given.ground)
    check_texts(
        facts=(given.facts, FACTS_LONGEST),
        demand=(given.demand, FACTS_LONGEST),
        public_summary=(given.public_summary, SUMMARY_LONGEST),
    )
    today = clock.day_of(now)
    return due_on(today, check_days(given.days, most_days(today)), unit, calendar())


def propose(
    shop_id: int, given: Order, actor: Actor, now: datetime, file_ids: Sequence[int] = ()
) -> Correction:
    """First of two people. Raises Invalid, Forbidden, NotFound, Conflict (``order_stands``: one on the ground runs)."""
    shop = get_shop(shop_id)
    permit(actor, _OFFICERS, shop.scope, "no_access")
    if actor.account_id is None:
        raise Forbidden("no_access")
    would_be_due(given, now)
    sources.check(given.source, given.source_ref, shop_id)
    if queries.stands(Correction, shop_id, given.ground):
        raise Conflict("order_stands")
    order = Correction(
        shop_id=shop_id,
        shop=shop,
        state=ORDER_STEPS.first,
        demand=given.demand.strip(),
        days=given.days,
        unit=unit_of(given.ground),
        source=given.source,
        source_ref=given.source_ref.strip(),
        ground=given.ground,
        facts=given.facts.strip(),
        public_summary=given.public_summary.strip(),
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(order)
    cases.flush("order_stands")
    attach(file_ids, cases.subject_of(order), order.id, actor=actor)
    cases.record(order, "propose", actor, now, before=None)
    return order


def decide(order_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> Correction:
    """Second of two people: ``approve`` (issued today, its days run from tomorrow) or ``refuse``."""
    if action not in {"approve", "refuse"}:
        raise StepRefused("step_refused", lifecycle=ORDER_STEPS.name, action=action)
    order = cases.opened_order(order_id, version)
    step = ORDER_STEPS.check(order.state, action, actor, order.shop.scope, reason)
    cases.check_second(order, actor)
    today = clock.day_of(now)
    due = due_on(today, order.days, order.unit, calendar()) if action == "approve" else None
    before, order.state = order.state, step.target
    if due is not None:
        order.counted_from, order.due_on = today, due
    cases.decided(order, reason, actor, now)
    cases.flush()
    cases.record(order, action, actor, now, before=before, reason=reason, more=_due(order))
    if action == "approve":
        telling.order_notice(order, actor, now)
        telling.tell(order, "approve", now)
        consequences.follow(Event.ORDER_ISSUED, order, actor, now)
    return order


def take_back(order_id: int, actor: Actor, now: datetime, version: int) -> Correction:
    """By whoever proposed it, before anybody has decided."""
    order = cases.opened_order(order_id, version)
    step = ORDER_STEPS.check(order.state, "take_back", actor, order.shop.scope)
    cases.check_proposer(order, actor)
    before, order.state, order.ended_at = order.state, step.target, now
    cases.flush()
    cases.record(order, "take_back", actor, now, before=before)
    return order


def report(order_id: int, text: str, actor: Actor, now: datetime, file_ids: Sequence[int] = ()) -> Correction:
    """The merchant says what it did, with photos. Reported once more before it is checked, it replaces the first."""
    order = cases.opened_order(order_id, None)
    step = ORDER_STEPS.check(order.state, "report", actor, order.shop.scope)
    check_texts(text=(text, REPORT_LONGEST))
    if order.state is OrderState.REPORTED and order.report == text.strip() and not file_ids:
        return order  # the same form once more; after it was sent back the same words are a new report
    before, order.state = order.state, step.target
    order.report, order.reported_at, order.reported_by_id = text.strip(), now, actor.account_id
    cases.flush()
    attach(file_ids, REPORT_OWNER, order.id, actor=actor)
    cases.record(order, "report", actor, now, before=before)
    return order


def check(order_id: int, action: str, finding: str, actor: Actor, now: datetime, version: int) -> Correction:
    """An officer looked: ``perform``, ``send_back`` (not enough yet) or ``fail`` (only after the last day)."""
    if action not in {"perform", "send_back", "fail"}:
        raise StepRefused("step_refused", lifecycle=ORDER_STEPS.name, action=action)
    order = cases.opened_order(order_id, version)
    step = ORDER_STEPS.check(order.state, action, actor, order.shop.scope, finding)
    check_length(finding, REASON_LONGEST, "reason")
    if action == "fail":
        check_over(order.state, order.due_on, clock.day_of(now))
    before, order.state = order.state, step.target
    order.finding, order.checked_by_id, order.checked_at = finding.strip(), actor.account_id, now
    if action != "send_back":
        order.ended_at = now
    cases.flush()
    if action != "send_back":
        extensions.drop(order, actor, now)
    cases.record(order, action, actor, now, before=before, reason=finding)
    telling.tell(order, action, now)
    if action in EVENTS:
        consequences.follow(EVENTS[action], order, actor, now)
    return order


def withdraw(order_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Correction:
    """It was wrong: it binds nobody any more and leaves every public page at once."""
    order = cases.opened_order(order_id, version)
    step = ORDER_STEPS.check(order.state, "withdraw", actor, order.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    before, order.state = order.state, step.target
    order.ended_at, order.ended_reason = now, reason.strip()
    cases.flush()
    extensions.drop(order, actor, now)
    cases.record(order, "withdraw", actor, now, before=before, reason=reason)
    cases.hide(order, None, actor, now)
    consequences.retract(order, actor, now)
    telling.tell(order, "withdraw", now)
    return order


def _due(order: Correction) -> dict[str, str]:
    return {} if order.due_on is None else {"due_on": order.due_on.isoformat()}
