"""Honours that a shop is named with, and the red list's nominations. Pure.

放心消费示范单位 by sector with their standard (DB37/T 3698 ?), 线下无理由退货 shops, 异地异店退换货 chains.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Invalid
from webapp.core.steps import Steps, step


class HonourKind(enum.StrEnum):
    """What the shop is named as."""

    DEMONSTRATION = "demonstration"
    NO_REASON_RETURN = "no_reason_return"
    CROSS_SHOP_RETURN = "cross_shop_return"


class HonourState(enum.StrEnum):
    """Where it stands; PUBLISHED is the only state that the public sees."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    PUBLISHED = "published"
    EXPIRED = "expired"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


H = HonourState
PROPOSER = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
BUREAU, SYSTEM = {Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[HonourState] = Steps(
    "honour",
    H.PROPOSED,
    [
        step("confirm", {H.PROPOSED}, H.PUBLISHED, BUREAU, needs_reason=True),
        step("refuse", {H.PROPOSED}, H.REFUSED, BUREAU, needs_reason=True),
        step("withdraw", {H.PROPOSED}, H.WITHDRAWN, PROPOSER),
        step("expire", {H.PUBLISHED}, H.EXPIRED, SYSTEM, needs_reason=True),
        # By the system: a shop whose code was revoked, or that is black-listed, is named nothing.
        # A return shop's records of the year were looked at, and it goes on.
        step("review", {H.PUBLISHED}, H.PUBLISHED, PROPOSER),
        step("end", {H.PUBLISHED}, H.ENDED, BUREAU | SYSTEM, needs_reason=True),
    ],
)

#: Sectors of demonstration units. Words: ``honour.sector.<code>``; their standard: ``honour.standard`` (DB37/T 3698,
#: whose parts were not read in the primary text: it is printed without a part number, and can be written otherwise).
SECTORS: Final = (
    "retail",
    "market",
    "catering",
    "lodging",
    "scenic_spot",
    "beauty",
    "fitness",
    "training",
    "automobile",
    "courier",
    "medical",
    "online_shop",
)
#: Codes of ends without a person's words. Words: ``honour.reason.<code>``.
ENDED_BY_ITSELF: Final = frozenset({"term_passed", "black_listed", "code_revoked", "chain_ended"})
TERMS_LONGEST: Final = 500
REASON_LONGEST: Final = 500
STANDARD_LONGEST: Final = 200
NAME_LONGEST: Final = 80
#: Returns of a year that are believed.
RETURNS_MOST: Final = 999_999


class NominationState(enum.StrEnum):
    """OPEN waits for an officer; TAKEN became a proposal for the red list; LAPSED: the rules hold no more."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


N = NominationState
NOMINATION_STEPS: Steps[NominationState] = Steps(
    "nomination",
    N.OPEN,
    [
        step("take", {N.OPEN}, N.TAKEN, PROPOSER),
        step("decline", {N.OPEN}, N.DECLINED, PROPOSER, needs_reason=True),
        step("lapse", {N.OPEN}, N.LAPSED, SYSTEM),
        step("renew", {N.LAPSED, N.DECLINED, N.TAKEN}, N.OPEN, SYSTEM),
    ],
)


@dataclass(frozen=True)
class RedRules:
    """Policy values (``red.*``): volume and mean of ratings, days on record, complaints that are too many."""

    min_ratings: int
    min_mean_tenths: int
    min_days: int
    max_unresolved: int


@dataclass(frozen=True)
class ShopRecord:
    """What is counted of a shop over the period. `mean` of the five hearts, None without ratings."""

    ratings: int
    mean: float | None
    days_active: int
    unresolved: int
    late: int
    black_entries: int
    return_pledged: bool
    returns_broken: int


def deserves(record: ShopRecord, rules: RedRules) -> tuple[str, ...]:
    """The red list's grounds that the record fulfils; () when it is not clean.

    A clean record is the condition of all: no black entry, no complaint unresolved or answered late beyond the policy.
    """
    clean = (
        record.black_entries == 0
        and record.unresolved <= rules.max_unresolved
        and record.late == 0
        and record.days_active >= rules.min_days
    )
    rated = (
        record.ratings >= rules.min_ratings
        and record.mean is not None
        and round(record.mean * 10) >= rules.min_mean_tenths
    )
    if not (clean and rated):
        return ()
    kept = record.return_pledged and record.returns_broken == 0
    return ("return_kept", "clean_record", "high_ratings") if kept else ("high_ratings", "clean_record")


def check_honour(
    kind: HonourKind,
    *,
    sector: str | None,
    standard: str,
    days: int | None,
    terms: str,
    chain_id: int | None,
    returns: int | None,
    refused: int | None,
    evidence: str,
    term_until: date | None,
    today: date,
    limits: Mapping[str, int],
) -> None:
    """Raise Invalid for the first thing that is missing or wrong. `limits`: policy values ``honour.*`` by last part."""
    if kind is HonourKind.DEMONSTRATION:
        _check_unit(sector, standard, term_until, limits)
    else:
        _check_days(days, limits)
        check_returns(returns, refused)
        if not evidence.strip():
            raise Invalid("required", field="evidence")
    if kind is HonourKind.CROSS_SHOP_RETURN and chain_id is None:
        raise Invalid("honour_chain", field="chain")
    if not terms.strip():
        raise Invalid("required", field="terms")
    if len(terms) > TERMS_LONGEST:
        raise Invalid("honour_too_long", field="terms", longest=TERMS_LONGEST, length=len(terms))
    if term_until is not None and not today < term_until <= _years_on(today, limits["term_years"]):
        raise Invalid("honour_term", field="term_until", years=limits["term_years"])


def _check_unit(sector: str | None, standard: str, until: date | None, limits: Mapping[str, int]) -> None:
    if sector not in SECTORS:
        raise Invalid("honour_sector", field="sector")
    if not standard.strip() or len(standard) > STANDARD_LONGEST:
        raise Invalid("honour_standard", field="standard", longest=STANDARD_LONGEST)
    if until is None:
        raise Invalid("honour_term", field="term_until", years=limits["term_years"])


def _check_days(days: int | None, limits: Mapping[str, int]) -> None:
    least, most = limits["return_days_least"], limits["return_days_most"]
    if days is None or not least <= days <= most:
        raise Invalid("honour_days", field="days", least=least, most=most)


def check_returns(returns: int | None, refused: int | None) -> None:
    """Raise Invalid unless the records of returns are stated and fit each other."""
    for field, count in (("returns", returns), ("refused", refused)):
        if count is None or not 0 <= count <= RETURNS_MOST:
            raise Invalid("honour_returns", field=field, most=RETURNS_MOST)
    if (refused or 0) > (returns or 0):
        raise Invalid("honour_refused", field="refused")


def review_state(review_on: date | None, today: date, ahead: int) -> str:
    """``"overdue"``, ``"due"`` within `ahead` days, or ``""``."""
    if review_on is None or (review_on - today).days > ahead:
        return ""
    return "overdue" if review_on < today else "due"


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def visible(state: HonourState, term_until: date | None, today: date) -> bool:
    """Is it within its term and published? (The shop's code counts besides.)"""
    return state is HonourState.PUBLISHED and (term_until is None or term_until >= today)
