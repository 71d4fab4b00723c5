"""The demo city: plausible shops, officers, merchants, complaints and ratings for trying out and measuring."""

from __future__ import annotations

from flask import Flask

from . import commands

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the commands, and the guide in development."""
    commands.register(app)
    if app.extensions["ydym.settings"].env == "development":
        from .views import bp  # noqa: PLC0415 - elsewhere it is not even loaded

        app.register_blueprint(bp)
