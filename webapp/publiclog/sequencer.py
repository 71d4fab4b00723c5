"""The sequencer: gives leaves their places, signs the checkpoint, and publishes tiles and checkpoint as files.

Two steps, each safe to break off anywhere and to do again:

1. `integrate`: one transaction gives every waiting leaf its place and moves the row `log_state` from the checkpoint it
   was read at to the next (compare and swap). Two sequencers at once: one of them changes no row and gives up.
2. `publish`: writes the tiles between the published checkpoint and the row's, then the checkpoint. What is written
   follows from the leaves alone, so a broken off publication is simply gone on with.

Before either, the published checkpoint is held against the row. If it is ahead, the database is an older one than the
log has already told the world of: nothing is signed until people have looked (`RolledBack`). The same when the row says
that something was published and the folder is empty: a database that was put back on another machine would otherwise go
on from its past under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from webapp import feed
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, DomainError
from webapp.core.transaction import rollback, unit

from . import keys, notes, operations, queries, tiles
from .folder import CHECKPOINT, Folder
from .models import ONLY, LogLeaf, LogState
from .notes import Checkpoint, Verifier
from .tree import Frontier

#: Leaves that one transaction gives their places.
AT_ONCE = 5_000
#: From so many shops on, one entry of the change feed stands for all.
SHOPS_APART = 200


class RolledBack(DomainError):
    """The database is behind what the log has published, or holds another history."""

    status = 500

    def __init__(self, what: str, published: int = 0, held: int = 0) -> None:
        super().__init__("log_rolled_back", what=what, published=published, held=held)
        self.what = what

    def __str__(self) -> str:
        why = _WHY[self.what].format(**self.details)
        return (
            f"the public log refuses to start: {why}. An older database was put back, or the folder of the log belongs "
            'to another one. Nothing was signed; see docs/public-log.md, "Refused".'
        )


#: Why, for the console. For people: ``publiclog.refused.<what>``.
_WHY = {
    "unknown": "a checkpoint is published, and the database knows of no log",
    "foreign": "the published checkpoint is not signed by this log's key",
    "ahead": "{published} leaves are published, and the database holds {held}",
    "differs": "the published root of {published} leaves is not that of the database",
    "gone": "{held} leaves were published, and the folder of the log holds no checkpoint",
}


def run(now: datetime, *, rebuild: bool = False) -> int:
    """Place and publish all that waits; returns how many leaves got their place. Safe to call at any time.

    `rebuild`: people have made sure that this database is the newest, so an empty folder is filled again.
    """
    place = queries.folder()
    with place.alone():
        check(place, rebuild=rebuild)
        operations.begin(now)
        placed = 0
        while step := integrate(now):
            placed += step
        publish(place)
    return placed


# --- placing ----------------------------------------------------------------------------------------------------------


def integrate(now: datetime) -> int:
    """One transaction: places for the oldest waiting leaves and the next checkpoint. How many."""
    with unit():
        row = operations.state(now)
        statement = sa.select(LogLeaf.id, LogLeaf.hash, LogLeaf.shop_id).where(LogLeaf.position.is_(None))
        found = db.session.execute(statement.order_by(LogLeaf.id).limit(AT_ONCE)).all()
        if not found:
            return 0
        before = Frontier.from_bytes(row.size, row.edge)
        after = before.grown(leaf.hash for leaf in found)
        # First of all: who is second waits here and is told so, before any place is given twice.
        _swap(row, before.size, after, now)
        db.session.execute(
            sa.update(LogLeaf),
            [{"id": leaf.id, "position": before.size + at} for at, leaf in enumerate(found)],
        )
        _tell({leaf.shop_id for leaf in found if leaf.shop_id is not None}, now)
        return len(found)


def _swap(row: LogState, size: int, after: Frontier, now: datetime) -> None:
    """Move the row on from the size that was read; Conflict when somebody else has done so meanwhile."""
    key = operations.signer(row.origin)
    if str(key.verifier) != row.key:
        raise keys.LogKeyMissing("the private key here is not the one that the log began with")
    root = after.root()
    note = notes.sign(str(Checkpoint(row.origin, after.size, root)), key.verifier, key.sign)
    moved = db.session.execute(
        sa.update(LogState)
        .where(LogState.id == ONLY, LogState.size == size, LogState.root == row.root)
        .values(size=after.size, root=root, edge=after.to_bytes(), checkpoint=str(note), at=now)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("changed_meanwhile")


def _tell(shops: set[int], now: datetime) -> None:
    """The shops' pages say where their decision stands."""
    if len(shops) > SHOPS_APART:
        feed.publish("log.placed", now=now)
        return
    for shop_id in sorted(shops):
        feed.publish("log.placed", now=now, shop_id=shop_id)


