"""Issuing, suspending, restoring and revoking trust codes.

A code is suspended while any ground stands and active again when the last one ends. Each change writes its
public audit row, its change-feed entry, its notices and its signal in the caller's transaction.

`version`, where given, is the code's version that the officer's page showed: Conflict when it has moved on.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.signals import code_issued, code_state_changed, send
from webapp.merchants.operations import forget_shown, keep_shown
from webapp.merchants.queries import get_shop
from webapp.web.words import label

from . import queries, telling
from .models import Revocation, SuspensionGround, TrustCode
from .rules import (
    AUTOMATIC_GROUNDS,
    PROPOSAL_STEPS,
    REASON_LONGEST,
    REVOKE_GROUNDS,
    STEPS,
    SUSPEND_GROUNDS,
    CodeState,
)


def issue(shop_id: int, actor: Actor, now: datetime) -> TrustCode:
    """Give the shop its code; the standing one when it already has it (the same approval twice is one code)."""
    if (standing := queries.standing(shop_id)) is not None:
        return standing
    code = TrustCode(
        shop_id=shop_id, state=STEPS.first, issued_at=now, issued_by_id=actor.account_id, changed_at=now
    )
    db.session.add(code)
    _flush()
    forget_shown(shop_id)
    audit.record(
        actor,
        "code.issue",
        "trust_code",
        code.id,
        now=now,
        shop_id=shop_id,
        new={"state": code.state.value},
        public=True,
    )
    feed.publish("code.issued", now=now, shop_id=shop_id)
    send(code_issued, shop_id=shop_id, trust_code_id=code.id, actor=actor, now=now)
    return code


def suspend(
    shop_id: int, ground: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> TrustCode:
    """Suspend on `ground` (of the catalogue) with `reason` in words, both public; a standing ground is not doubled.

    Raises Invalid (``ground_unknown``, ``ground_is_automatic``, ``reason_required``, ``reason_too_long``), Conflict.
    """
    code = _locked(shop_id, version)
    step = STEPS.check(code.state, "suspend", actor, get_shop(shop_id).scope, reason)
    _check_ground(ground, SUSPEND_GROUNDS, reason, actor)
    if any(standing.ground == ground for standing in queries.open_grounds(code)):
        if actor.role is Role.SYSTEM:
            return code
        raise Conflict("already_suspended")
    code.grounds.append(
        SuspensionGround(ground=ground, reason=reason.strip(), started_at=now, started_by_id=actor.account_id)
    )
    _move(code, step.target, actor, now, "code.suspend", ground, reason)
    return code


def lift(
    shop_id: int, ground: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> TrustCode:
    """End one ground; the code is active again when it was the last. What the system raised, it lifts itself."""
    code = _locked(shop_id, version)
    STEPS.check(code.state, "restore", actor, get_shop(shop_id).scope, reason)
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)
    entry = _open_ground(code, ground)
    if actor.role is not Role.SYSTEM and ground in AUTOMATIC_GROUNDS:
        raise Forbidden("ground_is_automatic")
    _end(code, entry, actor, now, "code.restore", reason)
    return code


def take_back(
    shop_id: int, ground: str, actor: Actor, now: datetime, version: int | None = None
) -> TrustCode:
    """The officer who suspended undoes it within the policy's minutes (``code.take_back_minutes``)."""
    code = _locked(shop_id, version)
    STEPS.check(code.state, "take_back", actor, get_shop(shop_id).scope)
    entry = _open_ground(code, ground)
    if not queries.can_take_back(entry, actor, now):
        raise Conflict("suspension_stays")
    _end(code, entry, actor, now, "code.take_back", label("code.because.taken_back"))
    return code


