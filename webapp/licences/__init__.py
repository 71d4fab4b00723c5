"""Licences (资质证照): what an industry needs, what a shop has, until when, and how it was verified."""

from __future__ import annotations

from flask import Flask

from webapp.jobs.operations import Job
from webapp.web import slots

from . import (
    onboarding,
    operations,
    queries,
    reactions,
    reminders,
    tasks,
    views_copies,
    views_merchant,
    views_office,
    views_proposing,
)
from .commands import licences_cli

__all__ = ["reactions", "register"]

#: The day turns at midnight, a job may be late: several looks a day, each of which only acts on what is new.
EVERY_SECONDS = 6 * 3600


def register(app: Flask) -> None:
    """Add the addresses, the step of the onboarding, and the pieces of others' pages."""
    app.register_blueprint(views_merchant.bp)
    app.register_blueprint(views_proposing.bp)
    app.register_blueprint(views_office.bp)
    app.register_blueprint(views_copies.bp)
    app.cli.add_command(licences_cli)
    slots.add(app, "reference", 20, operations.sync)
    slots.add(app, "application.step", onboarding.Step.order, onboarding.Step)
    slots.add(app, "application.checks", 20, onboarding.checks)
    slots.add(app, "application.statement", 20, onboarding.statement)
    slots.add(app, "application.review", 20, onboarding.review)
    slots.add(app, "application.preview", 20, onboarding.preview)
    slots.add(app, "audit.value", 20, queries.audit_value)
    slots.add(app, "shop.licences", 20, queries.public_licences)
    slots.add(app, "merchant.shop_links", 20, views_merchant.link)
    slots.add(app, "merchant.tasks", 20, tasks.tasks)
    slots.add(app, "merchant.figures", 60, tasks.next_end)
    slots.add(app, "office.menu", 35, views_office.menu)
    slots.add(app, "office.shop", 18, views_copies.section)
    slots.add(app, "jobs", 30, lambda: Job("licences.sweep", EVERY_SECONDS, operations.sweep_expiry))
    slots.add(app, "jobs", 31, lambda: Job("licences.remind", EVERY_SECONDS, reminders.remind_expiring))
