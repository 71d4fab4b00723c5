"""The life of a change request (变更申请): one table of steps, the parts, the catalogue of reasons. Pure."""

from __future__ import annotations

import enum
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class ChangeState(enum.StrEnum):
    """Where a request stands. The old facts stay public until it is approved."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by the merchant
    LAPSED = "lapsed"  # by the system: the code that it was about is gone


class Part(enum.StrEnum):
    """What a request is about. Of each part at most one waits, so that each is decided by itself."""

    NAME = "name"
    PLACE = "place"
    TRADE = "trade"
    PHOTOS = "photos"


S = ChangeState
MERCHANT, SYSTEM = {Role.MERCHANT}, {Role.SYSTEM}
OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}

STEPS: Steps[ChangeState] = Steps(
    "change",
    S.WAITING,
    [
        step("approve", {S.WAITING}, S.APPROVED, OFFICERS, needs_reason=True),
        step("refuse", {S.WAITING}, S.REFUSED, OFFICERS, needs_reason=True),
        step("withdraw", {S.WAITING}, S.WITHDRAWN, MERCHANT),
        step("lapse", {S.WAITING}, S.LAPSED, SYSTEM),
    ],
)

#: The facts of a part, in the order in which they are shown. Photos are kept beside the shop.
FIELDS: Final[dict[Part, tuple[str, ...]]] = {
    Part.NAME: ("name", "branch"),
    Part.PLACE: ("region_code", "address", "latitude", "longitude"),
    Part.TRADE: ("industry_code",),
    Part.PHOTOS: ("photos",),
}

#: Officers' steps → the catalogue's codes, in the order in which they are offered.
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "approve": ("documents_match", "seen_on_site", "register_agrees", "other"),
    "refuse": (
        "proof_missing",
        "register_differs",
        "not_as_on_site",
        "photo_unclear",
        "misleading",
        "licence_first",
        "other",
    ),
}
#: Why an officer takes a photo off the public page.
HIDE_REASONS: Final = ("not_this_shop", "personal_data", "unlawful_advertising", "indecent", "other")
#: Reasons that say nothing without words.
NEEDS_TEXT: Final = frozenset({"other"})

NOTE_MAX: Final = 200
REASON_MAX: Final = 500


def may_move(part: Part, *, reviewed: bool, leaves: bool, bound: bool) -> bool:
    """Is a request the way for this change?

    While the bureau vouches (`reviewed`), for everything. Without a code only for what a draft cannot do: a shop that
    has been before its officers (`bound`) going to another district (`leaves`).
    """
    return reviewed or (part is Part.PLACE and leaves and bound)
