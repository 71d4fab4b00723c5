"""A worker's tally of scans: taken up in memory, written in batches that count exactly once.

A commit can fail after the database has done it (the connection breaks before the answer comes). So a batch has a
number, stays as it is until it is known to be written, and writing it again does nothing.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core import clock

from .models import ScanCount, ScanDay, ScanWriter

#: (shop, sticker serial, day in China as 2026-05-06, hour 0 to 23)
Slot = tuple[int, int, str, int]

_hour, _day, _writer = ScanCount.__table__, ScanDay.__table__, ScanWriter.__table__


@dataclass(frozen=True)
class Batch:
    """Counts that are written together or not at all. `number` grows by one with each batch of a writer."""

    number: int
    counts: Mapping[Slot, int]


class Tally:
    """One in each worker. Not for two threads at once: its caller holds a lock.

    >>> tally.add({(7, 1): 3}, now)
    >>> while tally.waits:
    ...     with engine.begin() as connection:
    ...         tally.write(connection, now)
    ...     tally.written()
    """

    def __init__(self) -> None:
        self._id: str | None = None
        self._last = 0
        self._batch: Batch | None = None
        self._next: Counter[Slot] = Counter()

    def add(self, scans: Mapping[tuple[int, int], int], now: datetime) -> None:
        """Take up scans by (shop, serial): they belong to the present hour, however late they are written."""
        local = now.astimezone(clock.SHANGHAI)
        day, hour = local.date().isoformat(), local.hour
        for (shop_id, serial), count in scans.items():
            self._next[shop_id, serial, day, hour] += count

    @property
    def waits(self) -> bool:
        """True while there is something to write."""
        return self._batch is not None or bool(self._next)

    def write(self, connection: sa.Connection, now: datetime) -> None:
        """Write the oldest batch within the caller's transaction; call :meth:`written` after its commit."""
        if self._batch is None:
            self._batch = Batch(self._last + 1, self._next)
            self._last, self._next = self._last + 1, Counter()
        if self._id is None:  # drawn here and not at the start: a server may fork its workers after that
            self._id = secrets.token_hex(16)
        write_batch(connection, self._id, self._batch, now)

    def written(self) -> None:
        """The transaction of the last :meth:`write` is known to be committed."""
        self._batch = None


def write_batch(connection: sa.Connection, writer: str, batch: Batch, now: datetime) -> bool:
    """Add the batch's counts to hours and days; False (nothing done) when this writer has written it before."""
    insert = _insert(connection, _writer).values(id=writer, batch=batch.number, at=now)
    claim = insert.on_conflict_do_update(
        index_elements=[_writer.c.id],
        set_={"batch": insert.excluded.batch, "at": insert.excluded.at},
        where=_writer.c.batch < insert.excluded.batch,
    )
    if connection.execute(claim.returning(_writer.c.batch)).first() is None:
        return False
    days: Counter[tuple[int, str, int]] = Counter()
    for (shop_id, serial, day, _), count in batch.counts.items():
        days[shop_id, day, serial] += count
    _add(connection, _hour, ("shop_id", "serial", "day", "hour"), batch.counts)
    _add(connection, _day, ("shop_id", "day", "serial"), days)
    return True


def _add(
    connection: sa.Connection,
    table: sa.FromClause,
    names: tuple[str, ...],
    counts: Mapping[tuple[int, int, str, int], int] | Mapping[tuple[int, str, int], int],
) -> None:
    rows = sorted(counts.items())  # in one order, so that two workers do not block each other
    columns = [table.c[name] for name in (*names, "count")]
    statement, given = _insert(connection, table), [(*key, count) for key, count in rows]
    bound: dict[str, list[Any]] | list[dict[str, Any]]
    if (
        connection.dialect.name == "postgresql"
    ):  # a list for each column: a third of the time of a row for each
        lists = [sa.bindparam(column.name, type_=postgresql.ARRAY(column.type)) for column in columns]
        statement = statement.from_select(columns, sa.select(*(sa.func.unnest(one) for one in lists)))
        bound = {
            column.name: list(values)
            for column, values in zip(columns, zip(*given, strict=True), strict=True)
        }
    else:
        bound = [dict(zip((*names, "count"), values, strict=True)) for values in given]
    statement = statement.on_conflict_do_update(
        index_elements=columns[:-1], set_={"count": table.c.count + statement.excluded["count"]}
    )
    connection.execute(statement, bound)


def _insert(connection: sa.Connection, table: sa.FromClause):  # type: ignore[no-untyped-def]
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
