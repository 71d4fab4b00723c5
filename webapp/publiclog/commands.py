"""``flask --app wsgi log …``: for operators (run, verify, receipt), and for monitors and witnesses outside."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.core import clock
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.web.errors import message_of

from . import following, keys, notes, operations, proofs, queries, sequencer, verifying
from .following import Memory, Misbehaved, Unreachable
from .notes import WITNESS, NoteError, Verifier
from .tree import ProofError

log_group = AppGroup("log", help="The public log.")
#: Exit codes of monitor and witness: 1 the log misbehaved, 2 it could not be read.
MISBEHAVED, UNREACHABLE = 1, 2


@log_group.command("begin")
def begin() -> None:
    """Append leaves for the codes and entries that stood before the log; once. The sequencer does it by itself, too."""
    before = queries.waiting()
    with queries.folder().alone():
        sequencer.check(queries.folder())
        added = operations.begin(clock.now())
    click.echo(f"log: {added} leaves added, {before + added} waiting")


@log_group.command("run")
@click.option(
    "--rebuild",
    is_flag=True,
    help="Fill the folder again after it was lost. Only when this database is surely the newest.",
)
def run(rebuild: bool) -> None:  # noqa: FBT001 - click
    """Place and publish what waits, now."""
    try:
        placed = sequencer.run(clock.now(), rebuild=rebuild)
    except sequencer.RolledBack as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"log: {placed} leaves placed")


@log_group.command("verify")
def verify() -> None:
    """Check leaves, commitments, checkpoint, published files and audit trail against each other. Exit 1 if wrong."""
    report = verifying.verify()
    click.echo(
        f"leaves {report.leaves}, placed {report.placed}, waiting {report.waiting}, published {report.published}, "
        f"decisions - leaves = {report.missing}"
    )
    for line in report.wrong:
        click.echo(f"WRONG: {line}", err=True)
    if report.wrong:
        raise SystemExit(1)
    click.echo("log: holds")


@log_group.command("key")
def key() -> None:
    """Print the log's verifier key, for monitors, witnesses and independent tools."""
    row = queries.state()
    if row is None:
        raise click.ClickException("the log has not begun: flask --app wsgi log run")
    click.echo(row.key)


@log_group.command("receipt")
@click.argument("number", type=click.IntRange(min=1))
def receipt(number: int) -> None:
    """Print the receipt of leaf NUMBER as the pages count (from 1)."""
    try:
        click.echo(str(queries.receipt(number - 1).proof), nl=False)
    except DomainError as error:
        raise click.ClickException(f"leaf {number} is not published") from error


