"""What follows a decision on a talk or an order, by the table in effects.py; and the proposals that it makes."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp import audit
from webapp.accounts.queries import officers_over
from webapp.codes import operations as codes
from webapp.codes import queries as code_queries
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden
from webapp.listings import leads
from webapp.notices import operations as notices
from webapp.web.permissions import PERMISSIONS
from webapp.web.words import label

from . import cases, effects, queries
from .effects import Consequence, Effect, Event
from .models import Correction, OversightProposal, Talk
from .rules import PROPOSAL_STEPS, REASON_LONGEST, OrderState, ProposalState, TalkState, check_length

#: The ground in the catalogue of suspensions.
SUSPEND_GROUND = "order_not_performed"
BLACK_GROUND = "refused_redress"
PROPOSER = "oversight"
_MONTH = timedelta(days=30)
_REACHED: dict[Event, tuple[type[Talk | Correction], tuple[str, ...]]] = {
    Event.TALK_HELD: (Talk, (TalkState.HELD.value,)),
    Event.ORDER_FAILED: (Correction, (OrderState.NOT_PERFORMED.value,)),
}


def follow(event: Event, case: cases.AnyCase, actor: Actor, now: datetime) -> list[Effect]:
    """Do what the table says; returns what came of it (officers who were told before are not told again)."""
    values = policy.get_ints(effects.KEYS, clock.day_of(now))

    def times(months: int) -> int:
        model, states = _REACHED[event]
        return queries.times(model, case.shop_id, states, now - months * _MONTH)

    found = effects.of(event, values, times)
    return [consequence.effect for consequence in found if _do(consequence, event, case, actor, now)]


def _do(consequence: Consequence, event: Event, case: cases.AnyCase, actor: Actor, now: datetime) -> bool:
    effect = consequence.effect
    if effect is Effect.ESCALATE:
        return bool(escalate(event, case, now))
    if effect is Effect.LIFT:
        return bool(_ask_to_lift(case, now))
    if effect is Effect.SHOW:
        cases.show(case, consequence.days, actor, now)
    elif effect is Effect.HIDE:
        cases.hide(case, consequence.days, actor, now)
    elif effect is Effect.SUSPEND:
        _propose(event, case, actor, now)
    elif effect is Effect.BLACK:
        words = label(f"oversight.lead.{event}", summary=case.public_summary, shop=case.shop.full_name)
        leads.found(case.shop_id, words, now, proposer=PROPOSER, ground=BLACK_GROUND)
    elif effect is Effect.SETTLE:
        settle(case, actor, now)
    return True


#: What the bureau's officers are told of a case: the last word of the notice and of its key.
_TOLD = {Event.ORDER_OVERDUE: "overdue", Event.ORDER_UNSEEN: "unseen"}


def escalate(event: Event, case: cases.AnyCase, now: datetime) -> int:
    """Tell the bureau's officers over the shop, each once; returns how many were told."""
    # A report that comes after one was sent back waits anew.
    since = case.reported_at if event is Event.ORDER_UNSEEN and isinstance(case, Correction) else None
    return _tell_officers(case, _TOLD[event], "oversight.approve", now, since)


def _tell_officers(
    case: cases.AnyCase, word: str, permission: str, now: datetime, since: datetime | None = None
) -> int:
    told = 0
    details = {"shop": case.shop.full_name}
    stem = f"oversight-{case.kind}-{case.id}-{word}" + (f"-{int(since.timestamp())}" if since else "")
    for officer in officers_over(case.shop.scope, PERMISSIONS[permission]):
        url = f"/office/{case.kind}s/{case.id}"
        told += notices.notify_once(
            officer.id, f"notice.oversight.{word}", details, url, f"{stem}-{officer.id}", now
        )
    return told


def suspended_by(case: cases.AnyCase) -> bool:
    """Is the shop's code suspended still, on the proposal that this case made?"""
    code = code_queries.standing(case.shop_id)
    if code is None or SUSPEND_GROUND not in {entry.ground for entry in code_queries.open_grounds(code)}:
        return False
    return queries.taken_proposal_of(case) is not None


