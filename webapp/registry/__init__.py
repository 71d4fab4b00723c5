"""The national register's records of operators: imported, compared, acted upon."""

from __future__ import annotations

from flask import Flask

from webapp.jobs.operations import Job
from webapp.merchants import lookup
from webapp.web import slots

from . import confirming, pulling, queries, views_pull
from .commands import registry_cli
from .views_office import bp, menu_entry

#: One look at one row; how often the service itself is asked is a policy value.
LOOK_EVERY_SECONDS = 5


def register(app: Flask) -> None:
    """Connect the register to whoever looks an operator up; add its pages and commands."""
    lookup.provide(queries.find_facts)
    app.register_blueprint(bp)
    app.cli.add_command(registry_cli)
    slots.add(app, "office.menu", 60, menu_entry)
    slots.add(app, "jobs", 15, lambda: Job("registry.pull", LOOK_EVERY_SECONDS, pulling.work))
    slots.add(app, "jobs", 16, lambda: Job("registry.confirmed", LOOK_EVERY_SECONDS, confirming.work))
    app.register_blueprint(views_pull.bp)
