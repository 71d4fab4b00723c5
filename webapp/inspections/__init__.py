"""Inspection results (检查结果): entered or imported by officers, shown on the shop's page, withdrawn when wrong."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import views_office

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the addresses, the menu entry and the piece of the officer's shop page."""
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 58, views_office.menu)
    slots.add(app, "office.shop", 53, views_office.shop_section)
