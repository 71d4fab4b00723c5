"""Printing a shop's stickers anew after a change (换贴任务): per shop what, why and until when, until it is done.

The register's news and approved changes open a task; replacing the papers and printing the new ones finishes it. Builds
on stickers, whose own operations replace a paper.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import operations, reactions, views_merchant, views_office

__all__ = ["reactions", "register"]

SWEEP_EVERY_SECONDS = 300


def register(app: Flask) -> None:
    """Add the pages, the menu entry, the pieces of others' pages, and the recurring look."""
    for views in (views_merchant, views_office):
        app.register_blueprint(views.bp)
    slots.add(app, "office.menu", 33, views_office.menu)
    slots.add(app, "office.shop", 21, views_office.shop_section)
    slots.add(app, "merchant.shop_status", 40, views_merchant.statuses)
    slots.add(app, "jobs", 62, lambda: Job("reprints.sweep", SWEEP_EVERY_SECONDS, operations.sweep))