def _ask_to_lift(case: cases.AnyCase, now: datetime) -> int:
    """A suspension is another officer's decision: it is lifted by one who looks, not by itself."""
    return _tell_officers(case, "lift", "code.restore", now) if suspended_by(case) else 0


def _propose(event: Event, case: cases.AnyCase, actor: Actor, now: datetime) -> None:
    """To suspend the code, for another officer; nothing when one waits or the shop has no code that stands."""
    if queries.open_proposal_of(case.shop_id) is not None or code_queries.standing(case.shop_id) is None:
        return
    if actor.account_id is None:
        return
    proposal = OversightProposal(
        shop_id=case.shop_id,
        shop=case.shop,
        state=PROPOSAL_STEPS.first,
        event=event.value,
        talk_id=case.id if isinstance(case, Talk) else None,
        order_id=case.id if isinstance(case, Correction) else None,
        raised_by_id=actor.account_id,
        raised_at=now,
    )
    db.session.add(proposal)
    cases.flush()
    _record(proposal, "raise", actor, now)


def settle(case: cases.AnyCase, actor: Actor, now: datetime) -> None:
    """What this case proposed against the shop and still waits falls away."""
    proposal = queries.open_proposal_of(case.shop_id)
    if proposal is None:
        return
    mine = proposal.talk_id if isinstance(case, Talk) else proposal.order_id
    if mine == case.id:
        step = PROPOSAL_STEPS.check(proposal.state, "lapse", actor, proposal.shop.scope)
        proposal.state, proposal.decided_at = step.target, now
        cases.flush()
        _record(proposal, "lapse", actor, now)


def retract(case: cases.AnyCase, actor: Actor, now: datetime) -> None:
    """The decision was wrong: what it proposed falls away, a lead for the black list too. To lift a suspension that
    another officer has decided meanwhile, the table asks the bureau.
    """
    settle(case, actor, now)
    leads.lapse(case.shop_id, now, PROPOSER)
    event = Event.TALK_WITHDRAWN if isinstance(case, Talk) else Event.ORDER_WITHDRAWN
    follow(event, case, actor, now)


def take(proposal_id: int, reason: str, actor: Actor, now: datetime, version: int) -> OversightProposal:
    """Suspend the shop's code with `reason` (public). Never by whose decision raised the proposal."""
    proposal = _opened(proposal_id, version)
    step = PROPOSAL_STEPS.check(proposal.state, "take", actor, proposal.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    if actor.account_id == proposal.raised_by_id:
        raise Forbidden("two_people_needed")
    _close(proposal, step.target, reason, actor, now)
    codes.suspend(proposal.shop_id, SUSPEND_GROUND, reason.strip(), actor, now)
    _record(proposal, "take", actor, now, reason)
    return proposal


def decline(proposal_id: int, reason: str, actor: Actor, now: datetime, version: int) -> OversightProposal:
    """Not to suspend, with a reason; neither by whose decision raised it."""
    proposal = _opened(proposal_id, version)
    step = PROPOSAL_STEPS.check(proposal.state, "decline", actor, proposal.shop.scope, reason)
    check_length(reason, REASON_LONGEST, "reason")
    if actor.account_id == proposal.raised_by_id:
        raise Forbidden("two_people_needed")
    _close(proposal, step.target, reason, actor, now)
    _record(proposal, "decline", actor, now, reason)
    return proposal


def _close(
    proposal: OversightProposal, state: ProposalState, reason: str, actor: Actor, now: datetime
) -> None:
    proposal.state, proposal.reason = state, reason.strip()
    proposal.decided_by_id, proposal.decided_at = actor.account_id, now
    cases.flush()


def _opened(proposal_id: int, version: int) -> OversightProposal:
    proposal = queries.get_proposal(proposal_id)
    if proposal.version != version:
        raise Conflict("changed_meanwhile")
    return proposal


def _record(
    proposal: OversightProposal, action: str, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    audit.record(
        actor,
        f"oversight_proposal.{action}",
        "oversight_proposal",
        proposal.id,
        now=now,
        shop_id=proposal.shop_id,
        new={"state": proposal.state.value, "event": proposal.event},
        reason=(reason or "").strip() or None,
    )
