"""The map of shops: the directory's filters on a plane, gathered by cells, with or without somebody's tiles."""

from __future__ import annotations

from flask import Flask

from . import views_public
from .gathering import GridCache


def register(app: Flask) -> None:
    """Add the addresses; the settings' tiles are looked at now, so that a wrong one stops the start."""
    app.extensions["ydym.tiles"] = views_public.tiles_of(app.extensions["ydym.settings"])
    app.extensions["ydym.grids"] = GridCache()
    app.extensions["ydym.tail"].listen(app.extensions["ydym.grids"].changed)
    app.register_blueprint(views_public.bp)
