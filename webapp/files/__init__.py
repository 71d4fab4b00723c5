"""Uploads: read by content, written anew, kept in private storage behind authorised addresses."""

from __future__ import annotations

from flask import Flask

from . import stores
from .commands import files_cli
from .views import bp


def register(app: Flask) -> None:
    """Connect the store that the settings name and add the addresses."""
    app.extensions["ydym.files.store"] = stores.from_settings(app.extensions["ydym.settings"])
    app.register_blueprint(bp)
    app.cli.add_command(files_cli)