@log_group.command("check-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "key_text", required=True, help="The log's verifier key.")
def check_receipt(file: Path, key_text: str) -> None:
    """Check a receipt without network or database, and print its leaf."""
    import json  # noqa: PLC0415 - used by this command alone

    try:
        proof = proofs.Receipt.parse(file.read_text("utf-8"))
        leaf = json.loads(proof.extra)["leaf"].encode()
        found = proof.check(leaf, Verifier.parse(key_text))
    except (NoteError, ProofError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"does not hold: {error}") from error
    click.echo(f"holds: leaf {proof.index + 1} of {found.size} in {found.origin}")
    click.echo(leaf.decode())


# --- outside ----------------------------------------------------------------------------------------------------------


@log_group.command("monitor")
@click.argument("address")
@click.option("--key", "key_text", required=True, help="The log's verifier key.")
@click.option(
    "--memory", type=click.Path(dir_okay=False, path_type=Path), required=True, help="What was seen so far."
)
@click.option("--every", type=click.IntRange(min=1), help="Go on looking, every so many seconds.")
@click.option("--print", "show", is_flag=True, help="Print each new leaf.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint or receipt that somebody else got: it must be of the same log. Repeatable.",
)
def monitor(
    address: str,
    key_text: str,
    memory: Path,
    every: int | None,
    show: bool,  # noqa: FBT001 - click
    against: tuple[Path, ...],
) -> None:
    """Follow the log at ADDRESS (http, https or a folder): read every leaf, report rewriting and split views.

    Exit 0: it goes on from all that was seen. 1: it does not (evidence is kept). 2: it could not be read.
    """
    verifier, kept = _verifier(key_text), Memory(memory)
    while True:
        _look(address, verifier, kept, show=show, others=[_shown(file, verifier) for file in against])
        if every is None:
            return
        time.sleep(every)


def _shown(file: Path, verifier: Verifier) -> following.Seen:
    """The checkpoint in a file, or that of a receipt."""
    text = file.read_text("utf-8")
    try:
        note, found = notes.opened(
            proofs.Receipt.parse(text).checkpoint if text.startswith(proofs.HEADER) else text, verifier
        )
    except NoteError as error:
        raise click.ClickException(f"{file} is nothing of this log: {error}") from error
    return following.Seen(found.size, found.root, str(note))


def _look(
    address: str, verifier: Verifier, kept: Memory, *, show: bool, others: list[following.Seen]
) -> None:
    fetch = following.source(address)
    try:
        seen = kept.load(verifier)
        for other in others:
            following.look(fetch, verifier, other)
        note, found = following.look(fetch, verifier, seen)
        count = following.read_entries(
            fetch,
            seen.size,
            found,
            lambda at, leaf: click.echo(f"{at + 1} {leaf.decode()}") if show else None,
        )
    except Misbehaved as error:
        where = kept.keep_evidence(error)
        click.echo(f"MISBEHAVED: {error}" + (f" (evidence: {where})" if where else ""), err=True)
        raise SystemExit(MISBEHAVED) from error
    except (Unreachable, NoteError, ValueError) as error:
        click.echo(f"not read: {error}", err=True)
        raise SystemExit(UNREACHABLE) from error
    kept.save(verifier, str(note))
    click.echo(f"{found.origin}: {found.size} leaves, {count} new, goes on from {seen.size}")


@log_group.command("witness")
@click.argument("address")
@click.option("--key", "key_text", required=True, help="The log's verifier key.")
@click.option("--name", required=True, help="The witness's name, such as xiaoxie.example.cn/witness.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="Its key and memory."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the cosigned checkpoint."
)
def witness(address: str, key_text: str, name: str, folder: Path, out: Path | None) -> None:
    """Cosign the log at ADDRESS, for a second body: only what goes on from all that it signed before.

    The key is made at the first call, encrypted under YDYM_WITNESS_PASSPHRASE. Exit codes as those of monitor.
    """
    passphrase = os.environ.get("YDYM_WITNESS_PASSPHRASE", "")
    if len(passphrase) < 12:
        raise click.ClickException(
            "set YDYM_WITNESS_PASSPHRASE (12 characters or more): the witness's key lies under it"
        )
    verifier, kept = _verifier(key_text), Memory(folder / "seen.json")
    signer = keys.ensure(folder / "witness.pem", passphrase.encode(), notes.check_name(name), WITNESS)
    try:
        seen = kept.load(verifier)
        note, found = following.look(following.source(address), verifier, seen)
    except Misbehaved as error:
        where = kept.keep_evidence(error)
        click.echo(f"NOT SIGNED: {error}" + (f" (evidence: {where})" if where else ""), err=True)
        raise SystemExit(MISBEHAVED) from error
    except (Unreachable, NoteError, ValueError) as error:
        click.echo(f"not read: {error}", err=True)
        raise SystemExit(UNREACHABLE) from error
    kept.save(verifier, str(note))  # before anything is signed: no second root for this size will be
    line = notes.cosign(note.text, signer.verifier, signer.sign, int(clock.now().timestamp()))
    cosigned = str(note.with_lines([line]))
    click.echo(f"witness key: {signer.verifier}", err=True)
    click.echo(f"cosigned: {found.size} leaves", err=True)
    if out is None:
        click.echo(cosigned, nl=False)
    else:
        out.write_text(cosigned, encoding="utf-8")


@log_group.command("add-witness")
@click.argument("key_text")
@click.option("--title", required=True, help="The body's name as the public page shows it.")
def add_witness(key_text: str, title: str) -> None:
    """Name a body whose cosignatures are published with the checkpoint."""
    try:
        with unit():
            operations.add_witness(key_text, title, clock.now())
    except DomainError as error:
        raise click.ClickException(message_of(error)) from error
    click.echo(f"witness: {title}")


@log_group.command("cosign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def cosign(file: Path) -> None:
    """Take a cosigned checkpoint of a named witness and publish it with the log's own."""
    try:
        with unit():
            taken = operations.accept_cosignature(file.read_bytes(), clock.now())
            title = taken.title
        sequencer.run(clock.now())
    except DomainError as error:
        raise click.ClickException(message_of(error)) from error
    click.echo(f"cosigned by {title}")


def _verifier(text: str) -> Verifier:
    try:
        return Verifier.parse(text)
    except NoteError as error:
        raise click.ClickException(f"--key: {error}") from error
