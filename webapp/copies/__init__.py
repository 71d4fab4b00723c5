"""Copied stickers (复印、冒用的码贴): what people report and where they scan, weighed by five rules into alarms.

An alarm opens a task and never suspends anything by itself. Builds on stickers, whose own operations an officer's
decision may call, and on scan counts.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import views_office, views_public, watching


def register(app: Flask) -> None:
    """Add the pages, the menu entry, the pieces of others' pages, and the recurring looks."""
    for views in (views_public, views_office):
        app.register_blueprint(views.bp)
    # Forms without an account must work where cookies are refused: the views look themselves (web.samesite).
    for view in (views_public.not_here, views_public.undo, views_public.here):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "office.menu", 45, views_office.menu)
    slots.add(app, "office.queue", 40, views_office.queue_section)
    slots.add(app, "office.shop", 22, views_office.shop_section)
    slots.add(
        app, "jobs", 60, lambda: Job("copies.rates", watching.RATES_EVERY_SECONDS, watching.watch_rates)
    )
    slots.add(
        app,
        "jobs",
        61,
        lambda: Job("copies.replaced", watching.REPLACED_EVERY_SECONDS, watching.watch_replaced),
    )
    slots.add(app, "jobs", 91, lambda: Job("copies.forget", watching.FORGET_EVERY_SECONDS, watching.forget))
