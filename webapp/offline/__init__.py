"""Installable and useful without a network: manifest, service worker, the page that says what one can still do."""

from __future__ import annotations

from flask import Flask

from . import views_public


def register(app: Flask) -> None:
    """Add the addresses."""
    app.register_blueprint(views_public.bp)
