"""Issuing, suspending, restoring and revoking trust codes.

A code is suspended while any ground stands and active again when the last one ends. Each change writes its
public audit row, its change-feed entry and its signal in the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime

from webapp import audit, feed
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import code_issued, code_state_changed, send
from webapp.merchants.queries import get_shop

from . import queries
from .models import ProposalState, Revocation, SuspensionGround, TrustCode
from .rules import AUTOMATIC_GROUNDS, STEPS, CodeState


def issue(shop_id: int, actor: Actor, now: datetime) -> TrustCode:
    """Give the shop its code; the standing one when it already has it (the same approval twice is one code)."""
    if (standing := queries.standing(shop_id)) is not None:
        return standing
    code = TrustCode(
        shop_id=shop_id, state=STEPS.first, issued_at=now, issued_by_id=actor.account_id, changed_at=now
    )
    db.session.add(code)
    db.session.flush()
    audit.record(
        actor,
        "code.issue",
        "trust_code",
        code.id,
        now=now,
        shop_id=shop_id,
        new={"state": code.state},
        public=True,
    )
    feed.publish("code.issued", now=now, shop_id=shop_id)
    send(code_issued, shop_id=shop_id, trust_code_id=code.id, actor=actor, now=now)
    return code


def suspend(shop_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> TrustCode:
    """Suspend on `ground` (a code of the catalogue) with `reason` in words; a standing ground is not doubled."""
    code = queries.get_standing(shop_id)
    step = STEPS.check(code.state, "suspend", actor, get_shop(shop_id).scope, reason)
    if actor is not SYSTEM and ground in AUTOMATIC_GROUNDS:
        raise Invalid("ground_is_automatic", field="ground")
    if any(standing.ground == ground for standing in queries.open_grounds(code)):
        if actor is SYSTEM:
            return code
        raise Conflict("already_suspended")
    code.grounds.append(
        SuspensionGround(ground=ground, reason=reason, started_at=now, started_by_id=actor.account_id)
    )
    _move(code, step.target, actor, now, "code.suspend", ground, reason)
    return code


def lift(shop_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> TrustCode:
    """End one ground; the code is active again when it was the last. What the register raised, it lifts itself."""
    code = queries.get_standing(shop_id)
    step = STEPS.check(code.state, "restore", actor, get_shop(shop_id).scope, reason)
    standing = [entry for entry in queries.open_grounds(code) if entry.ground == ground]
    if not standing:
        raise Conflict("ground_not_standing")
    if actor is not SYSTEM and ground in AUTOMATIC_GROUNDS:
        raise Forbidden("ground_is_automatic")
    for entry in standing:
        entry.ended_at, entry.ended_by_id, entry.ended_reason = now, actor.account_id, reason
    target = code.state if queries.open_grounds(code) else step.target
    _move(code, target, actor, now, "code.restore", ground, reason)
    return code


def propose_revocation(shop_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> Revocation:
    """First of two people: propose to revoke the shop's code."""
    code = queries.get_standing(shop_id)
    STEPS.check(code.state, "revoke", actor, get_shop(shop_id).scope, reason)
    if queries.open_revocation(code.id) is not None:
        raise Conflict("revocation_already_proposed")
    if actor.account_id is None:
        raise Forbidden("no_access")
    revocation = Revocation(
        trust_code_id=code.id,
        shop_id=shop_id,
        state=ProposalState.PROPOSED,
        ground=ground,
        reason=reason,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(revocation)
    db.session.flush()
    audit.record(
        actor,
        "code.propose_revocation",
        "revocation",
        revocation.id,
        now=now,
        shop_id=shop_id,
        reason_code=ground,
        reason=reason,
    )
    return revocation


def decide_revocation(
    revocation_id: int, *, confirm: bool, reason: str, actor: Actor, now: datetime
) -> Revocation:
    """Second of two people: confirm or refuse. Never the one who proposed."""
    revocation = queries.get_revocation(revocation_id)
    if revocation.state is not ProposalState.PROPOSED:
        raise Conflict("already_decided")
    if actor.account_id == revocation.proposed_by_id:
        raise Forbidden("two_people_needed")
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    code = queries.get_standing(revocation.shop_id)
    STEPS.check(code.state, "revoke", actor, get_shop(revocation.shop_id).scope, reason)
    revocation.state = ProposalState.CONFIRMED if confirm else ProposalState.REFUSED
    revocation.decided_by_id, revocation.decided_at, revocation.decision_reason = (
        actor.account_id,
        now,
        reason,
    )
    if confirm:
        _revoke(code, revocation.ground, revocation.reason, actor, now)
    else:
        audit.record(
            actor,
            "code.refuse_revocation",
            "revocation",
            revocation.id,
            now=now,
            shop_id=revocation.shop_id,
            reason_code=revocation.ground,
            reason=reason,
        )
    return revocation


def revoke_now(shop_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> TrustCode:
    """Revoke by itself (注销, 吊销, black list). The two people, where needed, stand behind the cause."""
    code = queries.get_standing(shop_id)
    STEPS.check(code.state, "revoke", actor, get_shop(shop_id).scope, reason)
    _revoke(code, ground, reason, actor, now)
    return code


def _revoke(code: TrustCode, ground: str, reason: str, actor: Actor, now: datetime) -> None:
    for entry in queries.open_grounds(code):
        entry.ended_at, entry.ended_by_id, entry.ended_reason = now, actor.account_id, "revoked"
    if (waiting := queries.open_revocation(code.id)) is not None:
        waiting.state, waiting.decided_at = ProposalState.REFUSED, now
        waiting.decision_reason = ground  # overtaken: the code is gone on another ground
    code.revoked_at, code.revoked_ground = now, ground
    _move(code, CodeState.REVOKED, actor, now, "code.revoke", ground, reason)


def _move(
    code: TrustCode, target: CodeState, actor: Actor, now: datetime, action: str, ground: str, reason: str
) -> None:
    before, code.state, code.changed_at = code.state, target, now
    db.session.flush()
    audit.record(
        actor,
        action,
        "trust_code",
        code.id,
        now=now,
        shop_id=code.shop_id,
        old={"state": before},
        new={"state": target, "ground": ground},
        reason_code=ground,
        reason=reason,
        public=True,
    )
    feed.publish(action, now=now, shop_id=code.shop_id, state=target.value, ground=ground)
    send(
        code_state_changed,
        shop_id=code.shop_id,
        trust_code_id=code.id,
        before=before,
        after=target,
        actor=actor,
        now=now,
    )
