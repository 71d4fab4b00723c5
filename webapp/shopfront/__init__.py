"""The trust page: owns no tables, composes what the other features know of a shop."""

from __future__ import annotations

import secrets

from flask import Flask

from webapp.core.db import db

from . import commands, views_public
from .storage import Gaps, Shelf, reading_engine

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the addresses, and answer for pages that are not in memory before the framework does."""
    app.register_blueprint(views_public.bp)
    commands.register(app)
    with app.app_context():
        engine = db.engine
    shelf = Shelf(app, reading_engine(engine), app.extensions["ydym.background"], Gaps(secrets.token_hex(12)))
    app.extensions["ydym.shelf"] = shelf
    if not app.debug:  # whoever works on templates wants to see them
        app.extensions["ydym.frontcache"].supply(shelf.look_up)
