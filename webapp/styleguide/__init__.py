"""The living style page: every component in every state and mode, for whoever draws or judges a page."""

from __future__ import annotations

from flask import Flask

from . import views_office


def register(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(views_office.bp)
