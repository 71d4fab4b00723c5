"""Changing the signing keys: by two administrators in the office, or by a command on the server.

The ring file is written inside the transaction, before its commit. Should the commit then fail, the keys have changed
and the record is missing: the safe way round for a compromise, and doing it again mends the record.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from qrservice import KeyState, PublicKey
from webapp import audit, feed
from webapp.accounts import queries as accounts
from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import key_compromised, send
from webapp.core.steps import permit
from webapp.web.permissions import PERMISSIONS

from . import queries
from .believed import Believed
from .models import Action, KeyProposal
from .rules import AHEAD_MOST, MAKING, PROPOSAL_STEPS, REASON_LONGEST, STEPS
from .store import store

_log = logging.getLogger(__name__)
MANAGERS = frozenset({Role.ADMINISTRATOR, Role.SYSTEM})


def propose(
    action: Action,
    kid: int | None,
    moment: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
    leaf: int | None = None,
) -> KeyProposal:
    """First of two people. `kid` is left out for a new key; `moment` and `leaf` as in :class:`KeyProposal`.

    A compromise without a `leaf` gets the one that its moment gives. Raises Invalid (``reason_required``,
    ``reason_too_long``, ``key_moment_…``, ``key_leaf_…``), Conflict, NotFound, Forbidden.
    """
    kid = _check(action, kid, moment, reason, actor, now, leaf)
    if actor.account_id is None:
        raise Forbidden("no_access")
    proposal = KeyProposal(
        action=action,
        kid=kid,
        moment=moment,
        leaf=_leaf(moment, leaf) if action is Action.COMPROMISE else None,
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
        carry_out(
            proposal.action, proposal.kid, _moment(proposal, now), proposal.reason, actor, now, proposal.leaf
        )
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
    action: Action,
    kid: int | None,
    moment: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
    leaf: int | None = None,
) -> int:
    """Change the keys now and write down who did it; returns the number of the key that was made or changed.

    The second of two administrators comes here by :func:`decide`, a command on the server directly.
    """
    kid = _check(action, kid, moment, reason, actor, now, leaf)
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
        leaf, believed = _believed(kid, moment or now, leaf)
        made = keys.compromise(kid, moment or now, now, leaf, believed)
    else:
        keys.withdraw(kid, now)
    key = keys.get(kid)
    new: dict[str, Any] = {"kid": kid, "state": key.state.value}
    if action is Action.CREATE and key.not_before is not None:
        new["not_before"] = key.not_before.isoformat()
    if key.valid_before is not None:
        new["valid_before"] = key.valid_before.isoformat()
    if key.valid_before_leaf is not None:
        new["valid_before_leaf"] = key.valid_before_leaf
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


def make_up_lists() -> int:
    """Make the lists of believed papers that are missing (after a restore, say) from the public log; how many."""
    made = 0
    for key in store().lacking():
        leaf, most = key.valid_before_leaf, _leaf_at(clock.now())
        if leaf is None or key.valid_before is None or most is None or leaf > most:
            continue
        try:
            store().keep_believed(key.kid, leaf, queries.papers_before(key.kid, leaf, key.valid_before))
        except (LookupError, RuntimeError, ValueError) as error:
            _log.error(
                "the papers of key %d are not made up, the public log cannot be read: %s", key.kid, error
            )
        else:
            made += 1
    return made


# --- guards -----------------------------------------------------------------------------------------------------------


def _check(
    action: Action,
    kid: int | None,
    moment: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
    leaf: int | None = None,
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
        _check_declaration(key, moment, leaf, now)
    if action is Action.WITHDRAW and (left := (queries.uses() or {}).get(kid, 0)):
        raise Conflict("key_still_used", count=left)
    return kid


def _check_declaration(key: PublicKey, moment: datetime | None, leaf: int | None, now: datetime) -> None:
    if moment is None:
        raise Invalid("key_moment_missing", field="moment")
    if moment > now:
        raise Invalid("key_moment_future", field="moment")
    if leaf is not None:
        most = _leaf_at(now)
        if most is None or not 0 <= leaf <= most:
            raise Invalid("key_leaf_unpublished", field="leaf", most=most or 0)
    if key.state is KeyState.COMPROMISED and key.valid_before is not None and moment >= key.valid_before:
        known = key.valid_before_leaf
        if leaf is None or (known is not None and leaf >= known):
            raise Invalid("key_moment_later", field="moment")


def _leaf(moment: datetime | None, leaf: int | None) -> int | None:
    """The index that is declared: the given one, else that of the moment; None where there is no log."""
    return leaf if leaf is not None or moment is None else _leaf_at(moment)


def _leaf_at(moment: datetime) -> int | None:
    try:
        return queries.leaf_at(moment)
    except (LookupError, RuntimeError, ValueError) as error:
        _log.error("the public log cannot be read: %s", error)
        return None


def _believed(kid: int, moment: datetime, leaf: int | None) -> tuple[int | None, Believed | None]:
    """The index and the papers before it. A declaration waits for nothing: with an unreadable log the date decides.

    Of a second declaration the earlier of both moments and of both indices, as the ring keeps them.
    """
    key = store().get(kid)
    moment = min(moment, key.valid_before or moment)
    try:
        leaf = min(
            (one for one in (_leaf(moment, leaf), key.valid_before_leaf) if one is not None), default=None
        )
        return leaf, None if leaf is None else queries.papers_before(kid, leaf, moment)
    except (LookupError, RuntimeError, ValueError) as error:
        _log.error("key %d is declared by its date alone, the public log cannot be read: %s", kid, error)
        if (
            key.valid_before_leaf is not None
        ):  # its list is of a later moment: none is better, the job makes it up
            store().drop_believed(kid, key.valid_before_leaf)
        return None, None


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
    if proposal.leaf is not None:
        new["leaf"] = proposal.leaf
    audit.record(actor, action, "key_proposal", proposal.id, now=now, new=new, reason=reason.strip() or None)
