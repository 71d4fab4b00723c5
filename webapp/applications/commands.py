"""Commands of applications."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.transaction import unit

from . import deadlines

applications_cli = AppGroup("applications", help="Applications of shops.")


@applications_cli.command("due")
def due() -> None:
    """Reckon the due days of running reviews again, by the calendar as it is now."""
    with unit():
        moved = deadlines.recompute(SYSTEM, clock.now())
    click.echo(f"due days moved: {moved}")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(applications_cli)
