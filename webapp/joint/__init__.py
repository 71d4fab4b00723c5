"""并案办理: complaints against one shop handled together by one office; each keeps its own record and clock."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import views_office, views_sides


def register(app: Flask) -> None:
    """Add the pages, and the piece on a complaint's page."""
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.complaint", 5, views_office.section)
    slots.add(app, "merchant.complaint", 5, views_sides.for_side)
    slots.add(app, "complaint.follow", 5, views_sides.for_side)
