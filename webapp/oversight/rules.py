"""Talks (约谈告诫) and orders to correct (责令改正): states, who takes which step, texts, due days. Pure."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import Steps, step
from webapp.core.workdays import Calendar


class Source(enum.StrEnum):
    """Where the officer has it from. The merchant is told the facts, never the source: a tip protects its reporter."""

    COMPLAINT = "complaint"
    TIP = "tip"
    INSPECTION = "inspection"
    HOTSPOT = "hotspot"


class TalkState(enum.StrEnum):
    """Where a talk stands."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    INVITED = "invited"
    CONFIRMED = "confirmed"  # the merchant says that it comes
    HELD = "held"
    ABSENT = "absent"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class OrderState(enum.StrEnum):
    """Where an order to correct stands."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    OPEN = "open"
    REPORTED = "reported"  # the merchant says that it is done
    PERFORMED = "performed"
    NOT_PERFORMED = "not_performed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class ExtensionState(enum.StrEnum):
    """A request for more time, asked by an officer or the merchant, decided by an officer who did not ask."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    DROPPED = "dropped"  # the order ended meanwhile


class ProposalState(enum.StrEnum):
    """A proposal that the rule table makes: to suspend the shop's code."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


T, D, E, P = TalkState, OrderState, ExtensionState, ProposalState
OFFICER = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
BUREAU, MERCHANT, SYSTEM = {Role.BUREAU_OFFICER}, {Role.MERCHANT}, {Role.SYSTEM}

TALK_STEPS: Steps[TalkState] = Steps(
    "talk",
    T.PROPOSED,
    [
        step("approve", {T.PROPOSED}, T.INVITED, BUREAU),
        step("refuse", {T.PROPOSED}, T.REFUSED, BUREAU, needs_reason=True),
        step("take_back", {T.PROPOSED}, T.CANCELLED, OFFICER),
        step("confirm", {T.INVITED}, T.CONFIRMED, MERCHANT),
        step("postpone", {T.INVITED, T.CONFIRMED}, T.INVITED, OFFICER, needs_reason=True),
        step("hold", {T.INVITED, T.CONFIRMED}, T.HELD, OFFICER),
        step("absent", {T.INVITED, T.CONFIRMED}, T.ABSENT, OFFICER, needs_reason=True),
        step("cancel", {T.INVITED, T.CONFIRMED}, T.CANCELLED, BUREAU, needs_reason=True),
        # What was decided wrongly: it leaves every public page.
        step("withdraw", {T.HELD, T.ABSENT}, T.WITHDRAWN, BUREAU, needs_reason=True),
    ],
)

ORDER_STEPS: Steps[OrderState] = Steps(
    "order",
    D.PROPOSED,
    [
        step("approve", {D.PROPOSED}, D.OPEN, BUREAU),
        step("refuse", {D.PROPOSED}, D.REFUSED, BUREAU, needs_reason=True),
        step("take_back", {D.PROPOSED}, D.CANCELLED, OFFICER),
        step("report", {D.OPEN, D.REPORTED}, D.REPORTED, MERCHANT),
        step("send_back", {D.REPORTED}, D.OPEN, OFFICER, needs_reason=True),
        # With or without a report, and late too: what was seen on the spot counts.
        step("perform", {D.OPEN, D.REPORTED, D.NOT_PERFORMED}, D.PERFORMED, OFFICER, needs_reason=True),
        step("fail", {D.OPEN, D.REPORTED}, D.NOT_PERFORMED, OFFICER, needs_reason=True),
        step(
            "withdraw",
            {D.OPEN, D.REPORTED, D.PERFORMED, D.NOT_PERFORMED},
            D.WITHDRAWN,
            BUREAU,
            needs_reason=True,
        ),
    ],
)

EXTENSION_STEPS: Steps[ExtensionState] = Steps(
    "order_extension",
    E.ASKED,
    [
        step("approve", {E.ASKED}, E.APPROVED, BUREAU, needs_reason=True),
        step("refuse", {E.ASKED}, E.REFUSED, BUREAU, needs_reason=True),
        step("drop", {E.ASKED}, E.DROPPED, OFFICER | MERCHANT | SYSTEM),
    ],
)

PROPOSAL_STEPS: Steps[ProposalState] = Steps(
    "oversight_proposal",
    P.OPEN,
    [
        # By somebody else than whose decision raised it.
        step("take", {P.OPEN}, P.TAKEN, OFFICER, needs_reason=True),
        step("decline", {P.OPEN}, P.DECLINED, BUREAU, needs_reason=True),
        step("lapse", {P.OPEN}, P.LAPSED, OFFICER | SYSTEM),
    ],
)

#: Orders that the merchant still has to perform.
RUNNING: Final = frozenset({D.OPEN, D.REPORTED})
#: Talks that are still to be held.
AHEAD: Final = frozenset({T.INVITED, T.CONFIRMED})
#: What the merchant is told of: never a bare proposal.
HIDDEN_TALKS: Final = frozenset({T.PROPOSED, T.REFUSED})
HIDDEN_ORDERS: Final = frozenset({D.PROPOSED, D.REFUSED})

FACTS_LONGEST: Final = 3000
SUMMARY_LONGEST: Final = 300
REASON_LONGEST: Final = 500
REPORT_LONGEST: Final = 2000
PLACE_LONGEST: Final = 120
REF_LONGEST: Final = 80
FILES_MOST: Final = 8


class Unit(enum.StrEnum):
    """How the days of an order are counted, as its ground's law has it."""

    DAYS = "days"
    WORKING_DAYS = "working_days"


