"""Commands of the search: ``search build``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.core.transaction import unit

from . import indexing

search = AppGroup("search", help="The index by which shops are found.")


@search.command("build")
@click.option("--anew", is_flag=True, help="Write every entry again, also those that stand.")
def build(*, anew: bool) -> None:
    """Write the entries of shops that have none. Repeatable; pages go on answering meanwhile."""
    with unit():
        if anew:
            indexing.clear()
        indexing.complete(lambda written: click.echo(f"\r{written} shops", nl=False))
    click.echo("\nthe index is complete")
