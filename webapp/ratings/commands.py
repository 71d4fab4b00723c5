"""``flask --app wsgi ratings …``: the day's open data, and the scores counted anew from a rows file."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.transaction import unit
from webapp.web.words import label

from . import opendata, watching
from .score import recompute as recompute_scores

ratings_cli = AppGroup("ratings", help="Open data, ranking and signals of ratings.")


@ratings_cli.command("snapshot")
def snapshot() -> None:
    """Make the present day's open data and scores anew."""
    with unit():
        made = opendata.make(clock.now())
    click.echo(f"{made.day.isoformat()} {made.rows} {made.scores_sha256}")


@ratings_cli.command("watch")
def watch() -> None:
    """Look for bursts, rings and self-praise now."""
    with unit():
        click.echo(watching.watch(clock.now()))


@ratings_cli.command("recompute")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="as in the published file; by default today")
def recompute(file: Path, day: datetime | None) -> None:
    """Write the scores of a downloaded ratings.csv to standard output, byte for byte as published that day."""
    on: date = clock.today() if day is None else day.date()
    try:
        sys.stdout.buffer.write(recompute_scores(file.read_bytes(), on, opendata.numbers_on(on)))
    except (ValueError, KeyError, UnicodeDecodeError):
        raise click.ClickException(label("rating.command.no_rows_file")) from None
