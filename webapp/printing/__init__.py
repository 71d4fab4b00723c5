"""Print jobs (印制任务): many stickers picked by filter, drawn in the background into one file, handed to a print shop.

What is printed is written down when the job is ordered (``print_item``), so that the file is the same, byte for byte,
whenever it is made. It lies in the private store in parts. A hand-over link opens it without an account, a counted
number of times.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import commands, queries, runner, views_merchant, views_office, views_public

__all__ = ["register"]

LOOK_EVERY_SECONDS = 5
SWEEP_EVERY_SECONDS = 3600


def register(app: Flask) -> None:
    """Add the pages, the background work and the pieces of others' pages."""
    commands.register(app)
    for views in (views_public, views_merchant, views_office):
        app.register_blueprint(views.bp)
    # The link is the secret, and a print shop's browser may refuse cookies.
    app.extensions["csrf"].exempt(views_public.download)
    slots.add(app, "office.menu", 32, views_office.menu)
    slots.add(app, "merchant.shop_links", 21, views_merchant.link)
    slots.add(app, "sticker.printed", 10, queries.printed_at)
    slots.add(app, "sticker.printings", 10, queries.printings)
    slots.add(app, "sticker.print_address", 10, views_office.address_for)
    slots.add(app, "sticker.print_address", 11, views_merchant.address_for)
    slots.add(app, "jobs", 60, lambda: Job("printing.run", LOOK_EVERY_SECONDS, runner.look))
    slots.add(app, "jobs", 61, lambda: Job("printing.sweep", SWEEP_EVERY_SECONDS, runner.sweep))
