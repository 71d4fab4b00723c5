"""Honours: demonstration units, return shops and chains, the red list's nominations, measures from a file."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.jobs.operations import Job
from webapp.web import slots

from . import (
    measures,
    models,
    nominating,
    operations,
    queries,
    reactions,
    views_many,
    views_office,
    views_public,
)

__all__ = ["models", "queries", "reactions", "register"]

EXPIRE_EVERY_SECONDS = 600
NOMINATE_EVERY_SECONDS = 24 * 3600
RUN_EVERY_SECONDS = 2


def register(app: Flask) -> None:
    """Add the addresses, the pieces of others' pages and the jobs."""
    for bp in (views_office.bp, views_many.bp, views_public.bp):
        app.register_blueprint(bp)
    slots.add(app, "office.menu", 51, views_office.menu)
    slots.add(app, "public.lists", 20, views_public.tabs)
    openapi.offer(app, 30, "webapp.honours.api")
    slots.add(app, "repair.checks", 51, nominating.repair_checks)
    slots.add(app, "office.listings", 51, views_office.lists_links)
    slots.add(app, "office.shop", 51, views_office.shop_section)
    slots.add(app, "jobs", 51, lambda: Job("honours.expire", EXPIRE_EVERY_SECONDS, operations.expire_ended))
    slots.add(app, "jobs", 52, lambda: Job("honours.nominate", NOMINATE_EVERY_SECONDS, nominating.nominate))
    slots.add(app, "jobs", 53, lambda: Job("honours.measures", RUN_EVERY_SECONDS, measures.run))
