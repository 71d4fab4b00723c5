"""The front door: home, the directory of shops, stations, and what the platform is. Owns no tables."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.core.signals import shop_rated
from webapp.web import slots

from . import facts, views_public
from .figures import FigureCache
from .opening import Weeks
from .ranking import Ranking


def register(app: Flask) -> None:
    """Add the addresses; let the feed drop the figures."""
    app.register_blueprint(views_public.bp)
    openapi.offer(app, 10, "webapp.directory.api")
    app.extensions["ydym.weeks"] = Weeks()
    app.extensions["ydym.ranking"] = Ranking()
    app.extensions["csrf"].exempt(views_public.near)
    slots.add(app, "finding.facts", 10, facts.tokens_of)
    shop_rated.connect(facts.on_shop_rated)
    figures = FigureCache()
    app.extensions["ydym.figures"] = figures
    app.extensions["ydym.tail"].listen(figures.changed)