def propose_revocation(
    shop_id: int, ground: str, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Revocation:
    """First of two people: propose to revoke the shop's code. `ground` of the catalogue, `reason` in words."""
    code = _locked(shop_id, version)
    STEPS.check(code.state, "revoke", actor, get_shop(shop_id).scope, reason)
    if actor.account_id is None:
        raise Forbidden("no_access")
    _check_ground(ground, REVOKE_GROUNDS, reason, actor)
    if queries.open_revocation(code.id) is not None:
        raise Conflict("revocation_already_proposed")
    revocation = Revocation(
        trust_code_id=code.id,
        shop_id=shop_id,
        state=PROPOSAL_STEPS.first,
        ground=ground,
        reason=reason.strip(),
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(revocation)
    _flush()
    _record_proposal(revocation, "code.propose_revocation", reason, actor, now)
    return revocation


def decide_revocation(
    revocation_id: int, *, confirm: bool, reason: str, actor: Actor, now: datetime, version: int | None = None
) -> Revocation:
    """Second of two people: confirm or refuse, with a reason. Never the one who proposed."""
    revocation, code = _locked_proposal(revocation_id, version)
    scope = get_shop(revocation.shop_id).scope
    STEPS.check(code.state, "revoke", actor, scope, reason)
    step = PROPOSAL_STEPS.check(revocation.state, "confirm" if confirm else "refuse", actor, scope, reason)
    if actor.account_id is None or actor.account_id == revocation.proposed_by_id:
        raise Forbidden("two_people_needed")
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)
    revocation.state = step.target
    revocation.decided_by_id, revocation.decided_at = actor.account_id, now
    revocation.decision_reason = reason.strip()
    _flush()
    _record_proposal(
        revocation, "code.confirm_revocation" if confirm else "code.refuse_revocation", reason, actor, now
    )
    if confirm:
        _revoke(code, revocation.ground, revocation.reason, actor, now)
    return revocation


def withdraw_revocation(
    revocation_id: int, actor: Actor, now: datetime, version: int | None = None
) -> Revocation:
    """The officer who proposed takes the proposal back before anybody has decided; another may be made at any time."""
    revocation, _code = _locked_proposal(revocation_id, version)
    step = PROPOSAL_STEPS.check(revocation.state, "withdraw", actor, get_shop(revocation.shop_id).scope)
    if actor.account_id is None or actor.account_id != revocation.proposed_by_id:
        raise Forbidden("only_proposer")
    revocation.state, revocation.decided_at = step.target, now
    _flush()
    _record_proposal(revocation, "code.withdraw_revocation", "", actor, now)
    return revocation


def revoke_now(shop_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> TrustCode:
    """Revoke at once: for the system only (注销, 吊销, black list). The two people stand behind the cause."""
    code = _locked(shop_id, None)
    STEPS.check(code.state, "revoke", actor, get_shop(shop_id).scope, reason)
    if actor.role is not Role.SYSTEM:
        raise Forbidden("two_people_needed")
    _revoke(code, ground, reason, actor, now)
    return code


# --- guards -----------------------------------------------------------------------------------------------------------


def _locked(shop_id: int, version: int | None) -> TrustCode:
    """The standing code, held. A page that showed one which is gone by now is as old as one that showed another."""
    try:
        code = queries.lock_standing(shop_id)
    except NotFound as error:
        if version is None:
            raise
        raise Conflict("changed_meanwhile") from error
    if version is not None and code.version != version:
        raise Conflict("changed_meanwhile")
    return code


def _locked_proposal(revocation_id: int, version: int | None) -> tuple[Revocation, TrustCode]:
    """A proposal that still waits, with its code held, so that of two people one is first."""
    revocation = queries.get_revocation(revocation_id)
    if revocation.state in PROPOSAL_STEPS.ends():
        raise Conflict("already_decided")
    try:
        code = queries.lock_standing(revocation.shop_id)
    except NotFound as error:  # the other officer confirmed while we waited
        raise Conflict("already_decided") from error
    revocation = queries.get_revocation(revocation_id, fresh=True)
    if revocation.state in PROPOSAL_STEPS.ends():
        raise Conflict("already_decided")
    if version is not None and code.version != version:
        raise Conflict("changed_meanwhile")
    return revocation, code


def _check_ground(ground: str, catalogue: tuple[str, ...], reason: str, actor: Actor) -> None:
    if actor.role is not Role.SYSTEM:
        if ground in AUTOMATIC_GROUNDS:
            raise Invalid("ground_is_automatic", field="ground")
        if ground not in catalogue:
            raise Invalid("ground_unknown", field="ground")
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)


def _open_ground(code: TrustCode, ground: str) -> SuspensionGround:
    for entry in queries.open_grounds(code):
        if entry.ground == ground:
            return entry
    raise Conflict("ground_not_standing")


def _flush() -> None:
    """Flush; whoever is second stops here with a plain answer instead of a broken database rule."""
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        raise Conflict("already_done") from error


# --- the change -------------------------------------------------------------------------------------------------------


def _end(
    code: TrustCode, entry: SuspensionGround, actor: Actor, now: datetime, action: str, reason: str
) -> None:
    """End a ground by the step `action` (``code.restore`` or ``code.take_back``)."""
    entry.ended_at, entry.ended_by_id, entry.ended_reason = now, actor.account_id, reason.strip()
    target = code.state if queries.open_grounds(code) else CodeState.ACTIVE
    _move(code, target, actor, now, action, entry.ground, reason)


def _revoke(code: TrustCode, ground: str, reason: str, actor: Actor, now: datetime) -> None:
    keep_shown(code.shop_id)
    for entry in queries.open_grounds(code):
        entry.ended_at, entry.ended_by_id, entry.ended_reason = now, actor.account_id, "revoked"
    if (waiting := queries.open_revocation(code.id)) is not None:
        waiting.state, waiting.decided_at = PROPOSAL_STEPS.find(waiting.state, "overtake").target, now
        waiting.decision_reason = ground  # overtaken: the code is gone on another ground
    code.revoked_at, code.revoked_ground = now, ground
    _move(code, CodeState.REVOKED, actor, now, "code.revoke", ground, reason)


def _move(
    code: TrustCode, target: CodeState, actor: Actor, now: datetime, action: str, ground: str, reason: str
) -> None:
    before, code.state, code.changed_at = code.state, target, now
    flag_modified(code, "changed_at")  # a second change in the same instant is one more version, too
    _flush()
    audit.record(
        actor,
        action,
        "trust_code",
        code.id,
        now=now,
        shop_id=code.shop_id,
        old={"state": before.value},
        new={"state": target.value},
        reason_code=ground,
        reason=reason.strip(),
        public=True,
    )
    feed.publish(action, now=now, shop_id=code.shop_id, state=target.value, ground=ground)
    telling.tell(code, action, ground, now)
    send(
        code_state_changed,
        shop_id=code.shop_id,
        trust_code_id=code.id,
        before=before,
        after=target,
        actor=actor,
        now=now,
    )


def _record_proposal(revocation: Revocation, action: str, reason: str, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        action,
        "revocation",
        revocation.id,
        now=now,
        shop_id=revocation.shop_id,
        reason_code=revocation.ground,
        reason=reason.strip() or None,
    )
