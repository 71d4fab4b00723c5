"""The life of an application (申报): one table of steps, and the rules that stand beside it. Pure."""

from __future__ import annotations

import csv
import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from webapp.core.actor import Role
from webapp.core.checks import Check, CheckResult
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
        # Taking back one's own decision of a moment ago, while the other side has done nothing: see may_take_back.
        step("take_back_pass_on", {S.BUREAU_REVIEW}, S.STATION_REVIEW, STATION),
        step("take_back_station_return", {S.RETURNED}, S.STATION_REVIEW, STATION),
        step("take_back_bureau_return", {S.RETURNED}, S.BUREAU_REVIEW, BUREAU),
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
#: States in which a decision is due: deferred ones wait for their day.
REVIEWS = frozenset({S.STATION_REVIEW, S.BUREAU_REVIEW})

#: Steps of the merchant; all others are an officer's decisions.
MERCHANT_ACTIONS = frozenset({"submit", "resubmit", "withdraw"})
#: Taking back: the step → the decision that it undoes.
TAKE_BACKS = {
    "take_back_pass_on": "pass_on",
    "take_back_station_return": "return",
    "take_back_bureau_return": "return",
}
#: The parts of a statement that an officer can ask to have mended, in the order of the merchant's pages.
FIELDS = (
    "name",
    "address",
    "position",
    "industry",
    "phone",
    "opening_hours",
    "photos",
    "licences",
    "commitments",
)


@dataclass(frozen=True)
class Reason:
    """One entry of the catalogue of reasons. `fields` are preset as what to mend; `needs_text` asks for words."""

    action: str
    code: str
    needs_text: bool
    fields: tuple[str, ...] = ()


def _read_reasons() -> tuple[Reason, ...]:
    with Path(__file__).with_name("reasons.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Reason(row["action"], row["code"], row["text"] == "required", tuple(row["fields"].split()))
            for row in csv.DictReader(stream)
        )


#: The catalogue of reasons (``reasons.csv``); the words are ``application.reason.<action>.<code>``.
REASONS = _read_reasons()


def reasons_for(action: str) -> list[Reason]:
    """The catalogue's reasons for `action`, in its order."""
    return [reason for reason in REASONS if reason.action == action]


def find_reason(action: str, code: str | None) -> Reason | None:
    """The reason called `code` for `action`, or None."""
    return next((reason for reason in REASONS if (reason.action, reason.code) == (action, code)), None)


@dataclass(frozen=True)
class Taken:
    """What a rule needs to know of a decision that was taken."""

    action: str
    from_state: str
    by_id: int | None
    at: datetime


def may_take_back(action: str, last: Taken | None, by_id: int | None, now: datetime, minutes: int) -> bool:
    """True when `last` is this person's own decision that `action` undoes, at most `minutes` old.

    That `last` is the newest decision means that nobody has acted on it since.
    """
    target = next(step.target for step in STEPS if step.action == action)
    return (
        last is not None
        and last.action == TAKE_BACKS[action]
        and last.from_state == target.value
        and by_id is not None
        and last.by_id == by_id
        and now - last.at <= timedelta(minutes=minutes)
    )


def all_passed(checks: Iterable[Check]) -> bool:
    """True when there are checks and each of them passed."""
    results = [check.result for check in checks]
    return bool(results) and all(result is CheckResult.PASSED for result in results)


def failed(checks: Iterable[Check]) -> list[Check]:
    """The entry gates that are shut: the checks that failed."""
    return [check for check in checks if check.result is CheckResult.FAILED]


EARTH_KM = 6371.0088  # mean radius, IUGG


def kilometres(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """Great-circle distance of two positions in degrees (haversine)."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_lng - lng) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))
