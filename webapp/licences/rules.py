"""Licences: states, validity, the machine checks of what is stated, and what is lacking. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.core.actor import Role
from webapp.core.checks import Check, CheckResult
from webapp.core.identifiers import check_food_licence, check_uscc, normalise
from webapp.core.steps import Steps, step

#: The kind whose number is the operator's unified social credit code.
BUSINESS_LICENCE = "business_licence"
#: Kinds numbered by 《食品经营许可管理办法》: what form and business kind the number must show.
FOOD_KINDS = {
    "food_catering": ("licence", frozenset({"catering", "canteen"})),
    "food_sales": ("licence", frozenset({"sales"})),
    "food_filing": ("filing", frozenset({"sales"})),
}
NUMBER_SHORTEST, NUMBER_LONGEST = 4, 60
SCOPE_LONGEST = 500


class LicenceState(enum.StrEnum):
    """Whether an officer has checked the licence."""

    STATED = "stated"  # the merchant says so
    VERIFIED = "verified"
    REFUSED = "refused"


L = LicenceState
OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}

#: A refused licence stays to be seen with its reason; the merchant states a new one in its place.
STEPS: Steps[LicenceState] = Steps(
    "licence",
    L.STATED,
    [
        step("state", {L.STATED, L.REFUSED}, L.STATED, {Role.MERCHANT, Role.SYSTEM}),
        step("verify", {L.STATED}, L.VERIFIED, OFFICERS | {Role.SYSTEM}),
        step("refuse", {L.STATED}, L.REFUSED, OFFICERS, needs_reason=True),
    ],
)


class Validity(enum.StrEnum):
    """A licence on a day."""

    VALID = "valid"
    ENDING = "ending"  # ends within the notice period
    EXPIRED = "expired"
    NOT_YET = "not_yet"


def validity(valid_from: date | None, valid_until: date | None, today: date, notice_days: int) -> Validity:
    """The validity on `today`; no `valid_until` means long-term (长期). The last day still counts as valid."""
    if valid_from is not None and today < valid_from:
        return Validity.NOT_YET
    if valid_until is None:
        return Validity.VALID
    if today > valid_until:
        return Validity.EXPIRED
    return Validity.ENDING if (valid_until - today).days <= notice_days else Validity.VALID


def in_force(valid_from: date | None, valid_until: date | None, today: date, grace_days: int = 0) -> bool:
    """True on the days from `valid_from` to `valid_until`, both included, and `grace_days` after."""
    if valid_from is not None and today < valid_from:
        return False
    return valid_until is None or today <= valid_until + timedelta(days=grace_days)


@dataclass(frozen=True)
class Stated:
    """What is stated of one licence, as the checks read it. `kind_name` is for the words only."""

    kind_code: str
    kind_name: str
    number: str
    valid_from: date | None
    valid_until: date | None
    has_file: bool


def check_number(kind_code: str, kind_name: str, number: str, uscc: str) -> Check:
    """Is the number one of its kind? `uscc` is the operator's unified social credit code.

    Food numbers that fail are for a person, never refused: other lawful forms exist (《食品经营许可管理办法》).
    """
    details = {"kind": kind_name, "number": number}
    if not number:
        return Check("licence.number_missing", CheckResult.FAILED, details)
    if kind_code == BUSINESS_LICENCE:
        same = normalise(number) == uscc and check_uscc(number).ok
        return Check("licence.number_is_uscc", CheckResult.PASSED if same else CheckResult.FAILED, details)
    if kind_code in FOOD_KINDS:
        return _check_food_number(kind_code, details, number)
    if not NUMBER_SHORTEST <= len(number) <= NUMBER_LONGEST or not any(c.isalnum() for c in number):
        return Check("licence.number_odd", CheckResult.NEEDS_PERSON, details)
    return Check("licence.number", CheckResult.PASSED, details)


def _check_food_number(kind_code: str, details: dict[str, str], number: str) -> Check:
    form, businesses = FOOD_KINDS[kind_code]
    food = check_food_licence(number)
    if not food.ok:
        return Check(
            f"licence.food_{food.reason}",
            CheckResult.NEEDS_PERSON,
            {**details, "position": food.position or 0},
        )
    if food.form != form or food.business_kind not in businesses:
        return Check("licence.food_other_kind", CheckResult.NEEDS_PERSON, details)
    return Check("licence.number", CheckResult.PASSED, details)


def check_period(stated: Stated, today: date, notice_days: int) -> Check:
    """Is it in force today, and for longer than the notice period (`notice_days`)?"""
    state = validity(stated.valid_from, stated.valid_until, today, notice_days)
    details = {
        "kind": stated.kind_name,
        "from": stated.valid_from.isoformat() if stated.valid_from else "",
        "until": stated.valid_until.isoformat() if stated.valid_until else "",
    }
    result = {
        Validity.VALID: CheckResult.PASSED,
        Validity.ENDING: CheckResult.NEEDS_PERSON,
        Validity.EXPIRED: CheckResult.FAILED,
        Validity.NOT_YET: CheckResult.FAILED,
    }[state]
    return Check(f"licence.period_{state.value}", result, details)


def check_stated(stated: Stated, uscc: str, today: date, notice_days: int) -> list[Check]:
    """All machine checks of one stated licence on `today`."""
    image = CheckResult.PASSED if stated.has_file else CheckResult.FAILED
    return [
        check_number(stated.kind_code, stated.kind_name, stated.number, uscc),
        check_period(stated, today, notice_days),
        Check("licence.image", image, {"kind": stated.kind_name}),
    ]


def is_complete(stated: Stated) -> bool:
    """True when nothing is left to state: image, number and first day. The end may be open (长期)."""
    return stated.has_file and bool(stated.number) and stated.valid_from is not None


def lacking(
    required: Iterable[str],
    standing: Iterable[tuple[str, date | None, date | None]],
    today: date,
    grace_days: int,
) -> list[str]:
    """The required kinds that no standing licence (kind, from, until) covers on `today`, in the order required."""
    covered = {kind for kind, start, end in standing if in_force(start, end, today, grace_days)}
    return [kind for kind in required if kind not in covered]


#: Registers write a licence without end (长期) as 9999-12-31: a day after which no day can be reckoned.
NO_END_YEAR = 9999
#: A last day after this year, but before that one, is a slip of the finger.
LAST_YEAR = 2199

_DAY = re.compile(r"([0-9]{4})[年./-]?([0-9]{1,2})[月./-]?([0-9]{1,2})日?\Z")


def parse_day(text: str) -> date | None:
    """A day as people and browsers write it: 2026-05-01, 2026.5.1, 2026年5月1日, 20260501. None when it is no day."""
    match = _DAY.match("".join(text.split()))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
