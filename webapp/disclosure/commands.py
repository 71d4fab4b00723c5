"""``flask --app wsgi disclosures …``: the day's open data, and the figures counted anew from a rows file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.core import clock, policy
from webapp.core.transaction import unit
from webapp.web.words import label

from . import opendata
from .recount import recount

disclosures_cli = AppGroup("disclosures", help="Open data of complaints.")


@disclosures_cli.command("snapshot")
def snapshot() -> None:
    """Make the present day's open data anew."""
    with unit():
        made = opendata.make(clock.now())
    click.echo(f"{made.day.isoformat()} {made.rows} {made.csv_sha256}")


@disclosures_cli.command("recompute")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--min-sample", type=int, help="as in the published figures; by default today's policy")
def recompute(file: Path, min_sample: int | None) -> None:
    """Write the figures of a downloaded complaints.csv to standard output, byte for byte as published."""
    least = policy.get_int("disclosure.min_sample", clock.today()) if min_sample is None else min_sample
    try:
        sys.stdout.buffer.write(recount(file.read_bytes(), least))
    except (ValueError, KeyError, UnicodeDecodeError):
        raise click.ClickException(label("disclosure.command.no_rows_file")) from None
