"""``flask consumers simulator``: a WeChat to try signing in against."""

from __future__ import annotations

import signal

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.web.words import label

from . import simulator

consumers_cli = AppGroup("consumers", help="Consumers' sign-in.")


@consumers_cli.command("simulator")
@click.option("--port", type=int, required=True, help="port on 127.0.0.1")
def simulate(port: int) -> None:
    """Serve a WeChat to try against, and print the settings that lead to it."""
    if current_app.extensions["ydym.settings"].env == "production":
        raise click.UsageError(label("consumers.command.no_simulator"))
    with simulator.serve(simulator.Simulator(), port) as address:
        click.echo(f"YDYM_WECHAT_APP_ID={simulator.APP_ID} YDYM_WECHAT_APP_SECRET={simulator.APP_SECRET} \\")
        click.echo(f"YDYM_WECHAT_AUTHORIZE_URL={address}{simulator.AUTHORIZE} \\")
        click.echo(f"YDYM_WECHAT_TOKEN_URL={address}{simulator.TOKEN}")
        signal.pause()
