"""The life of one mediation, by the authority or by whom it entrusts. Pure."""

from __future__ import annotations

import enum

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
    RETURNED = "returned"  # the body gave it back, or the authority took it back


S = MediationState
OFFICER = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
WHO_MEDIATES = OFFICER | {Role.MEDIATOR}

STEPS: Steps[MediationState] = Steps(
    "mediation",
    S.OPEN,
    [
        step("arrange", {S.OPEN}, S.OPEN, WHO_MEDIATES),  # a hearing is fixed, moved or held
        step("state", {S.OPEN}, S.OPEN, WHO_MEDIATES | {Role.CONSUMER, Role.MERCHANT}),
        step("agree", {S.OPEN}, S.AGREED, WHO_MEDIATES, needs_reason=True),
        step("fail", {S.OPEN}, S.FAILED, WHO_MEDIATES, needs_reason=True),
        step("give_back", {S.OPEN}, S.RETURNED, WHO_MEDIATES, needs_reason=True),
    ],
)
