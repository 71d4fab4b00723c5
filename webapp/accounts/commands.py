"""``flask --app wsgi users …``: the first administrator, and help when nobody can sign in."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.actor import OFFICER_ROLES, SYSTEM, Post, Role
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.identifiers import mask_phone, normalise_phone
from webapp.core.transaction import unit
from webapp.regions import queries as regions
from webapp.web.errors import message_of

from . import erasing, operations, queries, rules
from .models import Account, AccountKind

users = AppGroup("users", help="Accounts of officers and merchants.")
ROLES = sorted(role.value for role in OFFICER_ROLES)


@users.command("add")
@click.option("--kind", type=click.Choice([kind.value for kind in AccountKind]), required=True)
@click.option("--name", required=True, help="the person's name as shown")
@click.option("--phone", help="merchants: mobile number")
@click.option("--username", help="officers: sign-in name")
@click.option("--role", type=click.Choice(ROLES), default=Role.ADMINISTRATOR.value, show_default=True)
@click.option("--region", help="officers: GB/T 2260 code without trailing zeros; default: the city")
@click.option("--station", type=int, help="officers: number of the station (see users places)")
@click.option("--department", help="officers: code of the department (see users places)")
@click.password_option(help="asked for when left out")
def add(
    kind: str,
    name: str,
    phone: str | None,
    username: str | None,
    role: str,
    region: str | None,
    station: int | None,
    department: str | None,
    password: str,
) -> None:
    """Make an account. An officer ties an authenticator at the first sign-in."""
    try:
        with unit():
            if kind == AccountKind.MERCHANT.value:
                account = operations.create_merchant(name, phone or "", password, clock.now())
            else:
                post = Post(Role(role), region or queries.city_code(), station, department)
                account = operations.create_officer(name, username or "", password, [post], clock.now())
    except DomainError as error:
        raise click.ClickException(message_of(error)) from error
    click.echo(f"{account.id}\t{account.kind.value}\t{account.name}")


@users.command("list")
@click.option("--kind", type=click.Choice([kind.value for kind in AccountKind]))
def list_all(kind: str | None) -> None:
    """One account a line: number, kind, sign-in name, name, state."""
    statement = sa.select(Account).order_by(Account.id)
    if kind:
        statement = statement.where(Account.kind == AccountKind(kind))
    for account in db.session.scalars(statement):
        login = account.username or mask_phone(account.phone or "")
        state = "disabled" if account.disabled_at else "open"
        click.echo(f"{account.id}\t{account.kind.value}\t{login}\t{account.name}\t{state}")


@users.command("places")
def places() -> None:
    """What posts may name: the stations (number, region, name), then the departments (code, name)."""
    for station in regions.stations():
        click.echo(f"station\t{station.id}\t{station.region_code}\t{station.name}")
    for department in regions.departments():
        click.echo(f"department\t{department.code}\t\t{department.name}")


@users.command("disable")
@click.argument("login")
@click.option("--reason", required=True)
def disable(login: str, reason: str) -> None:
    """Close the account of a username or phone number and end its sessions."""
    try:
        with unit():
            operations.disable(_find(login).id, reason, SYSTEM, clock.now())
    except DomainError as error:
        raise click.ClickException(message_of(error)) from error
    click.echo(f"{login} is disabled")


@users.command("enable")
@click.argument("login")
def enable(login: str) -> None:
    """Open the account of a username or phone number again."""
    with unit():
        operations.enable(_find(login).id, SYSTEM, clock.now())
    click.echo(f"{login} is open")


@users.command("erase")
@click.argument("login")
@click.option(
    "--reason", required=True, help="Such as who asked for it. For the audit trail: no personal data."
)
@click.confirmation_option(prompt="Erase the person behind this account? It cannot be undone.")
def erase(login: str, reason: str) -> None:
    """Erase name, phone, e-mail and credentials of a closed account; its number stays."""
    try:
        with unit():
            erasing.erase(_find(login).id, reason, SYSTEM, clock.now())
    except DomainError as error:
        raise click.ClickException(message_of(error)) from error
    click.echo("erased")


def _find(login: str) -> Account:
    phone = normalise_phone(login)
    found = queries.find_merchant(phone) if phone else queries.find_officer(rules.tidy_username(login))
    if found is None:
        raise click.ClickException(f"no account {login}")
    return found
