"""Alembic's environment: the app's engine, our naming, one transaction per migration run."""

from __future__ import annotations

import logging
from importlib import import_module
from pathlib import Path

from alembic import context
from flask import current_app

logging.getLogger("alembic").setLevel(logging.WARNING)

database = current_app.extensions["migrate"].db
import_module("webapp.core.policy")
for path in sorted(Path(current_app.root_path).glob("*/models.py")):  # so that a comparison sees every table
    import_module(f"webapp.{path.parent.name}.models")


def run() -> None:
    """Migrate on the app's own engine."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("offline migrations are not supported: run against a database")
run()
