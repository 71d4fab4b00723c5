"""Commands of the files feature."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.transaction import unit

from . import operations

files_cli = AppGroup("files", help="Uploaded files.")


@files_cli.command("sweep")
def sweep() -> None:
    """Erase uploads that nothing was made of for two days."""
    with unit():
        count = operations.sweep(clock.now())
    click.echo(f"erased {count} unused uploads")
