"""The change feed: one ordered list of every change of what the public may see."""

from __future__ import annotations

import gc

from flask import Flask

from webapp.core.db import db
from webapp.web.frontcache import FrontCache

from .background import Background
from .operations import publish
from .tail import Tail

__all__ = ["publish", "register"]


def register(app: Flask) -> None:
    """Follow the feed in each worker and keep public pages in memory in front of the request handling.

    A poll time of 0 follows nothing by itself: tests call ``tail.poll()`` and ``background.flush()``.
    """
    settings = app.extensions["ydym.settings"]
    with app.app_context():
        engine = db.engine
    tail = Tail(engine, settings.feed_poll_ms / 1000)

    def begin() -> None:
        if settings.feed_poll_ms:
            gc.collect()
            gc.freeze()  # what was made at the start stays: looking through it again would halt a worker for a moment
            tail.start()
            background.start()

    cache = FrontCache(app.wsgi_app, tail.fresh, settings.page_cache_entries, begin)
    background = Background(engine, cache)
    tail.listen(cache.changed)
    tail.listen(background.changed)
    app.extensions["ydym.tail"] = tail
    app.extensions["ydym.frontcache"] = cache
    app.extensions["ydym.background"] = background
    app.wsgi_app = cache  # type: ignore[method-assign]
