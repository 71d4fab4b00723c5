"""The life of a consumer's complaint (投诉) and of the offers made in it. Pure.

Source: SAMR Order 20 (《市场监督管理投诉举报处理暂行办法》) and Order 121 (《市场监督管理投诉举报处理办法》, in force
2026-04-15); what has not been read in the primary text says so in ``grounds.csv``.
"""

from __future__ import annotations

import csv
import enum
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.identifiers import normalise
from webapp.core.steps import Steps, step


class ComplaintState(enum.StrEnum):
    """Whose turn it is."""

    SETTLING = "settling"  # filed; the merchant answers first (先行和解)
    ANSWERED = "answered"  # the merchant answered; the consumer says resolved or not
    AGREED = "agreed"  # both signed a settlement; the merchant performs it
    REFERRED = "referred"  # received by the authority, which accepts or refuses
    MEDIATING = "mediating"  # accepted: the authority, or whom it entrusts, mediates
    RESOLVED = "resolved"
    CLOSED = "closed"  # mediation terminated without agreement
    REFUSED = "refused"  # not accepted by the authority
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # answered, and the consumer said nothing more
    TRANSFERRED = "transferred"  # handed to an authority outside this platform


S = ComplaintState
CONSUMER, MERCHANT = {Role.CONSUMER}, {Role.MERCHANT}
OFFICER, SYSTEM = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}, {Role.SYSTEM}
#: With the merchant and the consumer alone; with the authority.
DIRECT, AUTHORITY = {S.SETTLING, S.ANSWERED}, {S.REFERRED, S.MEDIATING}
_RUNNING = DIRECT | AUTHORITY | {S.AGREED}


def _stay(action: str, states: set[ComplaintState], by: set[Role], *, reason: bool = False) -> list[Any]:
    """A step that leaves the state as it is, from each of `states`."""
    return [step(action, {state}, state, by, needs_reason=reason) for state in sorted(states)]


STEPS: Steps[ComplaintState] = Steps(
    "complaint",
    S.SETTLING,
    [
        # the merchant
        step("answer", DIRECT, S.ANSWERED, MERCHANT),
        *_stay("answer", AUTHORITY | {S.AGREED}, MERCHANT),
        step("offer", DIRECT, S.ANSWERED, MERCHANT),
        *_stay("offer", AUTHORITY, MERCHANT),
        step("say_performed", {S.AGREED}, S.AGREED, MERCHANT),
        # the consumer
        *_stay("supplement", _RUNNING, CONSUMER),
        step("accept_offer", {S.ANSWERED} | AUTHORITY, S.AGREED, CONSUMER),
        *_stay("decline_offer", {S.ANSWERED} | AUTHORITY, CONSUMER),
        step("confirm_resolved", _RUNNING, S.RESOLVED, CONSUMER),
        step("say_unresolved", {S.ANSWERED, S.AGREED}, S.REFERRED, CONSUMER, needs_reason=True),
        step("withdraw", _RUNNING, S.WITHDRAWN, CONSUMER),
        step("reopen", {S.RESOLVED, S.CLOSED, S.LAPSED}, S.REFERRED, CONSUMER, needs_reason=True),
        # time
        step("count_as_kept", {S.AGREED}, S.RESOLVED, SYSTEM, needs_reason=True),
        step("lapse", {S.ANSWERED}, S.LAPSED, SYSTEM, needs_reason=True),
        # the authority
        step("refer", DIRECT | {S.AGREED}, S.REFERRED, SYSTEM | OFFICER, needs_reason=True),
        step("accept", {S.REFERRED}, S.MEDIATING, OFFICER),
        step("refuse", {S.REFERRED}, S.REFUSED, OFFICER, needs_reason=True),
        step("settle", {S.MEDIATING}, S.RESOLVED, OFFICER, needs_reason=True),
        step("end", {S.MEDIATING}, S.CLOSED, OFFICER, needs_reason=True),
        *_stay("pause", AUTHORITY, OFFICER, reason=True),
        *_stay("resume", AUTHORITY, OFFICER),
        *_stay("inform", AUTHORITY, OFFICER, reason=True),
        *_stay("join", AUTHORITY, OFFICER),  # handled together with others against the shop
        *_stay("part", AUTHORITY, OFFICER),
        step("transfer", AUTHORITY, S.REFERRED, OFFICER, needs_reason=True),
        *_stay("serve", {S.RESOLVED, S.CLOSED, S.REFUSED}, OFFICER),
        step("transfer_out", AUTHORITY, S.TRANSFERRED, OFFICER, needs_reason=True),
    ],
)

