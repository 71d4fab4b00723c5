"""The change feed: one ordered list of every change of what the public may see."""

from __future__ import annotations

from flask import Flask

from webapp.core.db import db
from webapp.web.frontcache import FrontCache

from .operations import publish
from .tail import Tail

__all__ = ["publish", "register"]


def register(app: Flask) -> None:
    """Follow the feed in each worker and keep public pages in memory in front of the request handling."""
    settings = app.extensions["ydym.settings"]
    with app.app_context():
        tail = Tail(db.engine, settings.feed_poll_ms / 1000)
    begin = (lambda: None) if app.config["TESTING"] else tail.start
    cache = FrontCache(app.wsgi_app, tail.fresh, settings.page_cache_entries, begin)
    tail.listen(cache.changed)
    app.extensions["ydym.tail"] = tail
    app.extensions["ydym.frontcache"] = cache
    app.wsgi_app = cache  # type: ignore[method-assign]
