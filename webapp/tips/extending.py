"""Requests to verify for longer: one at a time, granted once, decided by somebody who did not ask."""

from __future__ import annotations

from datetime import datetime

from webapp.clocks import queries as clock_queries
from webapp.clocks import rules as clock_rules
from webapp.clocks.laws import Kind
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden

from . import timing
from .models import Tip, TipExtension
from .rules import EXTENSION_STEPS, ExtensionState

E = ExtensionState


def asked(tip: Tip) -> TipExtension | None:
    """The request that waits for a decision, or None."""
    return next((one for one in tip.extensions if one.state is E.ASKED), None)


def may_ask(tip: Tip, now: datetime) -> str:
    """Why no extension can be asked for now (an error's code), or ""."""
    if asked(tip) is not None:
        return "extension_asked"
    running = timing.verifying(tip)
    if not running:
        return "no_clock"
    allowance = clock_queries.law_table().allowance(Kind.VERIFICATION, clock.day_of(tip.received_at))
    if any(one.state is E.APPROVED for one in tip.extensions):
        return "clock_extended"
    try:
        # a trial on the pure clock: what approval would do today
        pure = clock_queries.pure(running[0])
        clock_rules.extend(pure, now, "approved", allowance, clock_queries.calendar())
    except Conflict as refusal:
        return refusal.code
    return ""


def ask(tip: Tip, reason: str, actor: Actor, now: datetime) -> TipExtension:
    """Write the request down; raises Conflict."""
    if actor.account_id is None:
        raise Forbidden("step_forbidden")
    if refusal := may_ask(tip, now):
        raise Conflict(refusal)
    made = TipExtension(
        tip_id=tip.id, state=EXTENSION_STEPS.first, reason=reason, asked_by_id=actor.account_id, asked_at=now
    )
    tip.extensions.append(made)
    db.session.flush()
    return made


def decide(tip: Tip, action: str, said: str, actor: Actor, now: datetime) -> TipExtension:
    """Approve, refuse or withdraw the request that waits; raises Conflict, Forbidden (``two_people_needed``)."""
    waiting = asked(tip)
    if waiting is None:
        raise Conflict("no_extension_asked")
    step = EXTENSION_STEPS.check(waiting.state, action, actor, tip.scope, said)
    if action == "withdraw":
        if actor.account_id != waiting.asked_by_id:
            raise Forbidden("step_forbidden")
    elif actor.account_id == waiting.asked_by_id:
        raise Forbidden("two_people_needed")
    if action == "approve":
        timing.extend(tip, said, actor, now)  # first: what it refuses leaves the request waiting
    if action != "withdraw":
        waiting.decided_by_id = actor.account_id
    waiting.state, waiting.decided_at, waiting.decision = step.target, now, said or None
    return waiting


def drop(tip: Tip, now: datetime) -> None:
    """The verification ended or went to another office: a request that waits falls away."""
    waiting = asked(tip)
    if waiting is not None:
        step = EXTENSION_STEPS.check(waiting.state, "withdraw", SYSTEM, tip.scope)
        waiting.state, waiting.decided_at = step.target, now
