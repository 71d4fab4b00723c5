"""``flask --app wsgi registry import FILE --mapping MAP``."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from webapp.accounts import queries as accounts
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.web.permissions import PERMISSIONS
from webapp.web.words import label

from . import mapping as mappings
from . import pulling, queries, service, simulator, source
from .importer import run_import
from .models import RegistryRun
from .reading import Unreadable

registry_cli = AppGroup("registry", help="The national register's records.")
SHOWN = 20
FIGURES = ("rows", "added", "changed", "unchanged", "older", "refused", "suspended", "revoked", "restored")


def _check_force(usernames: tuple[str, ...]) -> tuple[str, ...]:
    """Two different officers who may import, or nobody."""
    names = tuple(name.strip().lower() for name in usernames)
    if not names:
        return ()
    if len(set(names)) != 2:
        raise click.UsageError(label("registry.command.two_people"))
    for name in names:
        officer = accounts.find_officer(name)
        if officer is None or officer.disabled_at is not None:
            raise click.UsageError(label("registry.command.no_officer", name=name))
        if not officer.actor().holds(PERMISSIONS["registry.import"]):
            raise click.UsageError(label("registry.command.not_allowed", name=name))
    return names


@registry_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_name", default="default", show_default=True, help="name or path of a mapping file"
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="the day that rows without a date speak of")
@click.option(
    "--force-by", multiple=True, help="username of an officer who answers for many takedowns; give two"
)
@click.option("--quiet", is_flag=True, help="no progress")
def import_feed(
    file: Path,
    mapping_name: str,
    as_of: datetime | None,
    force_by: tuple[str, ...],
    *,
    quiet: bool,
) -> None:
    """Import register records from FILE (CSV or JSON lines). Exits with 1 when stopped, 2 when FILE cannot be read."""
    forced_by = _check_force(force_by)
    try:
        chosen = mappings.load(mapping_name)
    except mappings.MappingError as error:
        raise click.UsageError(str(error)) from error
    day: date | None = as_of.replace(tzinfo=UTC).date() if as_of else None
    size = file.stat().st_size
    hidden = quiet or not sys.stderr.isatty()
    with (
        file.open("rb") as stream,
        click.progressbar(length=2 * size or 1, file=sys.stderr, hidden=hidden, label=file.name) as bar,
    ):

        def progress(part: int, count: int) -> None:
            bar.update((part - 1) * size + count - bar.pos)

        try:
            run = run_import(
                stream,
                file.name,
                chosen,
                SYSTEM,
                clock.now(),
                as_of=day,
                forced_by=forced_by,
                progress=progress,
            )
        except Unreadable as error:
            click.echo(label(f"registry.unreadable.{error.reason}", detail=error.detail), err=True)
            raise SystemExit(2) from error
    report(run)
    if run.stopped_reason:
        raise SystemExit(1)


def stopped_words(run: RegistryRun) -> str:
    """Why a run stopped and what to do next."""
    return label(
        f"registry.stopped.{run.stopped_reason}",
        takedowns=run.takedowns,
        live=run.live_shops,
        detail=run.stopped_detail or "",
    )


def report(run: RegistryRun) -> None:
    """Print a run's figures and the first refused rows."""
    for name in FIGURES:
        click.echo(f"{getattr(run, name):>10,}  {label(f'registry.run.{name}')}")
    refused = db.session.scalars(queries.refusals_of(run.id).limit(SHOWN)).all()
    for entry in refused:
        words = label(f"registry.refusal.{entry.reason}")
        click.echo(
            label("registry.command.refused_line", line=entry.line, reason=words, detail=entry.detail),
            err=True,
        )
    if run.refused > len(refused):
        click.echo(label("registry.command.more", count=run.refused - len(refused), run=run.id), err=True)
    if run.stopped_reason:
        click.echo(stopped_words(run), err=True)


@registry_cli.command("pull")
def pull_now() -> None:
    """Fetch and take in what changed at the register service. Exits with 1 when stopped, 2 when there is none."""
    found = service.from_settings(current_app.extensions["ydym.settings"])
    if found is None:
        click.echo(label("registry.pull.offline"), err=True)
        raise SystemExit(2)
    if source.waiting() is not None:
        raise click.ClickException(label("error.registry_pull_waits"))
    try:
        run = pulling.pull(found, clock.now())
    except Conflict as error:
        raise click.ClickException(label("registry.pull.busy")) from error
    report(run)
    if run.stopped_reason:
        raise SystemExit(1)


@registry_cli.command("simulator")
@click.option("--port", type=int, required=True, help="port on 127.0.0.1")
def simulate(port: int) -> None:
    """Serve a register service to try against: at every question but the first a handful of records have changed."""
    if current_app.extensions["ydym.settings"].env == "production":
        raise click.UsageError(label("registry.command.no_simulator"))
    register = simulator.Register()

    def change(since: str) -> None:
        if since:  # the first question finds all as it is; every later one something new
            records = queries.plain_records(600)
            db.session.rollback()
            register.tell(*simulator.invent(records, clock.today().isoformat(), len(register.asked)))

    register.before = with_context(change)
    with simulator.serve(register, port) as address:
        click.echo(f"{address}/changes  {address}/token")
        signal.pause()


def with_context(work: Callable[[str], None]) -> Callable[[str], None]:
    """`work` with the application at hand, for a thread of its own."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001

    def run(text: str) -> None:
        with app.app_context():
            work(text)

    return run


@registry_cli.command("show")
@click.argument("uscc")
def show(uscc: str) -> None:
    """Print what the register says of one unified social credit code."""
    record = queries.find_record(uscc)
    if record is None:
        raise click.ClickException(label("registry.command.unknown", uscc=uscc))
    for column in sa.inspect(record).mapper.column_attrs:
        click.echo(f"{column.key:22} {getattr(record, column.key)}")
