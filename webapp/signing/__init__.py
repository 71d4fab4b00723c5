"""The keys that sign stickers: their ring, their private halves wherever they live, and who may change them.

Asks others by slots: ``signing.uses`` (``fn() -> {kid: valid stickers}``), ``signing.issued_since``
(``fn(kid, moment, leaf) -> int``), and the public log: ``log.leaf_at`` (``fn(moment) -> int``: how many published
leaves stand before that moment) and ``log.papers`` (``fn(kid, leaf, moment) -> [(shop, serial), …]``: its stickers
among the first so many). Sends the signal ``key_compromised``.
"""

from __future__ import annotations

from flask import Flask

from webapp.web import slots

from . import commands, store, views_office

__all__ = ["register"]


def register(app: Flask) -> None:
    """Open the key store, add the commands and the administrators' pages."""
    store.register(app)
    commands.register(app)
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 85, views_office.menu)
