"""The life of a signing key and of a proposal to change one; what each change makes of a ring. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from qrservice.keys import KeyState, PublicKey
from webapp.core.actor import Role
from webapp.core.steps import Steps, step

ADMIN, SYSTEM = Role.ADMINISTRATOR, Role.SYSTEM
K = KeyState

STEPS: Steps[KeyState] = Steps(
    "signing_key",
    K.ACTIVE,
    [
        # It signs no more; what it signed stays good.
        step("retire", {K.ACTIVE}, K.RETIRED, {ADMIN, SYSTEM}, needs_reason=True),
        # Somebody else may have it. Declared again only for an earlier moment.
        step(
            "compromise",
            {K.ACTIVE, K.RETIRED, K.COMPROMISED},
            K.COMPROMISED,
            {ADMIN, SYSTEM},
            needs_reason=True,
        ),
        # It verifies nothing any more; only when no valid sticker hangs on it.
        step("withdraw", {K.RETIRED, K.COMPROMISED}, K.WITHDRAWN, {ADMIN, SYSTEM}, needs_reason=True),
    ],
)


class Action(enum.StrEnum):
    """What is done with keys: two make one, three are steps of one that is there."""

    CREATE = "create"  # a new key beside the present one; signs from its first moment on
    ROTATE = "rotate"  # a new key that signs at once; those before it retire
    RETIRE = "retire"
    COMPROMISE = "compromise"
    WITHDRAW = "withdraw"


MAKING: Final = frozenset({Action.CREATE, Action.ROTATE})


class ProposalState(enum.StrEnum):
    """A proposal to change the keys, which needs a second person."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


P = ProposalState

PROPOSAL_STEPS: Steps[ProposalState] = Steps(
    "key_proposal",
    P.PROPOSED,
    [
        # By somebody else than the proposer.
        step("confirm", {P.PROPOSED}, P.CONFIRMED, {ADMIN}, needs_reason=True),
        step("refuse", {P.PROPOSED}, P.REFUSED, {ADMIN}, needs_reason=True),
        # By the proposer alone.
        step("withdraw", {P.PROPOSED}, P.WITHDRAWN, {ADMIN}),
    ],
)

REASON_LONGEST: Final = 500
#: A key made in advance may wait this long at most for its first moment.
AHEAD_MOST: Final = timedelta(days=90)


def signing_kids(keys: Iterable[PublicKey], now: datetime) -> list[int]:
    """The active keys in the order in which they are to sign: the newest whose time has come, then the others.

    A key whose time has not come signs only when there is no other: better early than not at all.
    """
    active = [key for key in keys if key.state is K.ACTIVE]
    begun = [key.kid for key in active if key.not_before is None or key.not_before <= now]
    waiting = [key.kid for key in active if key.kid not in begun]
    return [*sorted(begun, reverse=True), *sorted(waiting)]


def retired(key: PublicKey, now: datetime) -> PublicKey:
    """The key without the right to sign; one that had none already stays as it is."""
    if key.state is not K.ACTIVE:
        return key
    return replace(key, state=K.RETIRED, not_after=_end(key, now))


@dataclass(frozen=True)
class Doubt:
    """Why a paper of a compromised key is not believed as it lies there.

    `leaf`: its leaf is not among the first so many of the public log, so it is not to be believed. None: there was no
    log when the key was declared; then it is believed when the books say that it was issued before `moment`.
    """

    moment: datetime
    leaf: int | None = None

    def stands(self, issued_at: datetime | None) -> bool:
        """Is the paper not to be believed? `issued_at` by the books, None when they do not know it."""
        return self.leaf is not None or issued_at is None or issued_at >= self.moment


def compromised(key: PublicKey, valid_before: datetime, now: datetime, leaf: int | None = None) -> PublicKey:
    """The key as one that somebody else may have had since `valid_before`; a second declaration only moves it back.

    `leaf`: only papers whose leaf is among the first so many of the public log stay valid (None: there is no log).
    """
    if key.valid_before is not None:
        valid_before = min(valid_before, key.valid_before)
    leaf = min((one for one in (leaf, key.valid_before_leaf) if one is not None), default=None)
    # Published in whole seconds: rounded down, so that nothing issued in that second is believed.
    moment = valid_before.replace(microsecond=0)
    return replace(
        key,
        state=K.COMPROMISED,
        not_after=key.not_after or _end(key, now),
        valid_before=moment,
        valid_before_leaf=leaf,
    )


def withdrawn(key: PublicKey, now: datetime) -> PublicKey:
    """The key as one that verifies nothing."""
    return replace(key, state=K.WITHDRAWN, not_after=key.not_after or _end(key, now))


_SEVERITY: Final = (K.ACTIVE, K.RETIRED, K.COMPROMISED, K.WITHDRAWN)


def stricter(one: PublicKey, other: PublicKey) -> PublicKey:
    """Of two records of the same key the one that believes less: an older copy must not undo a declaration."""
    worse = max(one, other, key=lambda key: _SEVERITY.index(key.state))
    moments = [key.valid_before for key in (one, other) if key.valid_before is not None]
    leaves = [key.valid_before_leaf for key in (one, other) if key.valid_before_leaf is not None]
    return replace(
        worse, valid_before=min(moments, default=None), valid_before_leaf=min(leaves, default=None)
    )


def _end(key: PublicKey, now: datetime) -> datetime:
    """Times are kept in seconds: a period must not be empty."""
    return now if key.not_before is None else max(now, key.not_before + timedelta(seconds=1))
