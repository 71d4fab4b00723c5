"""The plan's figures (任务指标): 处置率, 按时办结率, 举报按时核查率, 自行协商和解率, counted from the cases."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import views_office

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the pages and the menu entry. The feature owns no table: every number is counted from the cases."""
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 62, views_office.menu)
