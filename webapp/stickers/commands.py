"""Commands: ``keys ensure``, ``codes verify``, ``codes sample``."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from qrservice import CodeRefused, decode, human_check, parse_token
from webapp.core import clock

from . import queries
from .keys import store

keys_group = AppGroup("keys", help="The sticker signing keys.")
codes_group = AppGroup("codes", help="Check codes and draw samples of them.")


@keys_group.command("ensure")
def ensure() -> None:
    """Make the first signing key when there is none."""
    made = store().ensure(clock.now())
    click.echo("signing key made" if made else "signing key present")


@codes_group.command("verify")
@click.argument("url")
def verify(url: str) -> None:
    """Check a sticker's address: genuine or forged, and the state of its sticker. Exit code 1 when forged."""
    host = current_app.extensions["ydym.settings"].public_host
    try:
        token = parse_token(url, host) if "://" in url else url
        payload = decode(token, host, store().ring())
    except CodeRefused as refusal:
        click.echo(f"FORGED: refused at stage {refusal.stage!r}")
        raise SystemExit(1) from None
    sticker = queries.find(payload.shop_number, payload.serial)
    click.echo(f"genuine: shop {payload.shop_number}, serial {payload.serial}, key {payload.kid}")
    click.echo(f"check group: {human_check(token)}")
    click.echo(f"sticker: {sticker.state.value if sticker else 'unknown to this database'}")


@codes_group.command("sample")
@click.option("--count", default=1000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def sample(count: int, out: Path) -> None:
    """Write tokens of valid stickers, one a line."""
    tokens = queries.sample(count)
    out.write_text("".join(token + "\n" for token in tokens), "ascii")
    click.echo(f"{len(tokens)} tokens")


def register(app: Flask) -> None:
    """Add the command groups."""
    app.cli.add_command(keys_group)
    app.cli.add_command(codes_group)
