"""The front door: home, the directory of shops, stations, and what the platform is. Owns no tables."""

from __future__ import annotations

from flask import Flask

from webapp import openapi

from . import views_public
from .figures import FigureCache
from .opening import Weeks


def register(app: Flask) -> None:
    """Add the addresses; let the feed drop the figures."""
    app.register_blueprint(views_public.bp)
    openapi.offer(app, 10, "webapp.directory.api")
    app.extensions["ydym.weeks"] = Weeks()
    app.extensions["csrf"].exempt(views_public.near)
    figures = FigureCache()
    app.extensions["ydym.figures"] = figures
    app.extensions["ydym.tail"].listen(figures.changed)
