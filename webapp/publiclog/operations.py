"""Writing the public log: its beginning, its witnesses, and erasing what its commitments stand for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from flask import current_app

from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.secrets import derive
from webapp.core.transaction import unit
from webapp.web import slots

from . import keys, notes, queries, recording, rules, tree
from .folder import FolderError
from .models import ONLY, LogLeaf, LogState, LogWitness
from .notes import WITNESS, Checkpoint, NoteError, Verifier

_BATCH: Final = 2_000


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
    """Once: leaves for what stood before the log (codes, stickers, published entries). How many; 0 when it is done.

    Asks the features by the slot ``log.standing``: ``fn(after, most) -> [rules.Decision's fields as dict, …]``, those
    whose subject's number is above `after`, in its order, `most` at a time. What has its leaf already is left out. Each
    batch is a transaction: nobody waits long, and a beginning that was broken off is gone on with.
    """
    with unit():
        if state(now).begun_at is not None:
            return 0
    added = 0
    for supply in slots.suppliers(current_app, "log.standing"):
        after = 0
        while batch := supply(after, _BATCH):
            after = batch[-1]["subject_id"]
            with unit():
                added += _add_standing([rules.Decision(role="system", **facts) for facts in batch])
    with unit():
        if added or queries.any_leaf():  # an empty city may still be filled past the audit trail
            state(now).begun_at = now
    return added


def _add_standing(batch: Sequence[rules.Decision]) -> int:
    first = batch[0]
    has_leaf = sa.select(LogLeaf.subject_id).where(
        LogLeaf.subject_type == first.subject_type,
        LogLeaf.kind == first.action,
        LogLeaf.subject_id.in_([one.subject_id for one in batch]),
    )
    known = set(db.session.scalars(has_leaf))
    rows = [
        recording.row(f"begin:{one.subject_type}:{one.subject_id}", one)
        for one in batch
        if one.subject_id not in known
    ]
    if rows:
        db.session.execute(sa.insert(LogLeaf), rows)
    return len(rows)


def erase_person(account_id: int) -> int:
    """Erase what ties leaves to an account: facts, salt and number. The leaves and every proof stay. How many."""
    own = LogLeaf.account_id == account_id
    # Held in the order in which the sequencer takes them, so that the two never wait for each other in a ring.
    db.session.execute(sa.select(LogLeaf.id).where(own).order_by(LogLeaf.id).with_for_update())
    erased = db.session.execute(
        sa.update(LogLeaf)
        .where(own)
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
    """Take a checkpoint that a named witness cosigned, the published one or an earlier one. Raises Invalid, Conflict.

    A log grows while a file is carried over, so the newest is not asked for. One that is no part of this log is
    Conflict (``log_checkpoint_other``), one before what the witness has signed already ``log_checkpoint_older``.
    """
    row = state(now)
    try:
        note, checkpoint = notes.opened(data, Verifier.parse(row.key))
    except NoteError as error:
        raise Invalid("log_cosignature", why=str(error)) from error
    if not _is_ours(checkpoint, row):
        raise Conflict("log_checkpoint_other")
    for witness in queries.witnesses():
        key = Verifier.parse(witness.key)
        mine = [line for line in note.lines if Verifier.key_of_line(line) == (key.name, key.key_id)]
        if not mine:
            continue
        try:
            moment = notes.Note(note.text, tuple(mine)).check(key)
        except NoteError as error:
            raise Invalid("log_cosignature", why=str(error)) from error
        if checkpoint.size < (witness.size or 0):
            raise Conflict("log_checkpoint_older")
        witness.size, witness.line = checkpoint.size, mine[-1]
        own = [line for line in note.lines if Verifier.key_of_line(line)[0] == row.origin]
        witness.note = str(notes.Note(note.text, (*own, mine[-1])))
        witness.signed_at = _instant(moment or 0, now)
        db.session.flush()
        return witness
    raise Invalid("log_cosignature", why="no named witness has signed it")


def _is_ours(checkpoint: Checkpoint, row: LogState) -> bool:
    try:
        return checkpoint.size <= row.size and checkpoint.root == queries.root_at(
            checkpoint.size, row, queries.folder()
        )
    except FolderError:  # no tiles of that size: it was never published
        return False


def _instant(moment: int, now: datetime) -> datetime:
    """A witness's own time; one that no calendar has, or that is yet to come, is the time at which we took it."""
    return datetime.fromtimestamp(moment, now.tzinfo) if moment <= now.timestamp() else now
