"""Consumer reminders (消费提醒) and warnings (消费警示): written and published by bureau officers."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import views_office, views_public


def register(app: Flask) -> None:
    """Add the addresses and the office's menu entry."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 55, views_office.menu)
