"""The life of a consumer's complaint (投诉), first version. Pure.

The states of the authority's part are here already, so that the statutory clocks can be hung on them.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.identifiers import normalise
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
#: Ends after which the consumer rates the shop, labelled as coming from a complaint.
RATEABLE = frozenset({S.RESOLVED, S.CLOSED})
#: Actions that are something said: without words they mean nothing.
SPOKEN = frozenset({"answer", "supplement"})

TOPICS = ("quality", "price", "service", "food_safety", "measure", "refund", "contract", "prepaid", "other")

STORY_LENGTH: Final = (5, 2000)
TEXT_MAX: Final = 2000
NAME_MAX: Final = 40
#: Fen; a thousand million yuan is a slip of the finger.
AMOUNT_MAX: Final = 10**11
#: The filer's number is not verified: nobody may have somebody else's phone flooded.
SMS_PER_PHONE_A_DAY: Final = 3


class Turn(enum.StrEnum):
    """Who has to do something next."""

    MERCHANT = "merchant"
    CONSUMER = "consumer"
    AUTHORITY = "authority"
    NOBODY = "nobody"


_TURNS = {
    S.SETTLING: Turn.MERCHANT,
    S.ANSWERED: Turn.CONSUMER,
    S.REFERRED: Turn.AUTHORITY,
    S.MEDIATING: Turn.AUTHORITY,
}


def turn(state: ComplaintState) -> Turn:
    """Who has to do something next."""
    return _TURNS.get(state, Turn.NOBODY)


@dataclass(frozen=True)
class Due:
    """The moment by which a merchant must answer, as a person says it.

    `day` is a word's last part: "today", "tomorrow", "after_tomorrow", "yesterday" or "date". `left` is the time until
    then (negative: past). `tone` for the countdown: good, caution (six hours or less), stop (past).
    """

    at: datetime
    day: str
    left: timedelta
    tone: str


_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "after_tomorrow"}


def due(at: datetime, now: datetime) -> Due:
    """The due moment `at` seen from `now`, by the calendar of China."""
    days = (clock.day_of(at) - clock.day_of(now)).days
    left = at - now
    tone = "stop" if left < timedelta(0) else "caution" if left <= timedelta(hours=6) else "good"
    return Due(at, _DAYS.get(days, "date"), left, tone)


def split_span(span: timedelta) -> tuple[str, int, int]:
    """A span of time for words: ("days", 2, 3) is two days and three hours; ("hours", 5, 20); ("minutes", 0, 7)."""
    minutes = int(abs(span).total_seconds()) // 60
    if minutes >= 24 * 60:
        return "days", minutes // (24 * 60), minutes % (24 * 60) // 60
    if minutes >= 60:
        return "hours", minutes // 60, minutes % 60
    return "minutes", 0, minutes


def open_actions(state: ComplaintState, role: Role) -> list[str]:
    """Actions that `role` may take from `state`, in table order."""
    return [step.action for step in STEPS if state in step.sources and role in step.roles]


_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?\Z")
_AROUND = re.compile(r"[,，¥￥元圆块钱]")


def read_yuan(text: str) -> int | None:
    """An amount of yuan as typed ("1,234.5", "１２元", "¥30") → fen; None when empty. Raises ValueError."""
    kept = _AROUND.sub("", normalise(text))
    if not kept:
        return None
    if not _AMOUNT.match(kept):
        raise ValueError(text)
    return int(Decimal(kept) * 100)


def check_day(day: date, today: date) -> str | None:
    """What is wrong with the day of the event: ``day_in_future``, ``day_long_ago`` (ten years), or None."""
    if day > today:
        return "day_in_future"
    return "day_long_ago" if (today - day).days > 3660 else None


def mask_name(name: str | None) -> str:
    """What a merchant without consent sees of a name: its first character."""
    return f"{name[0]}**" if name else ""


_BASE32 = frozenset("abcdefghijklmnopqrstuvwxyz234567")
RECEIPT_CHARS = 20  # base32: 100 bits


def tidy_receipt(text: str) -> str | None:
    """A receipt as typed → its 20 characters, or None. Blanks, hyphens and case do not count; 0 1 8 are read as o l b.

    Base32 has no 0, 1 and 8, so reading them so cannot make two receipts one.
    """
    if len(text) > 64:
        return None
    kept = normalise(text).lower().translate(str.maketrans("018", "olb"))
    return kept if len(kept) == RECEIPT_CHARS and _BASE32.issuperset(kept) else None


def show_receipt(receipt: str) -> str:
    """Groups of five, for reading aloud and writing down."""
    return "-".join(receipt[start : start + 5] for start in range(0, len(receipt), 5))
