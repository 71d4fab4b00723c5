"""Stickers (码贴): signed, serially numbered copies of a shop's code; the keys that sign them; checking a code.

Asks the feature of trust codes by slots: ``shop.code`` (where a shop's code stands) and ``shop.vouched`` (condition on
Shop: its code is active); and printing: ``sticker.printed``, ``sticker.printings``, ``sticker.print_address``.
"""

from __future__ import annotations

from flask import Flask

from webapp.merchants import scanning
from webapp.web import slots

from . import commands, keys, reactions, reading, statuslists, views_merchant, views_office, views_public

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Open the key store, add the pages, the commands and the pieces of others' pages."""
    keys.register(app)
    statuslists.register(app)
    commands.register(app)
    for views in (views_public, views_merchant, views_office):
        app.register_blueprint(views.bp)
    # The picture is looked at only; where the form came from the view asks itself (cookies may be refused).
    app.extensions["csrf"].exempt(views_public.verify_picture)
    slots.add(app, "office.shop", 20, views_office.shop_section)
    slots.add(app, "merchant.shop_links", 20, views_merchant.link)
    scanning.provide_reader(reading.scanned)
