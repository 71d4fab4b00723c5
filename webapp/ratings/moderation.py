"""How a rating may leave the page and come back, and what becomes of a report. Pure.

A report removes nothing, nor does a signal. An officer proposes on a listed ground, a second one removes; whoever
objects is heard by a third, who had no part in it.
"""

from __future__ import annotations

import enum
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class CaseState(enum.StrEnum):
    """Where a proposal to remove a rating stands."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    OBJECTED = "objected"  # removed, and somebody says that this was wrong
    UPHELD = "upheld"  # removed, after an objection was weighed
    RESTORED = "restored"


class ReportState(enum.StrEnum):
    """What became of a report of abuse."""

    OPEN = "open"
    KEPT = "kept"  # the rating stands
    REMOVED = "removed"


class Side(enum.StrEnum):
    """Who reports."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"


C = CaseState
OFFICERS: Final = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
BUREAU: Final = frozenset({Role.BUREAU_OFFICER})
ANYBODY: Final = frozenset({Role.CONSUMER, Role.MERCHANT})

STEPS: Steps[CaseState] = Steps(
    "rating_case",
    C.PROPOSED,
    [
        # By a second officer: never who proposed it.
        step("confirm", {C.PROPOSED}, C.REMOVED, BUREAU, needs_reason=True),
        step("refuse", {C.PROPOSED}, C.REFUSED, BUREAU, needs_reason=True),
        # By whoever proposed it.
        step("withdraw", {C.PROPOSED}, C.WITHDRAWN, OFFICERS),
        # Whoever wrote it keeps no account here: anybody may object.
        step("object", {C.REMOVED, C.UPHELD}, C.OBJECTED, ANYBODY, needs_reason=True),
        # An objection is weighed by an officer who neither proposed nor removed.
        step("uphold", {C.OBJECTED}, C.UPHELD, BUREAU, needs_reason=True),
        step("restore", {C.REMOVED, C.OBJECTED, C.UPHELD}, C.RESTORED, BUREAU, needs_reason=True),
    ],
)
#: The rating is off the page.
GONE: Final = frozenset({C.REMOVED, C.OBJECTED, C.UPHELD})
#: One such case a rating at a time.
LIVE: Final = GONE | {C.PROPOSED}
#: What an officer does to a case.
ACTIONS: Final = frozenset({"confirm", "refuse", "withdraw", "uphold", "restore"})
REASON_LONGEST: Final = 500
WORDS_LONGEST: Final = 300


def has_part(
    state: CaseState, action: str, account_id: int | None, proposed_by: int, decided_by: int | None
) -> bool:
    """Is this step barred to the account, because it had a part in what is decided?

    Who proposed does not decide; on an objection, and after one was weighed, neither who proposed nor who removed.
    Undoing one's own removal without an objection is nobody's harm.
    """
    if action in {"confirm", "refuse"}:
        return account_id == proposed_by
    if state in {C.OBJECTED, C.UPHELD} and action in {"uphold", "restore"}:
        return account_id in {proposed_by, decided_by}
    return False
