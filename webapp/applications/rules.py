"""The life of an application (申报): one table of steps. Pure."""

from __future__ import annotations

import enum

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class ApplicationState(enum.StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    STATION_REVIEW = "station_review"
    BUREAU_REVIEW = "bureau_review"
    RETURNED = "returned"
    DEFERRED_STATION = "deferred_station"
    DEFERRED_BUREAU = "deferred_bureau"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


S = ApplicationState
MERCHANT, STATION, BUREAU = {Role.MERCHANT}, {Role.STATION_OFFICER}, {Role.BUREAU_OFFICER}

STEPS: Steps[ApplicationState] = Steps(
    "application",
    S.DRAFT,
    [
        step("submit", {S.DRAFT}, S.STATION_REVIEW, MERCHANT),
        step("resubmit", {S.RETURNED}, S.STATION_REVIEW, MERCHANT),
        step("pass_on", {S.STATION_REVIEW}, S.BUREAU_REVIEW, STATION, needs_reason=True),
        step("approve", {S.BUREAU_REVIEW}, S.APPROVED, BUREAU, needs_reason=True),
        step("return", {S.STATION_REVIEW}, S.RETURNED, STATION, needs_reason=True),
        step("return", {S.BUREAU_REVIEW}, S.RETURNED, BUREAU, needs_reason=True),
        step("defer", {S.STATION_REVIEW}, S.DEFERRED_STATION, STATION, needs_reason=True),
        step("defer", {S.BUREAU_REVIEW}, S.DEFERRED_BUREAU, BUREAU, needs_reason=True),
        step("resume", {S.DEFERRED_STATION}, S.STATION_REVIEW, STATION),
        step("resume", {S.DEFERRED_BUREAU}, S.BUREAU_REVIEW, BUREAU),
        step("reject", {S.STATION_REVIEW}, S.REJECTED, STATION, needs_reason=True),
        step("reject", {S.BUREAU_REVIEW}, S.REJECTED, BUREAU, needs_reason=True),
        step(
            "withdraw",
            {S.DRAFT, S.STATION_REVIEW, S.BUREAU_REVIEW, S.RETURNED, S.DEFERRED_STATION, S.DEFERRED_BUREAU},
            S.WITHDRAWN,
            MERCHANT,
        ),
    ],
)

#: States in which the merchant may edit what is stated.
EDITABLE = frozenset({S.DRAFT, S.RETURNED})
#: States that wait for an officer.
IN_REVIEW = frozenset({S.STATION_REVIEW, S.BUREAU_REVIEW, S.DEFERRED_STATION, S.DEFERRED_BUREAU})
#: States that stand in the way of a second application for the same shop.
OPEN = frozenset(set(S) - {S.APPROVED, S.REJECTED, S.WITHDRAWN})
