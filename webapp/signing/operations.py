"""Changing the signing keys: by two administrators in the office, or by a command on the server.

The ring file is written inside the transaction, before its commit. Should the commit then fail, the keys have changed
and the record is missing: the safe way round for a compromise, and doing it again mends the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from qrservice import KeyState
from webapp import audit, feed
from webapp.accounts import queries as accounts
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import key_compromised, send
from webapp.core.steps import permit
from webapp.web.permissions import PERMISSIONS

from . import queries
from .models import Action, KeyProposal
from .rules import AHEAD_MOST, MAKING, PROPOSAL_STEPS, REASON_LONGEST, STEPS
from .store import store

MANAGERS = frozenset({Role.ADMINISTRATOR, Role.SYSTEM})


def propose(
    action: Action, kid: int | None, moment: datetime | None, reason: str, actor: Actor, now: datetime
) -> KeyProposal:
    """First of two people. `kid` is left out for a new key; `moment` as in :class:`KeyProposal`.

    Raises Invalid (``reason_required``, ``reason_too_long``, ``key_moment_…``), Conflict, NotFound, Forbidden.
    """
    kid = _check(action, kid, moment, reason, actor, now)
    if actor.account_id is None:
        raise Forbidden("no_access")
    proposal = KeyProposal(
        action=action,
        kid=kid,
        moment=moment,
        state=PROPOSAL_STEPS.first,
        reason=reason.strip(),
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    db.session.add(proposal)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("key_already_proposed") from error
    _record(proposal, "key.propose", reason, actor, now)
    return proposal


def decide(proposal_id: int, *, confirm: bool, reason: str, actor: Actor, now: datetime) -> KeyProposal:
    """Second of two people: confirm, and the keys change at once, or refuse. Never the one who proposed.

    Both must answer for it: what a person proposed who manages no keys any more is not confirmed (Conflict
    ``key_proposer_gone``). A compromise is: doubt about a key stays doubt, whoever had it.
    """
    proposal = _waiting(proposal_id)
    step = PROPOSAL_STEPS.check(
        proposal.state, "confirm" if confirm else "refuse", actor, queries.scope_of_keys(), reason
    )
    if actor.account_id is None or actor.account_id == proposal.proposed_by_id:
        raise Forbidden("two_people_needed")
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)
    if confirm and proposal.action is not Action.COMPROMISE:
        _check_proposer(proposal.proposed_by_id)
    proposal.state, proposal.decision_reason = step.target, reason.strip()
    proposal.decided_by_id, proposal.decided_at = actor.account_id, now
    db.session.flush()
    _record(proposal, "key.confirm" if confirm else "key.refuse", reason, actor, now)
    if confirm:
        if proposal.action in MAKING and store().next_kid() != proposal.kid:
            raise Conflict("keys_changed_meanwhile")
        carry_out(proposal.action, proposal.kid, _moment(proposal, now), proposal.reason, actor, now)
    return proposal


def withdraw(proposal_id: int, actor: Actor, now: datetime) -> KeyProposal:
    """The proposer takes the proposal back before anybody has decided."""
    proposal = _waiting(proposal_id)
    step = PROPOSAL_STEPS.check(proposal.state, "withdraw", actor, queries.scope_of_keys())
    if actor.account_id is None or actor.account_id != proposal.proposed_by_id:
        raise Forbidden("only_proposer")
    proposal.state, proposal.decided_at = step.target, now
    db.session.flush()
    _record(proposal, "key.withdraw_proposal", "", actor, now)
    return proposal


def carry_out(
    action: Action, kid: int | None, moment: datetime | None, reason: str, actor: Actor, now: datetime
) -> int:
    """Change the keys now and write down who did it; returns the number of the key that was made or changed.

    The second of two administrators comes here by :func:`decide`, a command on the server directly.
    """
    kid = _check(action, kid, moment, reason, actor, now)
    keys = store()
    before = None if action in MAKING else keys.get(kid).state
    made: int | None = None
    if action is Action.CREATE:
        kid = keys.create(now, moment, expected=kid)
    elif action is Action.ROTATE:
        kid = keys.rotate(now, expected=kid)
    elif action is Action.RETIRE:
        keys.retire(kid, now)
    elif action is Action.COMPROMISE:
        made = keys.compromise(kid, moment or now, now)
    else:
        keys.withdraw(kid, now)
    key = keys.get(kid)
    new: dict[str, Any] = {"kid": kid, "state": key.state.value}
    if action is Action.CREATE and key.not_before is not None:
        new["not_before"] = key.not_before.isoformat()
    if key.valid_before is not None:
        new["valid_before"] = key.valid_before.isoformat()
    if made is not None:
        new["next_kid"] = made
    old = {"state": before.value} if before else None
    audit.record(
        actor, f"key.{action}", "signing_key", kid, now=now, old=old, new=new, reason=reason.strip() or None
    )
    feed.publish(f"key.{action}", now=now, kid=kid)
    if action is Action.COMPROMISE:
        send(key_compromised, kid=kid, actor=actor, now=now)
    return kid


# --- guards -----------------------------------------------------------------------------------------------------------


def _check(
    action: Action, kid: int | None, moment: datetime | None, reason: str, actor: Actor, now: datetime
) -> int:
    """Everything that can be said beforehand; the number of the key in question."""
    if action in MAKING:
        permit(actor, MANAGERS, queries.scope_of_keys(), action=action.value)
        _check_words(reason)
        if action is Action.CREATE and moment is not None and moment > now + AHEAD_MOST:
            raise Invalid("key_moment_far", field="moment", days=AHEAD_MOST.days)
        return store().next_kid()
    if kid is None:
        raise Invalid("key_unnamed", field="kid")
    key = store().get(kid)
    STEPS.check(key.state, action.value, actor, queries.scope_of_keys(), reason)
    _check_words(reason)
    if action is Action.COMPROMISE:
        if moment is None:
            raise Invalid("key_moment_missing", field="moment")
        if moment > now:
            raise Invalid("key_moment_future", field="moment")
        if key.state is KeyState.COMPROMISED and key.valid_before is not None and moment >= key.valid_before:
            raise Invalid("key_moment_later", field="moment")
    if action is Action.WITHDRAW and (left := (queries.uses() or {}).get(kid, 0)):
        raise Conflict("key_still_used", count=left)
    return kid


def _check_words(reason: str) -> None:
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    if len(reason) > REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=REASON_LONGEST)


def _check_proposer(account_id: int) -> None:
    first = accounts.get_account(account_id)
    if first.disabled_at is not None or not first.actor().holds(
        PERMISSIONS["key.manage"], queries.scope_of_keys()
    ):
        raise Conflict("key_proposer_gone")


def _waiting(proposal_id: int) -> KeyProposal:
    """The proposal, held, so that of two people one is first."""
    proposal = queries.get_proposal(proposal_id, held=True)
    if proposal.state in PROPOSAL_STEPS.ends():
        raise Conflict("already_decided")
    return proposal


def _moment(proposal: KeyProposal, now: datetime) -> datetime | None:
    """A key that was to begin before it was confirmed begins now."""
    if proposal.action is Action.CREATE and proposal.moment is not None:
        return max(proposal.moment, now)
    return proposal.moment


def _record(proposal: KeyProposal, action: str, reason: str, actor: Actor, now: datetime) -> None:
    new: dict[str, Any] = {
        "action": proposal.action.value,
        "kid": proposal.kid,
        "state": proposal.state.value,
    }
    if proposal.moment is not None:
        new["moment"] = proposal.moment.isoformat()
    audit.record(actor, action, "key_proposal", proposal.id, now=now, new=new, reason=reason.strip() or None)
