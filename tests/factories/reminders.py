"""Reminders for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.core.actor import Actor
from webapp.reminders import operations
from webapp.reminders.models import Reminder
from webapp.reminders.operations import Draft
from webapp.reminders.rules import ReminderKind


def make_draft(**more: Any) -> Draft:
    """What an officer of district 130606 wrote."""
    facts: dict[str, Any] = {
        "kind": ReminderKind.REMINDER,
        "title": "办卡先看合同",
        "body": "金额不宜过大。\n凭证留好。",
        "region_code": "130606",
    }
    return Draft(**(facts | more))


def make_reminder(actor: Actor | None = None, now: datetime = NOW, **more: Any) -> Reminder:
    """A published one; without `actor`, by an officer of the whole city."""
    make_street()
    return operations.publish(make_draft(**more), actor or make_officer(region_code="1306").actor(), now)
