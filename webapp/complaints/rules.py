"""The life of a consumer's complaint (投诉), first version. Pure.

The states of the authority's part are here already, so that the statutory clocks can be hung on them.
"""

from __future__ import annotations

import enum

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class ComplaintState(enum.StrEnum):
    """Whose turn it is."""

    SETTLING = "settling"  # filed; the merchant answers first (先行和解)
    ANSWERED = "answered"  # the merchant answered; the consumer says resolved or not
    REFERRED = "referred"  # not resolved, or the merchant kept silent: with the authority
    MEDIATING = "mediating"  # the authority accepted it
    RESOLVED = "resolved"
    CLOSED = "closed"  # ended by the authority without agreement
    REFUSED = "refused"  # not accepted by the authority
    WITHDRAWN = "withdrawn"


S = ComplaintState
CONSUMER, MERCHANT = {Role.CONSUMER}, {Role.MERCHANT}
OFFICER, SYSTEM = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[ComplaintState] = Steps(
    "complaint",
    S.SETTLING,
    [
        step("answer", {S.SETTLING, S.ANSWERED}, S.ANSWERED, MERCHANT),
        step("answer", {S.REFERRED}, S.REFERRED, MERCHANT),
        step("answer", {S.MEDIATING}, S.MEDIATING, MERCHANT),
        step("supplement", {S.SETTLING}, S.SETTLING, CONSUMER),
        step("supplement", {S.ANSWERED}, S.ANSWERED, CONSUMER),
        step("supplement", {S.REFERRED}, S.REFERRED, CONSUMER),
        step("supplement", {S.MEDIATING}, S.MEDIATING, CONSUMER),
        step("confirm_resolved", {S.SETTLING, S.ANSWERED, S.REFERRED, S.MEDIATING}, S.RESOLVED, CONSUMER),
        step("say_unresolved", {S.ANSWERED}, S.REFERRED, CONSUMER, needs_reason=True),
        step("withdraw", {S.SETTLING, S.ANSWERED, S.REFERRED, S.MEDIATING}, S.WITHDRAWN, CONSUMER),
        step("refer", {S.SETTLING, S.ANSWERED}, S.REFERRED, SYSTEM | OFFICER, needs_reason=True),
        step("accept", {S.REFERRED}, S.MEDIATING, OFFICER),
        step("refuse", {S.REFERRED}, S.REFUSED, OFFICER, needs_reason=True),
        step("settle", {S.MEDIATING}, S.RESOLVED, OFFICER, needs_reason=True),
        step("end", {S.MEDIATING}, S.CLOSED, OFFICER, needs_reason=True),
    ],
)

#: States that nothing leaves.
ENDED = STEPS.ends()

TOPICS = ("quality", "price", "service", "food_safety", "measure", "refund", "contract", "prepaid", "other")

_BASE32 = frozenset("abcdefghijklmnopqrstuvwxyz234567")
RECEIPT_CHARS = 20  # base32: 100 bits


def tidy_receipt(text: str) -> str | None:
    """A receipt as typed → its 20 characters, or None. Blanks, hyphens and case do not count; 0 1 8 are read as o l b.

    Base32 has no 0, 1 and 8, so reading them so cannot make two receipts one.
    """
    if not text.isascii() or len(text) > 64:
        return None
    kept = "".join(char for char in text.lower() if char not in " -").translate(str.maketrans("018", "olb"))
    return kept if len(kept) == RECEIPT_CHARS and _BASE32.issuperset(kept) else None


def show_receipt(receipt: str) -> str:
    """Groups of five, for reading aloud and writing down."""
    return "-".join(receipt[start : start + 5] for start in range(0, len(receipt), 5))
