"""The life of one mediation, by the authority or by whom it entrusts. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class MediatorKind(enum.StrEnum):
    """Who mediates."""

    OWN = "own"  # the authority itself
    STATION = "station"  # 消费维权服务站
    ODR = "odr"  # ODR enterprise
    PEOPLE = "people"  # 人民调解委员会


class MediationState(enum.StrEnum):
    """Where a mediation stands. The complaint's own end is the authority's deed."""

    OPEN = "open"
    AGREED = "agreed"
    FAILED = "failed"
    RETURNED = (
        "returned"  # the body gave it back, the authority took it back, or the complaint went another way
    )


S = MediationState
OFFICER = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})
WHO_MEDIATES = OFFICER | {Role.MEDIATOR}
PARTIES = frozenset({Role.CONSUMER, Role.MERCHANT})

STEPS: Steps[MediationState] = Steps(
    "mediation",
    S.OPEN,
    [
        step("hear", {S.OPEN}, S.OPEN, WHO_MEDIATES),  # a hearing is fixed
        step("cancel", {S.OPEN}, S.OPEN, WHO_MEDIATES, needs_reason=True),
        step("record", {S.OPEN}, S.OPEN, WHO_MEDIATES),  # whether it took place, who was absent
        step("state", {S.OPEN}, S.OPEN, WHO_MEDIATES | PARTIES, needs_reason=True),
        step("draft", {S.OPEN}, S.OPEN, WHO_MEDIATES, needs_reason=True),  # the text that both sides sign
        step("sign", {S.OPEN}, S.OPEN, PARTIES, needs_reason=True),  # with a name
        # what both signed, also before a body, becomes the authority's result by the officer's word
        step("agree", {S.OPEN}, S.AGREED, OFFICER),
        step("fail", {S.OPEN}, S.FAILED, WHO_MEDIATES, needs_reason=True),
        step("give_back", {S.OPEN}, S.RETURNED, {Role.MEDIATOR}, needs_reason=True),
        step("take_back", {S.OPEN}, S.RETURNED, OFFICER, needs_reason=True),
        step("close", {S.OPEN}, S.RETURNED, {Role.SYSTEM}),  # the complaint ended or went elsewhere
    ],
)

TEXT_MAX: Final = 2000
NAME_MAX: Final = 40
PLACE_MAX: Final = 200
#: Who was absent from a hearing.
ABSENT: Final = ("", "consumer", "merchant", "both")
SIDES: Final = ("consumer", "merchant")
#: Days ahead for which a hearing can be fixed: the mediation itself ends sooner.
HEARING_DAYS_MAX: Final = 90


@dataclass(frozen=True)
class Area:
    """Whom a body serves: the shops of these regions (codes, each with what lies below it) and of these malls."""

    regions: frozenset[str] = frozenset()
    malls: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.regions or self.malls)

    def __or__(self, other: Area) -> Area:
        return Area(self.regions | other.regions, self.malls | other.malls)

    def serves(self, region_code: str, mall_id: int | None = None) -> bool:
        """Does a shop of that region (and in that mall) belong to it?"""
        return mall_id in self.malls or any(region_code.startswith(code) for code in self.regions)


NOWHERE: Final = Area()
#: Parts that an area may be written as.
AREA_MOST: Final = 60
