"""What the authority does about what it sees: hot spots of complaints and tips, talks, orders to correct."""

from __future__ import annotations

from flask import Flask

from . import views_hotspots


def register(app: Flask) -> None:
    """Add the addresses."""
    app.register_blueprint(views_hotspots.bp)
