"""Operations: health, readiness, metrics, reference data, backup and restore."""

from __future__ import annotations

from flask import Flask

from webapp.files import operations as files
from webapp.jobs import Job
from webapp.web import slots

from . import commands, metrics, views

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the addresses, the counters and the commands."""
    app.register_blueprint(views.bp)
    metrics.observe(app)
    commands.register(app)
    slots.add(app, "jobs", 90, lambda: Job("files.sweep", 3600, files.sweep))
