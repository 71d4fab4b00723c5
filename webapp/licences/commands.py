"""Commands of licences."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.transaction import unit

from . import operations, reminders

licences_cli = AppGroup("licences", help="Licences: the daily sweep.")


@licences_cli.command("sweep")
def sweep() -> None:
    """Suspend on licences that ended, lift where one began, remind of those that end soon. Run once a day."""
    with unit():
        told = operations.sweep_expiry(clock.now())
        reminded = reminders.remind_expiring(clock.now())
    click.echo(f"shops told: {told}, reminders: {reminded}")
