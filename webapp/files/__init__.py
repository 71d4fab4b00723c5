"""Uploads: read by content, written anew, kept in private storage behind authorised addresses."""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import incoming, queries, stores, views, views_resumable
from .commands import files_cli


def register(app: Flask) -> None:
    """Connect the store that the settings name and add the addresses."""
    app.extensions["ydym.files.store"] = stores.from_settings(app.extensions["ydym.settings"])
    app.register_blueprint(views.bp)
    app.register_blueprint(views_resumable.bp)
    for view in (views_resumable.create, views_resumable.receive):
        app.extensions["csrf"].exempt(view)
    slots.add(app, "jobs", 35, lambda: Job("files.sweep_incoming", 3600, incoming.sweep))
    app.add_template_global(queries.url_for_file, "file_url")
    app.add_template_global(queries.picture_of, "file_picture")
    app.cli.add_command(files_cli)
