"""Commands ``keys ensure|list|create|rotate|retire|compromise|withdraw|pem``.

Whoever may run them holds the server; the office's pages need two administrators. Both leave the same records.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import click
from flask import Flask
from flask.cli import AppGroup

from qrservice import generate_private_pem
from qrservice.payload import KID_MAX
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.errors import DomainError
from webapp.core.transaction import unit

from . import operations, queries
from .rules import Action
from .store import store

keys_group = AppGroup("keys", help="The sticker signing keys.")
_reason = click.option("--reason", required=True, help="Why, for the audit trail.")
_kid = click.argument("kid", type=click.IntRange(0, KID_MAX))


class Instant(click.ParamType):  # type: ignore[type-arg] # generic since click 8.4 only
    """An RFC 3339 instant with its zone, such as 2026-11-22T08:00:00+08:00."""

    name = "instant"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Refuse what has no zone: an hour's mistake would be eight."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2026-11-22T08:00:00+08:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone: write 2026-11-22T08:00:00+08:00", param, ctx)
        return moment.astimezone(UTC)


@keys_group.command("ensure")
def ensure() -> None:
    """Make the first signing key when there is none."""
    try:
        made = store().ensure(clock.now())
    except DomainError as error:
        raise click.ClickException(_why(error)) from error
    click.echo("signing key made" if made else "signing key present")


@keys_group.command("list")
def list_keys() -> None:
    """Show every key: number, state, from when until when it signs, and where its private half lies."""
    found = queries.lines(clock.now(), count=False)
    if not found:
        click.echo("no keys yet: run flask --app wsgi keys ensure")
        return
    click.echo("kid  state        signs from            signs until           private half")
    for line in reversed(found):
        begin, end = (
            f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else "-"
            for moment in (line.key.not_before, line.key.not_after)
        )
        where = "source does not answer" if line.place is None else line.place or "not here"
        more = "  signs now" if line.signs else ""
        if line.key.valid_before:
            more = f"  believed for stickers issued before {line.key.valid_before:%Y-%m-%dT%H:%M:%SZ}"
            if line.key.valid_before_leaf is not None:
                more += f": the first {line.key.valid_before_leaf} leaves of the log"
        click.echo(f"{line.key.kid:<4} {line.key.state.value:<12} {begin:<21} {end:<21} {where}{more}")


@keys_group.command("create")
@click.option(
    "--starts-at", type=Instant(), help="When it begins to sign (RFC 3339); published at once. Default: now."
)
@_reason
def create(starts_at: datetime | None, reason: str) -> None:
    """Make a further key beside the present one."""
    kid = _do(Action.CREATE, None, starts_at, reason)
    click.echo(f"key {kid} made; publish time and first moment: flask --app wsgi keys list")


@keys_group.command("rotate")
@click.option("--reason", default="rotation by command", show_default=True, help="Why, for the audit trail.")
@click.confirmation_option(prompt="Make a new signing key and retire the present one?")
def rotate(reason: str) -> None:
    """Make a new key the signer. Stickers signed by the retired one stay genuine."""
    kid = _do(Action.ROTATE, None, None, reason)
    click.echo(f"key {kid} signs from now on; the ones before it only verify")


@keys_group.command("retire")
@_kid
@_reason
def retire(kid: int, reason: str) -> None:
    """Take a key's right to sign; what it signed stays genuine."""
    _do(Action.RETIRE, kid, None, reason)
    click.echo(f"key {kid} only verifies from now on")


@keys_group.command("compromise")
@_kid
@click.option(
    "--since", type=Instant(), required=True, help="Since when somebody else may have had it (RFC 3339)."
)
@click.option(
    "--leaf",
    type=click.IntRange(min=0),
    help="Believe the stickers among the first so many leaves of the public log. Default: those before --since.",
)
@_reason
@click.confirmation_option(prompt="Declare this key compromised? It cannot be undone.")
def compromise(kid: int, since: datetime, leaf: int | None, reason: str) -> None:
    """Believe only those of its stickers that stood in the public log before --since."""
    _do(Action.COMPROMISE, kid, since, reason, leaf)
    click.echo(f"key {kid} is compromised; `keys list` shows which key signs now")


@keys_group.command("withdraw")
@_kid
@_reason
@click.confirmation_option(prompt="Let this key verify nothing any more? It cannot be undone.")
def withdraw(kid: int, reason: str) -> None:
    """Let a key verify nothing; refused while valid stickers hang on it."""
    _do(Action.WITHDRAW, kid, None, reason)
    click.echo(f"key {kid} verifies nothing any more")


@keys_group.command("pem")
@_kid
def pem(kid: int) -> None:
    """Print a new key for YDYM_SIGNING_KEYS, encrypted under the passphrase. It is kept nowhere: keep it yourself."""
    if store().ring().find(kid) is not None:
        raise click.ClickException(f"number {kid} is taken: choose one that `keys list` does not show")
    text = base64.b64encode(generate_private_pem(store().passphrase)).decode("ascii")
    click.echo(f"{kid}:{text}")


def _do(
    action: Action, kid: int | None, moment: datetime | None, reason: str, leaf: int | None = None
) -> int:
    try:
        with unit():
            return operations.carry_out(action, kid, moment, reason, SYSTEM, clock.now(), leaf)
    except DomainError as error:
        raise click.ClickException(_why(error)) from error


def _why(error: DomainError) -> str:
    details = ", ".join(f"{name}: {value}" for name, value in error.details.items())
    return f"nothing was changed: {error.code}" + (f" ({details})" if details else "")


def register(app: Flask) -> None:
    """Add the command group."""
    app.cli.add_command(keys_group)
