"""Flask-Migrate for those who migrate: the command line and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .db import db

if TYPE_CHECKING:
    from flask import Flask


def install(app: Flask) -> None:
    """Give `app` what ``flask db …`` needs.

    Imported here: a worker never migrates, and Alembic is a tenth of the time that its start takes.
    """
    from flask_migrate import Migrate  # noqa: PLC0415 - see above

    folder = f"{app.root_path}/../migrations"
    Migrate(app, db, directory=folder, compare_type=True, render_as_batch=False)
