"""Red and black list entries (红黑榜), first version. Pure."""

from __future__ import annotations

import enum
from datetime import date, timedelta

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
    REFUSED = "refused"
    PUBLISHED = "published"
    EXPIRED = "expired"
    REPAIRED = "repaired"
    STRUCK = "struck"


L = ListingState
PROPOSER = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
BUREAU, SYSTEM = {Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[ListingState] = Steps(
    "listing",
    L.PROPOSED,
    [
        step("confirm", {L.PROPOSED}, L.PUBLISHED, BUREAU, needs_reason=True),
        step("refuse", {L.PROPOSED}, L.REFUSED, BUREAU, needs_reason=True),
        step("expire", {L.PUBLISHED}, L.EXPIRED, SYSTEM, needs_reason=True),
        step("repair", {L.PUBLISHED}, L.REPAIRED, BUREAU, needs_reason=True),
        step("strike", {L.PUBLISHED}, L.STRUCK, BUREAU, needs_reason=True),
    ],
)

#: Grounds on which a shop may be listed. Words: ``listing.ground.<colour>.<code>``.
GROUNDS: dict[Colour, tuple[str, ...]] = {
    Colour.RED: ("clean_record", "high_ratings", "return_kept", "advance_compensation", "honest_measurement"),
    Colour.BLACK: (
        "serious_violation",
        "fake_goods",
        "food_safety",
        "price_fraud",
        "short_measure",
        "refused_redress",
        "false_statement",
    ),
}


def check_ground(colour: Colour, ground: str) -> None:
    """Raise Invalid unless `ground` is in the catalogue of `colour`."""
    if ground not in GROUNDS[colour]:
        raise Invalid("listing_ground", field="ground")


def latest_term(today: date, months: int) -> date:
    """The last day that a term of `months` calendar months from `today` may end on (end of month is kept)."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=today.day - 1), following - timedelta(days=1))
