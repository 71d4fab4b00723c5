"""Reminders for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories.accounts import make_officer
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.reminders import operations
from webapp.reminders.models import Reminder
from webapp.reminders.operations import Draft
from webapp.reminders.rules import ReminderKind


def make_draft(now: datetime = NOW, **more: Any) -> Draft:
    """What an officer of district 130606 wrote."""
    facts: dict[str, Any] = {
        "kind": ReminderKind.REMINDER,
        "title": "办卡先看合同",
        "body": "金额不宜过大。\n凭证留好。",
        "region_code": "130606",
        "ground": "prepaid_risk",
        "term_until": clock.day_of(now) + timedelta(days=90),
    }
    return Draft(**(facts | more))


def make_reminder(actor: Actor | None = None, now: datetime = NOW, **more: Any) -> Reminder:
    """A published one: written by `actor` (without one, an officer of the whole city), published by another."""
    make_street()
    reminder = make_proposed(actor, now, **more)
    second = make_officer(region_code="1306").actor()
    return operations.act(reminder.id, "publish", "", second, now, reminder.version)


def make_proposed(actor: Actor | None = None, now: datetime = NOW, **more: Any) -> Reminder:
    """One that waits for the second officer."""
    make_street()
    writer = actor or make_officer(region_code="1306").actor()
    reminder = operations.draft(make_draft(now, **more), writer, now)
    return operations.act(reminder.id, "propose", "", writer, now, reminder.version)
