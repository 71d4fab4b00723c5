"""Reading the public log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import InstrumentedAttribute

from webapp.audit.models import AuditEvent
from webapp.audit.queries import is_public_of
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.jobs.models import JobLease
from webapp.settings import Settings

from . import notes, proofs, rules, seals, tiles, tree
from .folder import CHECKPOINT, Folder
from .models import ONLY, LogLeaf, LogState, LogWitness
from .notes import Verifier

#: The sequencer's name among the jobs.
JOB = "publiclog.sequence"
#: No log has more leaves, and no database a larger number.
PLACE_MAX = 2**63 - 1


def settings() -> Settings:
    """Of the running application."""
    found: Settings = current_app.extensions["ydym.settings"]
    return found


def folder() -> Folder:
    """The published files."""
    return Folder(log_dir(settings()))


def log_dir(of: Settings) -> Path:
    """Where the published files lie."""
    return of.data_dir / "public-log"  # of its own: setup keeps its own records in a folder "log"


def state() -> LogState | None:
    """The newest checkpoint; None before the first."""
    return db.session.get(LogState, ONLY, populate_existing=True)


def published() -> tuple[notes.Note, notes.Checkpoint] | None:
    """The checkpoint in the folder, checked under the log's own key; None before the first."""
    row, data = state(), folder().read(CHECKPOINT)
    if row is None or data is None:
        return None
    return notes.opened(data, Verifier.parse(row.key))


def root_at(size: int, row: LogState, place: Folder) -> bytes:
    """The root of the first `size` leaves: leaf hashes by the database, what stands above them by the folder."""

    def hashes_of(tile: tiles.Tile) -> bytes:
        return b"".join(hashes(tile.first, tile.first + tile.width)) if tile.level == 0 else place.tile(tile)

    return row.root if size == row.size else tree.root(size, tiles.reader(size, hashes_of))


def any_leaf() -> bool:
    """Is there a leaf, placed or not?"""
    return db.session.scalar(sa.select(LogLeaf.id).limit(1)) is not None


def waiting() -> int:
    """Leaves that have no place yet."""
    return db.session.scalar(sa.select(sa.func.count(LogLeaf.id)).where(LogLeaf.position.is_(None))) or 0


def failures() -> int:
    """How often in a row the sequencer's job has failed."""
    lease = db.session.get(JobLease, JOB)
    return 0 if lease is None else lease.failures


def leaf_at(position: int) -> LogLeaf:
    """The leaf at that place (from 0); raises NotFound."""
    if not 0 <= position <= PLACE_MAX:
        raise NotFound("no_such_thing")
    found = db.session.scalar(sa.select(LogLeaf).where(LogLeaf.position == position))
    if found is None:
        raise NotFound("no_such_thing")
    return found


def hashes(first: int, last: int) -> list[bytes]:
    """The leaf hashes from `first` to before `last`."""
    return [row.hash for row in _between(first, last, LogLeaf.hash)]


def entries(first: int, last: int) -> list[bytes]:
    """The leaves' bytes from `first` to before `last`."""
    return [row.data for row in _between(first, last, LogLeaf.data)]


def _between(first: int, last: int, column: InstrumentedAttribute[bytes]) -> Sequence[sa.Row[tuple[bytes]]]:
    where = (LogLeaf.position >= first, LogLeaf.position < last)
    found = db.session.execute(sa.select(column).where(*where).order_by(LogLeaf.position)).all()
    if len(found) != last - first:
        raise LookupError(f"leaves are missing between {first} and {last}")
    return found


def newest_of_shop(shop_id: int | InstrumentedAttribute[int]) -> sa.Select[tuple[int | None]]:
    """Selects where the newest decision on the shop's code stands in the log (from 0); null when there is none yet."""
    where = (LogLeaf.shop_id == shop_id, LogLeaf.subject_type == "trust_code")
    return sa.select(sa.func.max(LogLeaf.position)).where(*where)


def newest_of_shops(shop_ids: Sequence[int]) -> dict[int, int]:
    """By shop: where the newest decision on its code stands (from 1). Without those that wait."""
    where = (LogLeaf.shop_id.in_(shop_ids), LogLeaf.subject_type == "trust_code")
    statement = sa.select(LogLeaf.shop_id, sa.func.max(LogLeaf.position)).where(*where)
    return _placed(statement.group_by(LogLeaf.shop_id))


def _placed(statement: sa.Select[Any]) -> dict[int, int]:
    rows = db.session.execute(statement).tuples()
    return {key: position + 1 for key, position in rows if position is not None}


def number_of(kind: str, subject_type: str, subject_id: int) -> int | None:
    """Where the newest leaf of this kind about that stands (from 1, as people count); None before it has a place."""
    where = (LogLeaf.subject_type == subject_type, LogLeaf.subject_id == subject_id, LogLeaf.kind == kind)
    position = db.session.scalar(sa.select(sa.func.max(LogLeaf.position)).where(*where))
    return None if position is None else position + 1


