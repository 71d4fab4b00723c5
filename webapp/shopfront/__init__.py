"""The trust page: owns no tables, composes what the other features know of a shop."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Flask

from webapp.core.db import db
from webapp.feed.stored import Readers
from webapp.stickers import keys

from . import commands, views_papers, views_public
from .storage import Gaps, Shelf

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the addresses, and answer for pages that are not in memory before the framework does."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_papers.bp)
    commands.register(app)
    with app.app_context():
        readers = Readers(db.engine)
    shelf = Shelf(
        app.extensions["ydym.settings"],
        keys.store(app),
        readers,
        app.extensions["ydym.background"],
        Gaps(secrets.token_hex(12)),
    )
    app.extensions["ydym.shelf"] = shelf
    app.extensions["ydym.tail"].watch(_ring_watch(keys.store(app)))
    if not app.debug:  # whoever works on templates wants to see them
        app.extensions["ydym.frontcache"].supply(shelf.look_up)


def _ring_watch(store: keys.KeyStore) -> Callable[[], bool]:
    """For the feed's tail: has the ring of keys changed since the last look? A page kept for a code that a withdrawn
    key signed must go as well.
    """
    seen = store.mark()

    def moved() -> bool:
        nonlocal seen
        mark = store.mark()
        if mark == seen:
            return False
        seen = mark
        return True

    return moved