#: States in which nobody has to do anything more; some can be reopened within a policy's days.
ENDED = frozenset({S.RESOLVED, S.CLOSED, S.REFUSED, S.WITHDRAWN, S.LAPSED, S.TRANSFERRED})
#: Ends after which the consumer rates the shop, labelled as coming from a complaint.
RATEABLE = frozenset({S.RESOLVED, S.CLOSED})
#: Ends after which the consumer rates the handling.
HANDLED = frozenset({S.RESOLVED, S.CLOSED, S.REFUSED})
#: The shop's figure that an end counts in; other ends are in the total only.
COUNTED = {S.RESOLVED: "complaints_resolved", S.CLOSED: "complaints_unresolved"}
#: Steps that count as the merchant's answer; that need a ground of the law; that bring it to the authority anew.
ANSWERS = frozenset({"answer", "offer"})
ON_A_GROUND = frozenset({"refuse", "end"})
BRINGS_TO_AUTHORITY = frozenset({"refer", "say_unresolved", "reopen", "transfer"})
#: The ground of an end that holds only once the law's period has run.
TIME_OVER: Final = "time_over"
#: What the system says when it refers because the merchant let the time pass.
SILENT_MERCHANT: Final = "no_answer_in_time"
#: Actions that are something said: without words they mean nothing.
SPOKEN = frozenset({"answer", "supplement"})


class Route(enum.StrEnum):
    """What the consumer chose by law: to settle with the merchant first, or to go to the authority at once."""

    SETTLE_FIRST = "settle_first"
    AUTHORITY = "authority"


class Source(enum.StrEnum):
    """How the complaint came in."""

    SCAN = "scan"
    SEARCH = "search"
    OFFICE = "office"  # a paper form or a call, entered by an officer


class OfferState(enum.StrEnum):
    """What became of a merchant's offer."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"  # signed by both: performance is due
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    KEPT = "kept"
    BROKEN = "broken"


F = OfferState
OFFER_STEPS: Steps[OfferState] = Steps(
    "offer",
    F.PROPOSED,
    [
        step("accept", {F.PROPOSED}, F.ACCEPTED, CONSUMER),
        step("decline", {F.PROPOSED}, F.DECLINED, CONSUMER),
        step("withdraw", {F.PROPOSED}, F.WITHDRAWN, MERCHANT | SYSTEM),
        step("expire", {F.PROPOSED}, F.EXPIRED, SYSTEM),
        step("keep", {F.ACCEPTED}, F.KEPT, CONSUMER | SYSTEM),
        step("break", {F.ACCEPTED}, F.BROKEN, CONSUMER | OFFICER | SYSTEM),
    ],
)


OFFER_ENDED = OFFER_STEPS.ends()
#: Steps of the complaint by which an accepted offer was kept; any other end of waiting means it was not.
KEEPS = frozenset({"confirm_resolved", "count_as_kept", "withdraw"})


@dataclass(frozen=True)
class Ground:
    """One lawful ground: `kind` refuse | end, the article and (where it is known) the item that name it.

    `read`: somebody has read which article it is.
    """

    kind: str
    law: str
    code: str
    article: str
    item: str
    needs_text: bool
    read: bool


def _read_grounds() -> tuple[Ground, ...]:
    with Path(__file__).with_name("grounds.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Ground(
                row["kind"],
                row["law"],
                row["code"],
                row["article"],
                row["item"],
                row["text"] == "required",
                "article not read" not in row["source"],
            )
            for row in csv.DictReader(stream)
        )


#: The catalogue (``grounds.csv``); the words are ``complaint.ground.<kind>.<code>``.
GROUNDS = _read_grounds()


def grounds_for(kind: str, law: str) -> list[Ground]:
    """The grounds of `kind` under `law`, in the law's order."""
    return [ground for ground in GROUNDS if (ground.kind, ground.law) == (kind, law)]


def find_ground(kind: str, law: str, code: str) -> Ground | None:
    """The ground with this code under `law`, or None: no other ground counts."""
    return next((ground for ground in grounds_for(kind, law) if ground.code == code), None)


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
    S.AGREED: Turn.MERCHANT,
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


def remind_from(started_at: datetime, due_at: datetime, before: timedelta) -> datetime:
    """When to remind of what is due: `before` it, but not in the first half of its time (a mall may give two hours)."""
    return max(due_at - before, started_at + (due_at - started_at) / 2)


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