# --- publishing -------------------------------------------------------------------------------------------------------


def check(place: Folder, *, rebuild: bool = False) -> None:
    """Raise RolledBack when the published checkpoint is not a beginning of the database's log."""
    data, row = place.read(CHECKPOINT), queries.state()
    if data is None:
        _end_reading()
        if row is not None and row.published and not rebuild:
            raise RolledBack("gone", held=row.published)
        return
    if row is None:
        raise RolledBack("unknown")
    try:
        _note, there = notes.opened(data, Verifier.parse(row.key))
    except notes.NoteError as error:
        raise RolledBack("foreign") from error
    if there.size > row.size:
        raise RolledBack("ahead", published=there.size, held=row.size)
    if there.root != queries.root_at(there.size, row, place):
        raise RolledBack("differs", published=there.size)
    _end_reading()


def publish(place: Folder) -> None:
    """Bring the folder up to the row. Reads in a transaction that writes nothing, and writes files outside of it."""
    token = may_write.set(False)
    try:
        row = queries.state()
        if row is None:
            return
        data = place.read(CHECKPOINT)
        old = 0 if data is None else notes.opened(data, Verifier.parse(row.key))[1].size
        wanted = _with_witnesses(row)
        for tile, content in _tiles_between(old, row.size, place):
            place.put_tile(tile, content)
        place.put_checkpoint(wanted.encode())
    finally:
        _end_reading()
        may_write.reset(token)
    if row.published < row.size:
        with unit():
            known = sa.update(LogState).where(LogState.id == ONLY, LogState.published < row.size)
            db.session.execute(known.values(published=row.size))


def _tiles_between(old: int, new: int, place: Folder) -> Iterator[tuple[tiles.Tile, bytes]]:
    """The tiles that the log of `new` leaves has and the published one of `old` has not, lower levels first."""
    for tile in tiles.new_tiles(old, new, None):
        yield tile, tiles.pack(queries.entries(tile.first, tile.first + tile.width))
    for tile in tiles.new_tiles(old, new, 0):
        yield tile, b"".join(queries.hashes(tile.first, tile.first + tile.width))
    for level in tiles.levels(new):
        if level == 0:
            continue
        for tile in tiles.new_tiles(old, new, level):
            yield tile, b"".join(_above(tile, old, place))


def _above(tile: tiles.Tile, old: int, place: Folder) -> Iterator[bytes]:
    """The hashes of a higher tile: those published before from its older, narrower self, the others from below."""
    level = tile.level or 0
    known = min(max(0, tiles.rows(old, level) - tile.first), tile.width)
    if known:
        yield place.tile(tiles.Tile(level, tile.number, known))
    for number in range(tile.first + known, tile.first + tile.width):
        yield tiles.top(tiles.split(place.tile(tiles.Tile(level - 1, number))))


def _with_witnesses(row: LogState) -> str:
    note = notes.parse(row.checkpoint)
    return str(note.with_lines(one.line for one in queries.witnesses() if one.line and one.size == row.size))


def _end_reading() -> None:
    """Hold no transaction while files are written."""
    rollback()