def size() -> int:
    """How many leaves have their place."""
    newest = db.session.scalar(sa.select(sa.func.max(LogLeaf.position)))
    return 0 if newest is None else newest + 1


def numbers_of(subject_type: str, ids: Sequence[int], kinds: Sequence[str]) -> dict[int, int]:
    """By the subject's number: where its newest leaf of one of these kinds stands (from 1). Without those that wait."""
    about = (LogLeaf.subject_type == subject_type, LogLeaf.subject_id.in_(ids), LogLeaf.kind.in_(kinds))
    statement = sa.select(LogLeaf.subject_id, sa.func.max(LogLeaf.position)).where(*about)
    return _placed(statement.group_by(LogLeaf.subject_id))


def facts_of(leaf: LogLeaf) -> dict[str, Any]:
    """What the leaf says in clear."""
    found: dict[str, Any] = json.loads(leaf.data)
    return found


def told_about(leaf: LogLeaf) -> dict[str, Any] | None:
    """What the leaf's `about` stands for, where the public may be told, else None."""
    if leaf.about is None or not rules.may_be_told(facts_of(leaf)):
        return None
    found: dict[str, Any] = json.loads(leaf.about)
    return found


def of_shop(shop_id: int) -> list[LogLeaf]:
    """The shop's leaves that may be pointed to, newest first: of list entries only those that are published now."""
    placed = (LogLeaf.shop_id == shop_id, LogLeaf.position.is_not(None))
    leaves = db.session.scalars(sa.select(LogLeaf).where(*placed).order_by(LogLeaf.position.desc()))
    return [leaf for leaf in leaves if "shop" in facts_of(leaf) or told_about(leaf) is not None]


def shop_history(shop_id: int, limit: int) -> tuple[list[AuditEvent], dict[int, int]]:
    """The shop's public history, newest first, and by the row's number where its leaf stands (from 1).

    One query. Without a number are those that wait for their place, and those whose leaf must not be pointed to.
    """
    statement = (
        sa.select(AuditEvent, LogLeaf)
        .outerjoin(
            LogLeaf,
            sa.and_(
                LogLeaf.source == sa.literal("audit:").concat(sa.cast(AuditEvent.id, sa.String)),
                LogLeaf.position.is_not(None),
            ),
        )
        .where(*is_public_of(shop_id))
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    rows: list[tuple[AuditEvent, LogLeaf | None]] = [
        (event, leaf) for event, leaf in db.session.execute(statement)
    ]
    proofs = {
        event.id: leaf.position + 1
        for event, leaf in rows
        if leaf is not None
        and leaf.position is not None
        and ("shop" in facts_of(leaf) or told_about(leaf) is not None)
    }
    return [event for event, _ in rows], proofs


def witnesses() -> Sequence[LogWitness]:
    """The bodies that cosign, oldest first."""
    return db.session.scalars(sa.select(LogWitness).order_by(LogWitness.id)).all()


def witness(number: int) -> LogWitness:
    """The body of that number; raises NotFound."""
    found = None if number > PLACE_MAX else db.session.get(LogWitness, number)
    if found is None:
        raise NotFound("no_such_thing")
    return found


@dataclass(frozen=True)
class Receipt:
    """A receipt with the leaf that it is for."""

    leaf: LogLeaf
    proof: proofs.Receipt
    checkpoint: notes.Checkpoint


def receipt(position: int) -> Receipt:
    """The receipt of a leaf against the published checkpoint; NotFound while that does not reach it."""
    current = published()
    if current is None or position >= current[1].size:
        raise NotFound("no_such_thing")
    note, checkpoint = current
    leaf = leaf_at(position)
    read = tiles.reader(checkpoint.size, folder().tile)
    path = tuple(tree.inclusion(position, checkpoint.size, read))
    return Receipt(leaf, proofs.Receipt(position, path, str(note), extra_of(leaf)), checkpoint)


def extra_of(leaf: LogLeaf) -> bytes:
    """What goes with a receipt: the leaf, and what its `about` stands for while that may be read. Canonical JSON.

    The leaf is in it verbatim, so that the receipt can be checked with nothing else but the log's key.
    """
    facts = {"leaf": leaf.data.decode()}
    if leaf.about is not None and leaf.about_salt is not None and told_about(leaf) is not None:
        facts |= {"about": leaf.about.decode(), "about_salt": leaf.about_salt.hex()}
    return seals.canonical(facts)


def newest(count: int) -> Sequence[LogLeaf]:
    """The leaves placed last, newest first."""
    where = LogLeaf.position.is_not(None)
    return db.session.scalars(
        sa.select(LogLeaf).where(where).order_by(LogLeaf.position.desc()).limit(count)
    ).all()