def due_on(start: date, count: int, unit: Unit, calendar: Calendar) -> date:
    """The last day of a period of `count` days after `start`, which is not counted (《民法典》 Art. 201).

    Of calendar days, one that would end on a day off ends on the next working day (Art. 203).
    """
    if unit is Unit.WORKING_DAYS:
        return calendar.add(start, count).day
    last = start + timedelta(days=count)
    return last if calendar.is_working_day(last) else calendar.add(last, 1).day


def is_overdue(state: OrderState, due: date | None, today: date) -> bool:
    """Is the merchant late? Who has reported waits for the office: that it has not looked yet is not the merchant's."""
    return state is D.OPEN and is_over(due, today)


def is_over(due: date | None, today: date) -> bool:
    """Has the last day passed?"""
    return due is not None and due < today


def check_texts(**texts: tuple[str, int]) -> None:
    """Raise Invalid for the first of `texts` (field → (text, longest)) that is empty or too long."""
    for field, (text, longest) in texts.items():
        if not text.strip():
            raise Invalid("required", field=field)
        check_length(text, longest, field)


def check_finished(mark: str, **texts: str) -> None:
    """Raise Invalid for the first of `texts` that still has the `mark` of what a draft leaves to the officer."""
    for field, text in texts.items():
        if mark in text:
            raise Invalid("oversight_unfinished", field=field)


def check_length(text: str, longest: int, field: str) -> None:
    """Raise Invalid with the field when `text` is longer than `longest` characters."""
    if len(text.strip()) > longest:
        raise Invalid("oversight_too_long", field=field, longest=longest, length=len(text.strip()))


def check_days(days: int | None, most: int) -> int:
    """Raise Invalid unless an order gives 1..`most` days."""
    if days is None or not 1 <= days <= most:
        raise Invalid("order_days", field="days", most=most)
    return days


def check_talk_at(at: datetime | None, earliest: datetime) -> datetime:
    """Raise Invalid unless the talk is at `earliest` or later: the invited must have time to come."""
    if at is None:
        raise Invalid("talk_at", field="talk_at")
    if at < earliest:
        raise Invalid("talk_too_soon", field="talk_at")
    return at


def check_over(state: OrderState, due: date | None, today: date) -> None:
    """Raise Conflict while the merchant still has time: an order fails only after its last day."""
    if state in RUNNING and not is_over(due, today):
        raise Conflict("order_has_time")
