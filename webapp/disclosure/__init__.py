"""Disclosure (公示): public figures of complaints, and single cases with the consumer's consent, scrubbed."""

from __future__ import annotations

from flask import Flask

from webapp import openapi
from webapp.jobs import Job
from webapp.web import slots

from . import cleaning, commands, opendata, tasks, views_follow, views_merchant, views_office, views_public

__all__ = ["register"]

#: Seconds between looks whether a new day has begun.
SNAPSHOT_EVERY = 600


def register(app: Flask) -> None:
    """Add the pages, the menu entries, the consumer's section, the job, the commands; lend the scrub to the form."""
    for bp in (views_public.bp, views_office.bp, views_merchant.bp, views_follow.bp):
        app.register_blueprint(bp)
    for view in (views_follow.withdraw, views_follow.ask):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "office.menu", 35, views_office.menu)
    openapi.offer(app, 60, "webapp.disclosure.api")
    slots.add(app, "open_data", 60, views_public.open_data_entry)
    slots.add(app, "merchant.home", 45, views_merchant.home)
    slots.add(app, "merchant.tasks", 55, tasks.tasks)
    slots.add(app, "complaint.follow", 50, views_follow.section)
    slots.add(app, "jobs", 45, lambda: Job("disclosures.snapshot", SNAPSHOT_EVERY, opendata.make_due))
    app.extensions["ydym.scrub"] = cleaning.clean_text
    app.cli.add_command(commands.disclosures_cli)
