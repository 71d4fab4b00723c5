"""Consumer reminders (消费提醒) and warnings (消费警示): states, texts, term, whom they concern. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Invalid
from webapp.core.steps import Steps, step


class ReminderKind(enum.StrEnum):
    """A hint, or a warning."""

    REMINDER = "reminder"
    WARNING = "warning"


class ReminderState(enum.StrEnum):
    """Where it stands; PUBLISHED is the only state that the public sees."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    REFUSED = "refused"
    PUBLISHED = "published"
    REPLACED = "replaced"  # by a later version, which two people published
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DROPPED = "dropped"


R = ReminderState
WRITERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
BUREAU, SYSTEM = {Role.BUREAU_OFFICER}, {Role.SYSTEM}

STEPS: Steps[ReminderState] = Steps(
    "reminder",
    R.DRAFT,
    [
        # What was refused may be written better and put forward again.
        step("edit", {R.DRAFT, R.REFUSED}, R.DRAFT, WRITERS),
        step("propose", {R.DRAFT}, R.PROPOSED, WRITERS),
        # By whoever proposed it, before anybody has decided.
        step("take_back", {R.PROPOSED}, R.DRAFT, WRITERS),
        step("drop", {R.DRAFT, R.REFUSED}, R.DROPPED, WRITERS),
        # By a second officer: neither who wrote it nor who proposed it.
        step("publish", {R.PROPOSED}, R.PUBLISHED, BUREAU),
        step("refuse", {R.PROPOSED}, R.REFUSED, BUREAU, needs_reason=True),
        # Comes with the publication of the version that takes its place.
        step("replace", {R.PUBLISHED}, R.REPLACED, BUREAU),
        step("withdraw", {R.PUBLISHED}, R.WITHDRAWN, BUREAU, needs_reason=True),
        step("expire", {R.PUBLISHED}, R.EXPIRED, SYSTEM),
    ],
)
#: Steps for which it must be somebody who neither wrote nor proposed it.
SECOND_PERSON: Final = frozenset({"publish", "refuse"})

TITLE_LONGEST: Final = 60
BODY_LONGEST: Final = 3000
REASON_LONGEST: Final = 300
SHOPS_MOST: Final = 50


def check_texts(title: str, body: str) -> None:
    """Raise Invalid with the field for a text that is empty or too long."""
    for field, text, longest in (("title", title, TITLE_LONGEST), ("body", body, BODY_LONGEST)):
        if not text.strip():
            raise Invalid("required", field=field)
        check_length(text, longest, field)


def check_length(text: str, longest: int, field: str) -> None:
    """Raise Invalid with the field when `text` is longer than `longest` characters."""
    if len(text.strip()) > longest:
        raise Invalid("reminder_too_long", field=field, longest=longest, length=len(text.strip()))


def check_term(term_until: date | None, today: date, most_days: int) -> None:
    """Raise Invalid unless the last day lies after `today` and at most `most_days` ahead."""
    if term_until is None or not today < term_until <= today + timedelta(days=most_days):
        raise Invalid("reminder_term", field="term_until", days=most_days)


def visible(state: ReminderState, term_until: date, today: date) -> bool:
    """Does the public see it on `today`? The last day of the term counts."""
    return state is R.PUBLISHED and term_until >= today


def second_person(account_id: int | None, written_by: int | None, proposed_by: int | None) -> bool:
    """May this account decide on it: neither who wrote it nor who proposed it?"""
    return account_id is not None and account_id not in {written_by, proposed_by}


def common_region(codes: Iterable[str]) -> str:
    """The smallest region (street, county, city or province) that holds all of `codes`; ``""`` when none does."""
    known = list(codes)
    for length in (9, 6, 4, 2):
        starts = {code[:length] for code in known}
        if len(starts) == 1 and len(known[0]) >= length:
            return known[0][:length]
    return ""


def concerns(
    region_code: str,
    category: str | None,
    industry_code: str | None,
    shop_region: str,
    shop_category: str | None,
    shop_industry: str | None,
) -> bool:
    """Is a reminder for this region (and category, and industry; None: all) about a shop with these facts?"""
    return (
        shop_region.startswith(region_code)
        and category in {None, shop_category}
        and industry_code in {None, shop_industry}
    )
