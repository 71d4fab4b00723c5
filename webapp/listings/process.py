"""Appeal (申诉) and credit repair (信用修复) of black entries: lifecycles, who may decide, what repair asks. Pure.

Times are policy values (``listing.*``). Severities and their terms: 信用修复 rules in force since 2026-04-01 ?.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from webapp.core.actor import Actor, Role
from webapp.core.checks import Check, CheckResult
from webapp.core.steps import Steps, step

from .rules import latest_term


class CaseState(enum.StrEnum):
    """Where an appeal or a request for repair stands."""

    FILED = "filed"
    GRANTED = "granted"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"  # the entry ended by something else


C = CaseState
BUREAU, MERCHANT, SYSTEM = {Role.BUREAU_OFFICER}, {Role.MERCHANT}, {Role.SYSTEM}


def _steps(name: str) -> Steps[CaseState]:
    return Steps(
        name,
        C.FILED,
        [
            step("grant", {C.FILED}, C.GRANTED, BUREAU, needs_reason=True),
            step("dismiss", {C.FILED}, C.DISMISSED, BUREAU, needs_reason=True),
            step("withdraw", {C.FILED}, C.WITHDRAWN, MERCHANT),
            step("overtake", {C.FILED}, C.OVERTAKEN, BUREAU | SYSTEM),
        ],
    )


APPEAL_STEPS: Final = _steps("listing_appeal")
REPAIR_STEPS: Final = _steps("listing_repair")

TEXT_LONGEST: Final = 2000
REPLY_LONGEST: Final = 500

#: The merchant confirms each when asking for repair. Words: ``listing.repair.pledge.<code>``.
PLEDGES: Final = ("corrected", "duties_done", "harm_removed", "material_true")


def took_part(account_id: int | None, *people: int | None) -> bool:
    """Was this officer one of `people`? Who proposed, confirmed, or weighed the hearing decides no appeal."""
    return account_id is not None and account_id in people


def may_repair(actor: Actor, listed_by: Iterable[int | None], office_region: str) -> bool:
    """谁列入谁修复: one of the people who listed it, or another officer of the bureau that did."""
    if actor.account_id is not None and actor.account_id in set(listed_by):
        return True
    return any(post.role is Role.BUREAU_OFFICER and post.region_code == office_region for post in actor.posts)


@dataclass(frozen=True)
class Standing:
    """What is known of an entry when repair is asked. `others` are checks of other features (register, complaints)."""

    published_on: date
    least_months: int
    repeated: bool  # another black entry, proposed or published since
    appealed: bool
    others: tuple[Check, ...] = ()


def earliest_repair(published_on: date, least_months: int) -> date:
    """The first day on which repair may be asked for: after so many whole months of publication."""
    if least_months == 0:
        return published_on
    return latest_term(published_on, least_months)


def requirements(standing: Standing, today: date) -> list[Check]:
    """Each requirement of repair, met or not; ``details`` explain. Words: ``listing.repair.check.<code>[.failed]``."""
    first = earliest_repair(standing.published_on, standing.least_months)
    days = max(0, (first - today).days)
    return [
        _check("term_served", met=days == 0, day=first.isoformat(), months=standing.least_months, days=days),
        _check("not_repeated", met=not standing.repeated),
        _check("no_appeal", met=not standing.appealed),
        *standing.others,
    ]


def met(checks: Iterable[Check]) -> bool:
    """Is nothing failed? What needs a person's eye does not stop the request."""
    return all(check.result is not CheckResult.FAILED for check in checks)


def last_day_to_appeal(published_on: date, days: int) -> date:
    """The last day on which an appeal may be filed."""
    return published_on + timedelta(days=days)


def _check(code: str, *, met: bool, **details: str | int) -> Check:
    return Check(code, CheckResult.PASSED if met else CheckResult.FAILED, details)
