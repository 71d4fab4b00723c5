"""Scan statistics for merchants and officers: owns no tables, reads counts (scans) and stickers."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import at_home, views_merchant, views_office


def register(app: Flask) -> None:
    """Add the pages, and the pieces of others' pages."""
    app.register_blueprint(views_merchant.bp)
    slots.add(app, "merchant.figures", 20, at_home.figure)
    slots.add(app, "merchant.charts", 10, at_home.chart)
    slots.add(app, "merchant.shop_links", 22, views_merchant.link)
    slots.add(app, "office.shop", 85, views_office.shop_section)
