"""Consumer reminders (消费提醒) and warnings (消费警示). Pure."""

from __future__ import annotations

import enum
from typing import Final

from webapp.core.actor import Role
from webapp.core.errors import Invalid
from webapp.core.steps import Steps, step


class ReminderKind(enum.StrEnum):
    """A hint, or a warning."""

    REMINDER = "reminder"
    WARNING = "warning"


class ReminderState(enum.StrEnum):
    """The draft lives in the officer's form; what is in the database has been published."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


R = ReminderState
BUREAU = {Role.BUREAU_OFFICER}

STEPS: Steps[ReminderState] = Steps(
    "reminder",
    R.PUBLISHED,
    [
        step("revise", {R.PUBLISHED}, R.PUBLISHED, BUREAU),
        step("withdraw", {R.PUBLISHED}, R.WITHDRAWN, BUREAU, needs_reason=True),
    ],
)

TITLE_LONGEST: Final = 60
BODY_LONGEST: Final = 3000
REASON_LONGEST: Final = 300


def check_texts(title: str, body: str) -> None:
    """Raise Invalid with the field for a text that is empty or too long."""
    for field, text, longest in (("title", title, TITLE_LONGEST), ("body", body, BODY_LONGEST)):
        if not text.strip():
            raise Invalid("required", field=field)
        if len(text.strip()) > longest:
            raise Invalid("reminder_too_long", field=field, longest=longest, length=len(text.strip()))


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
