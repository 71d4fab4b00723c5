"""``flask --app wsgi demo`` and ``flask --app wsgi welcome``."""

from __future__ import annotations

import os
import sys
import time

import click
import sqlalchemy as sa
from flask import Flask, current_app

from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop
from webapp.publiclog import sequencer


@click.command("demo")
@click.option("--shops", default=300, show_default=True, help="How many shops.")
@click.option("--seed", default=1, show_default=True, help="The same seed and day give the same city.")
@click.option("--pictures", default=120, show_default=True, help="For how many shops a storefront is drawn.")
def demo(shops: int, seed: int, pictures: int) -> None:
    """Fill an empty database with a demo city. All or nothing; a second run finds it there and changes nothing."""
    if current_app.extensions["ydym.settings"].env == "production":
        raise click.ClickException("the demo city's passwords are public: it is not made in production")
    if there := db.session.scalar(sa.select(sa.func.count(Shop.id))):
        db.session.rollback()
        click.echo(f"demo city: there are {there} shops already, nothing to do")
        return
    db.session.rollback()
    from webapp.demo import live, people_writer, writer  # noqa: PLC0415 - a worker never makes a city

    began, now = time.monotonic(), clock.now()
    with unit():
        people = people_writer.write_people(now)
        written = writer.write_city(seed, shops, people, now, lambda done: _bar("shops", done, shops))
        waiting = live.write_live(
            seed,
            written,
            people,
            now,
            min(pictures, shops),
            lambda done, whole: _bar("pictures", done, whole),
        )
    sequencer.run(now)  # the city's codes and entries begin its public log
    click.echo(
        f"demo city: {written.shops} shops, {waiting} applications waiting, {written.complaints} complaints, "
        f"{written.ratings} ratings in {time.monotonic() - began:.0f} s"
    )


def _bar(what: str, done: int, whole: int) -> None:
    """A progress bar on a terminal, nothing in a log."""
    if not sys.stderr.isatty():
        return
    filled = 30 * done // max(1, whole)
    end = "\n" if done >= whole else ""
    sys.stderr.write(f"\r  {what:9} [{'#' * filled}{'.' * (30 - filled)}] {done}/{whole}{end}")
    sys.stderr.flush()


@click.command("welcome")
def welcome() -> None:
    """Print the addresses, the demo accounts and one sticker to scan."""
    from webapp.demo import people_writer as people  # noqa: PLC0415 - a worker never welcomes
    from webapp.demo import showcase  # noqa: PLC0415

    settings = current_app.extensions["ydym.settings"]
    base = f"{settings.public_scheme}://{settings.public_host}"
    if settings.env == "development":  # the port of this run; the host in the codes is the first run's
        base = f"http://{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
    token = showcase.trusted(clock.today())
    click.echo(f"\n  {settings.platform_name} · {settings.bureau_name}\n")
    lines = [("Home", "/"), ("Shops", "/shops"), ("Merchant", "/merchant/"), ("Office", "/office/")]
    if settings.env == "development":
        lines += [("Messages", "/outbox"), ("Demo guide", "/demo")]
    for name, path in lines:
        click.echo(f"  {name:11} {base}{path}")
    if settings.env == "development":
        click.echo(f"\n  Merchants   {people.MERCHANT_PHONE}, {people.SECOND_PHONE}")
        click.echo(f"  Officers    {', '.join(people.OFFICERS)}")
        click.echo(
            f"  Password    {people.PASSWORD}   one-time code: see {base}/demo, or the secret {people.TOTP_SECRET}"
        )
    if token is not None:
        from qrservice import symbol, terminal  # noqa: PLC0415 - drawing is loaded only to draw

        click.echo(f"\n{terminal(symbol(token, settings.public_host, settings.public_scheme))}")
        click.echo(f"  A sticker to scan: {base}/c/{token}\n")


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(demo)
    app.cli.add_command(welcome)
