"""Writing the public log: its beginning, its witnesses, and erasing what its commitments stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from flask import current_app

from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.secrets import derive
from webapp.core.transaction import unit
from webapp.web import slots

from . import keys, notes, queries, recording, rules, tree
from .models import ONLY, LogLeaf, LogState, LogWitness
from .notes import WITNESS, Checkpoint, NoteError, Verifier

_BATCH: Final = 5_000


def signer(origin: str, *, make: bool = False) -> keys.Signer:
    """The log's key under the name of its origin; made only for a log that is about to begin."""
    settings = queries.settings()
    # Never in clear on disk: as with the sticker keys, a passphrase of its own or one derived from the oldest secret.
    own = settings.key_passphrase or derive("sticker-keys", settings.secret_keys[-1]).hex()
    take = keys.ensure if make else keys.load
    return take(settings.keys_dir / "log.pem", own.encode(), origin)


def state(now: datetime) -> LogState:
    """The row of the newest checkpoint; where there is none, that of an empty log, whose name and key then stay."""
    return queries.state() or _first(now)


def _first(now: datetime) -> LogState:
    """The row of an empty log: from here on its name and key are fixed."""
    origin = notes.check_name(f"{queries.settings().public_host}/log")
    key = signer(origin, make=True)
    empty = Checkpoint(origin, 0, tree.EMPTY)
    row = LogState(
        id=ONLY,
        origin=origin,
        key=str(key.verifier),
        size=0,
        root=tree.EMPTY,
        edge=b"",
        checkpoint=str(notes.sign(str(empty), key.verifier, key.sign)),
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def begin(now: datetime) -> int:
    """Once: leaves for what stood before the log (codes, published entries). How many; 0 when that has been done.

    Asks the features by the slot ``log.standing``: ``fn() -> iterable of rules.Decision's fields as dict``. What has a
    leaf of its own already is left out. One transaction: all or nothing.
    """
    with unit():
        row = state(now)
        if row.begun_at is not None:
            return 0
        known = _known()
        added = 0
        supplies: list[Iterable[Mapping[str, Any]]] = slots.collect(current_app, "log.standing")
        for supply in supplies:
            added += _add_standing(supply, known)
        if added or known:  # an empty city may still be filled past the audit trail
            row.begun_at = now
        return added


def _known() -> set[tuple[str, int]]:
    statement = sa.select(LogLeaf.subject_type, LogLeaf.subject_id)
    return {(kind, number) for kind, number in db.session.execute(statement)}


def _add_standing(supply: Iterable[Mapping[str, Any]], known: set[tuple[str, int]]) -> int:
    added = 0
    rows = _rows(supply, known)
    while batch := list(islice(rows, _BATCH)):
        db.session.execute(sa.insert(LogLeaf), batch)
        added += len(batch)
    return added


def _rows(supply: Iterable[Mapping[str, Any]], known: set[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    for facts in supply:
        decision = rules.Decision(role="system", **facts)
        if (decision.subject_type, decision.subject_id) not in known:
            yield recording.row(f"begin:{decision.subject_type}:{decision.subject_id}", decision)


def erase_person(account_id: int) -> int:
    """Erase what ties leaves to an account: facts, salt and number. The leaves and every proof stay. How many."""
    erased = db.session.execute(
        sa.update(LogLeaf)
        .where(LogLeaf.account_id == account_id)
        .values(by=None, by_salt=None, account_id=None)
        .execution_options(synchronize_session=False)
    )
    return int(erased.rowcount)  # type: ignore[attr-defined]


# --- witnesses --------------------------------------------------------------------------------------------------------


def add_witness(key_text: str, title: str, now: datetime) -> LogWitness:
    """Name a body that cosigns. Raises Invalid for a key that is no witness's (type 04), Conflict when it is known."""
    try:
        key = Verifier.parse(key_text)
    except NoteError as error:
        raise Invalid("log_witness_key", why=str(error)) from error
    if key.kind != WITNESS:
        raise Invalid("log_witness_key", why="not a witness's key (type 04)")
    if any(one.key == str(key) for one in queries.witnesses()):
        raise Conflict("already_done")
    witness = LogWitness(key=str(key), title=title.strip() or key.name, added_at=now)
    db.session.add(witness)
    db.session.flush()
    return witness


def accept_cosignature(data: bytes | str, now: datetime) -> LogWitness:
    """Take a checkpoint that a named witness cosigned: it must be the newest one. Raises Invalid, Conflict."""
    row = state(now)
    try:
        note, checkpoint = notes.opened(data, Verifier.parse(row.key))
    except NoteError as error:
        raise Invalid("log_cosignature", why=str(error)) from error
    if (checkpoint.size, checkpoint.root) != (row.size, row.root):
        raise Conflict("log_checkpoint_moved")
    for witness in queries.witnesses():
        key = Verifier.parse(witness.key)
        mine = [line for line in note.lines if Verifier.key_of_line(line) == (key.name, key.key_id)]
        if not mine:
            continue
        try:
            moment = notes.Note(note.text, tuple(mine)).check(key)
        except NoteError as error:
            raise Invalid("log_cosignature", why=str(error)) from error
        witness.size, witness.line = checkpoint.size, mine[-1]
        witness.signed_at = datetime.fromtimestamp(moment or 0, now.tzinfo)
        db.session.flush()
        return witness
    raise Invalid("log_cosignature", why="no named witness has signed it")
