"""Ratings (评价) by the five hearts (五心), without an account; the merchant replies once.

A rating leaves the page on a listed ground by two officers only (``moderation.py``); shops are ranked by a public
formula (``score.py``); what looks made up is a task for officers and removes nothing (``signals.py``).
"""

from __future__ import annotations

from flask import Flask

from webapp.files import access as file_access
from webapp.files.models import FilePurpose
from webapp.jobs import Job
from webapp.web import slots

from . import (
    commands,
    opendata,
    operations,
    queries,
    tasks,
    views_merchant,
    views_office,
    views_open,
    views_public,
    views_reports,
    views_signals,
    watching,
)

#: Seconds between looks whether a new day has begun, and between looks for made-up ratings.
SNAPSHOT_EVERY = 600
WATCH_EVERY = 3600


def register(app: Flask) -> None:
    """Add the pages, the menu entries, the jobs and commands; say which photos are public and who else reads them."""
    for views in (views_public, views_reports, views_open, views_merchant, views_office, views_signals):
        app.register_blueprint(views.bp)
    # Forms without an account must work where cookies are refused: the views look themselves (web.samesite).
    forms = (views_public.form_scan, views_public.form_shop, views_public.form_complaint)
    for view in (*forms, views_reports.report, views_reports.object_):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "merchant.menu", 50, views_merchant.menu)
    slots.add(app, "merchant.tasks", 50, tasks.tasks)
    slots.add(app, "merchant.figures", 30, tasks.stars)
    slots.add(app, "merchant.charts", 20, tasks.chart)
    slots.add(app, "merchant.home", 5, tasks.praise)
    slots.add(app, "office.menu", 60, views_office.menu)
    slots.add(app, "jobs", 46, lambda: Job("ratings.snapshot", SNAPSHOT_EVERY, opendata.make_due))
    slots.add(app, "jobs", 47, lambda: Job("ratings.watch", WATCH_EVERY, watching.watch))
    slots.add(app, "jobs", 48, lambda: Job("ratings.forget", WATCH_EVERY, operations.forget_marks))
    file_access.publishers[FilePurpose.RATING] = queries.is_photo_public
    file_access.readers[operations.FILE_OWNER] = queries.may_read_photo
    app.cli.add_command(commands.ratings_cli)
