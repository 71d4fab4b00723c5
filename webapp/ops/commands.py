"""Commands of operations: ``reference``, ``backup``, ``restore``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app

from webapp import feed
from webapp.core import clock, policy
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.stickers import keys
from webapp.web import slots

from . import backup


@click.command("reference")
def reference() -> None:
    """Add what the tables of reference lack: policy, regions, industries, licence kinds, pledges. Repeatable."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    with unit():
        added = policy.sync()
        _announce(added)
    with unit():
        _announce(sum(slots.collect(app, "reference")))
    click.echo(f"reference data in place ({added} new policy values)")


def _announce(changed: int) -> None:
    """Drop what is kept of all public pages: a licence that an industry needs from now on, say, unmakes green ones."""
    if changed:
        feed.publish("reference.changed", now=clock.now())


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def make_backup(target: Path) -> None:
    """Write database, uploads and keys into one file. The service may go on meanwhile."""
    settings = current_app.extensions["ydym.settings"]
    try:
        manifest = backup.make(settings, target, clock.now().isoformat(timespec="seconds"))
    except backup.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {len(manifest['files'])} files, {target.stat().st_size} bytes")
    if settings.s3_endpoint:
        click.echo(
            f"uploads stay in the bucket {settings.s3_bucket}: keep copies of it by the storage's own means"
        )
    clear = [
        path.name for path in settings.keys_dir.glob("*.pem") if f"keys/{path.name}" not in manifest["files"]
    ]
    if clear:
        click.echo(
            f"left out, because not encrypted: {', '.join(clear)} (set YDYM_KEY_PASSPHRASE before making keys)"
        )


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--overwrite", is_flag=True, help="Replace the database that is there.")
def restore_backup(source: Path, overwrite: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Check a backup's hashes and put it back. Stop the server first.

    A new key signs from then on: serials issued since the backup are issued again, and the same key would give another
    paper the very same code.
    """
    settings = current_app.extensions["ydym.settings"]
    try:
        manifest = backup.restore(settings, source, overwrite=overwrite)
    except backup.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored the backup of {manifest['at']}: {len(manifest['files'])} files")
    host = manifest.get("host", settings.public_host)
    if host != settings.public_host:
        click.echo(
            f"its codes are signed for {host}: set YDYM_PUBLIC_HOST to it, or all of them are called forged"
        )
    try:
        click.echo(f"key {keys.store().rotate(clock.now())} signs new stickers from now on")
    except Conflict as error:
        raise click.ClickException(
            f"all is restored, but no new signing key could be made: {error.code}"
        ) from error


def register(app: Flask) -> None:
    """Add the commands."""
    for command in (reference, make_backup, restore_backup):
        app.cli.add_command(command)
