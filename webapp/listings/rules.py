"""Red and black list entries (红黑榜), first version. Pure."""

from __future__ import annotations

import enum

from webapp.core.actor import Role
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
