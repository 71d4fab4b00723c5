"""The whole check of this installation's log: database, commitments, folder and audit trail against each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from webapp.audit.models import AuditEvent
from webapp.core.db import db

from . import following, notes, queries, rules, seals, tree
from .folder import CHECKPOINT
from .models import LogLeaf, LogState
from .notes import Verifier
from .tree import Frontier


@dataclass
class Report:
    """What was counted, and what is wrong (empty: nothing)."""

    leaves: int = 0
    placed: int = 0
    waiting: int = 0
    published: int = 0
    missing: int = 0
    wrong: list[str] = field(default_factory=list)


def verify() -> Report:
    """Recompute everything from the leaves."""
    report = Report()
    row = queries.state()
    if row is None:
        report.waiting = queries.waiting()
        return report
    _leaves(report, row)
    report.missing = missing()
    if report.missing:
        report.wrong.append(f"{report.missing} public decisions have no leaf")
    _folder(report, row)
    return report


def missing() -> int:
    """Decisions − leaves: public decisions of the audit trail since the log began that have no leaf."""
    row = queries.state()
    statement = (
        sa.select(sa.func.count(AuditEvent.id))
        .outerjoin(LogLeaf, LogLeaf.source == sa.literal("audit:").concat(sa.cast(AuditEvent.id, sa.String)))
        .where(AuditEvent.action.in_(sorted(rules.KINDS)), LogLeaf.id.is_(None))
    )
    if row is not None and row.begun_at is not None:
        statement = statement.where(AuditEvent.at > row.begun_at)
    return db.session.scalar(statement) or 0


def _leaves(report: Report, row: LogState) -> None:
    edge = Frontier()
    statement = (
        sa.select(LogLeaf)
        .order_by(LogLeaf.position.is_(None), LogLeaf.position)
        .execution_options(yield_per=1000)
    )
    for leaf in db.session.scalars(statement):
        report.leaves += 1
        report.wrong += _of_leaf(leaf)
        if leaf.position is None:
            report.waiting += 1
            continue
        if leaf.position != edge.size:
            report.wrong.append(f"place {edge.size} is empty")
            return
        edge = edge.grown([leaf.hash])
    report.placed = edge.size
    if (edge.size, edge.root()) != (row.size, row.root) or edge.to_bytes() != row.edge:
        report.wrong.append(f"the leaves give another root than the checkpoint of {row.size}")


def _of_leaf(leaf: LogLeaf) -> Iterator[str]:
    if tree.leaf_hash(leaf.data) != leaf.hash:
        yield f"leaf {leaf.id}: its bytes are not those of its hash"
        return
    facts = json.loads(leaf.data)
    if seals.canonical(facts) != leaf.data:
        yield f"leaf {leaf.id}: not canonical JSON"
    for name, sealed, salt in (("about", leaf.about, leaf.about_salt), ("by", leaf.by, leaf.by_salt)):
        if sealed is not None and (
            salt is None or not seals.opens(facts.get(name, ""), salt, json.loads(sealed))
        ):
            yield f"leaf {leaf.id}: what is kept does not open its {name}"


def _folder(report: Report, row: LogState) -> None:
    place, key = queries.folder(), Verifier.parse(row.key)
    data = place.read(CHECKPOINT)
    if data is None:
        return
    try:
        note, found = notes.opened(data, key)
        report.published = found.size
        if found.size > row.size:
            report.wrong.append(f"{found.size} leaves are published, and the database holds {row.size}")
            return
        fetch = following.source(str(place.path))
        following.look(fetch, key, following.Seen())
        following.read_entries(fetch, 0, found)
        for witness in queries.witnesses():
            if witness.line in note.lines:
                notes.Note(note.text, (witness.line,)).check(Verifier.parse(witness.key))
        if found.root != _root_of_leaves(found.size):
            report.wrong.append("the published root is not that of the database's leaves")
    except (notes.NoteError, following.Misbehaved, following.Unreachable) as error:
        report.wrong.append(f"published files: {error}")


def _root_of_leaves(size: int) -> bytes:
    edge = Frontier()
    for first in range(0, size, 4096):
        edge = edge.grown(queries.hashes(first, min(size, first + 4096)))
    return edge.root()
