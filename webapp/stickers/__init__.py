"""Stickers (码贴): signed, serially numbered copies of a shop's code; checking a code.

Asks the feature of trust codes by slots: ``shop.code`` (where a shop's code stands) and ``shop.vouched`` (condition on
Shop: its code is active); and printing: ``sticker.printed``, ``sticker.printings``, ``sticker.print_address``.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.merchants import scanning
from webapp.web import slots

from . import (
    brand,
    commands,
    distrust,
    queries,
    reactions,
    reading,
    statuslists,
    tasks,
    views_merchant,
    views_office,
    views_poster,
    views_public,
)

__all__ = ["reactions", "register"]


def register(app: Flask) -> None:
    """Add the pages, the commands and the pieces of others' pages."""
    brand.register(app)
    statuslists.register(app)
    commands.register(app)
    for views in (views_public, views_merchant, views_poster, views_office):
        app.register_blueprint(views.bp)
    # The picture is looked at only; where the form came from the view asks itself (cookies may be refused).
    app.extensions["csrf"].exempt(views_public.verify_picture)
    slots.add(app, "office.shop", 20, views_office.shop_section)
    slots.add(app, "merchant.shop_links", 20, views_merchant.link)
    slots.add(app, "log.standing", 20, queries.standing_decisions)
    slots.add(app, "merchant.home", 10, views_poster.home)
    slots.add(app, "merchant.tasks", 30, tasks.tasks)
    slots.add(app, "signing.uses", 10, distrust.uses)
    slots.add(app, "signing.issued_since", 10, distrust.issued_since)
    slots.add(
        app, "jobs", 45, lambda: Job("stickers.distrust", distrust.EVERY_SECONDS, distrust.end_untrusted)
    )
    scanning.provide_reader(reading.scanned)
