"""Red and black list entries (红黑榜): states, hearing, terms. Appeals and repair: process.py. Pure."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Invalid
from webapp.core.steps import Steps, step


class Colour(enum.StrEnum):
    """红榜 or 黑榜."""

    RED = "red"
    BLACK = "black"


class ListingState(enum.StrEnum):
    """Where an entry stands; PUBLISHED is the only state that the public sees."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"  # by the second person; the merchant is being heard
    REFUSED = "refused"
    PUBLISHED = "published"
    EXPIRED = "expired"
    REPAIRED = "repaired"
    STRUCK = "struck"
    WITHDRAWN = "withdrawn"


L = ListingState
PROPOSER = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
BUREAU, SYSTEM = {Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[ListingState] = Steps(
    "listing",
    L.PROPOSED,
    [
        step("confirm", {L.PROPOSED}, L.CONFIRMED, BUREAU, needs_reason=True),
        step("refuse", {L.PROPOSED}, L.REFUSED, BUREAU, needs_reason=True),
        # By the system at the end of the hearing when the merchant said nothing; else by whoever weighed what it said.
        step("publish", {L.CONFIRMED}, L.PUBLISHED, BUREAU | SYSTEM, needs_reason=True),
        step("drop", {L.CONFIRMED}, L.REFUSED, BUREAU, needs_reason=True),
        # By the proposer alone; what was withdrawn was never decided, so it needs no reason.
        step("withdraw", {L.PROPOSED}, L.WITHDRAWN, PROPOSER),
        step("expire", {L.PUBLISHED}, L.EXPIRED, SYSTEM, needs_reason=True),
        step("repair", {L.PUBLISHED}, L.REPAIRED, BUREAU, needs_reason=True),
        # By the system: a shop that is black-listed or has lost its code does not stay on the red list.
        step("strike", {L.PUBLISHED}, L.STRUCK, BUREAU | SYSTEM, needs_reason=True),
    ],
)

#: Longest texts, characters. What the public reads is short; the evidence may be long.
EVIDENCE_LONGEST: Final = 4000
SUMMARY_LONGEST: Final = 300
REASON_LONGEST: Final = 500
#: Evidence files of one proposal.
FILES_MOST: Final = 8

#: Why an entry ended without a person's words. Words: ``listing.reason.<code>``.
ENDED_BY_ITSELF: Final = frozenset({"term_passed", "black_listed", "code_revoked", "hearing_over"})


def check_texts(**texts: tuple[str, int]) -> None:
    """Raise Invalid for the first of `texts` (field → (text, longest)) that is empty or too long."""
    for field, (text, longest) in texts.items():
        if not text.strip():
            raise Invalid("required", field=field)
        if len(text) > longest:
            raise Invalid("listing_text_too_long", field=field, longest=longest, length=len(text))


def check_term(
    colour: Colour, term_until: date | None, today: date, months: int, least_months: int = 0
) -> None:
    """Raise Invalid unless the term ends after `today`, within `least_months`..`months` of it; black needs one.

    The months are those of the ground's severity (信用修复); the last day of the term counts.
    """
    if term_until is None:
        if colour is Colour.BLACK:
            raise Invalid("listing_term", field="term_until", months=months)
        return
    if not today < term_until <= latest_term(today, months):
        raise Invalid("listing_term", field="term_until", months=months)
    if least_months and term_until < latest_term(today, least_months):
        raise Invalid("listing_term_short", field="term_until", months=least_months)


def visible(state: ListingState, term_until: date | None, today: date) -> bool:
    """Does the public see it on `today`? The last day of the term counts."""
    return state is ListingState.PUBLISHED and (term_until is None or term_until >= today)


def latest_term(today: date, months: int) -> date:
    """The last day that a term of `months` calendar months from `today` may end on (end of month is kept)."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=today.day - 1), following - timedelta(days=1))


#: States that leave room for no second entry of the same colour.
STANDING: Final = frozenset({ListingState.PROPOSED, ListingState.CONFIRMED, ListingState.PUBLISHED})


def hearing_open(state: ListingState, until: datetime | None, now: datetime) -> bool:
    """May the merchant still speak before anything is published?"""
    return state is ListingState.CONFIRMED and until is not None and now < until
