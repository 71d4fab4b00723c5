"""The life of a trust code (放心消费诚信码). Pure."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class CodeState(enum.StrEnum):
    """Where a trust code stands. Revoked is final: a new application starts again."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


C = CodeState
STATION, BUREAU, SYSTEM = Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM

STEPS: Steps[CodeState] = Steps(
    "code",
    C.ACTIVE,
    [
        step("suspend", {C.ACTIVE, C.SUSPENDED}, C.SUSPENDED, {STATION, BUREAU, SYSTEM}, needs_reason=True),
        step("restore", {C.SUSPENDED}, C.ACTIVE, {BUREAU, SYSTEM}, needs_reason=True),
        # The officer's own suspension, soon after: a slip of the hand needs no second level.
        step("take_back", {C.SUSPENDED}, C.ACTIVE, {STATION, BUREAU}),
        step("revoke", {C.ACTIVE, C.SUSPENDED}, C.REVOKED, {BUREAU, SYSTEM}, needs_reason=True),
    ],
)


class ProposalState(enum.StrEnum):
    """A proposal to revoke, which needs a second person."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


P = ProposalState

PROPOSAL_STEPS: Steps[ProposalState] = Steps(
    "revocation",
    P.PROPOSED,
    [
        # By somebody else than the proposer.
        step("confirm", {P.PROPOSED}, P.CONFIRMED, {BUREAU}, needs_reason=True),
        step("refuse", {P.PROPOSED}, P.REFUSED, {BUREAU}, needs_reason=True),
        # By the proposer alone; what was withdrawn was never decided, so it needs no reason.
        step("withdraw", {P.PROPOSED}, P.WITHDRAWN, {BUREAU}),
        # The code is gone on another ground meanwhile.
        step("overtake", {P.PROPOSED}, P.REFUSED, {SYSTEM}),
    ],
)

#: Grounds that the system raises and lifts itself; an officer's own ground is lifted by an officer.
AUTOMATIC_GROUNDS = frozenset(
    {"abnormal_list", "abnormal_marked", "operator_closed", "operator_moved_out", "licence_expired"}
)

#: Grounds on which an officer suspends, in the order in which they are offered.
SUSPEND_GROUNDS: Final = (
    "under_inspection",
    "inspection_failed",
    "complaints_unanswered",
    "commitment_broken",
    "order_not_performed",
    "statement_wrong",
    "code_misused",
    "leaving_mall",
    "closed_for_now",
    "other",
)

#: Why an officer ends a ground.
RESTORE_REASONS: Final = ("mended", "cleared", "ground_gone", "raised_wrongly", "other")

#: Grounds on which two officers revoke.
REVOKE_GROUNDS: Final = (
    "serious_violation",
    "statement_false",
    "refuses_to_mend",
    "code_misused",
    "shop_closed",
    "merchant_asked",
    "other",
)

#: Grounds on which the system revokes by itself.
AUTOMATIC_REVOCATIONS = frozenset({"operator_deregistered", "business_licence_revoked", "black_listed"})

REASON_LONGEST: Final = 500


def may_take_back(
    started_by_id: int | None, started_at: datetime, who: int | None, now: datetime, minutes: int
) -> bool:
    """May `who` take a suspension back: their own, at most `minutes` ago."""
    return who is not None and started_by_id == who and now - started_at <= timedelta(minutes=minutes)
