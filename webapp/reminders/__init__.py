"""Consumer reminders (消费提醒) and warnings (消费警示): written by one officer, published by another, for a term."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.jobs.operations import Job
from webapp.web import slots

from . import operations, views_office, views_public

EXPIRE_EVERY_SECONDS = 600


def register(app: Flask) -> None:
    """Add the addresses, the office's menu entry, and the job that ends what has had its term."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 55, views_office.menu)
    slots.add(app, "jobs", 55, lambda: Job("reminders.expire", EXPIRE_EVERY_SECONDS, operations.expire_ended))
    openapi.offer(app, 40, "webapp.reminders.api")
