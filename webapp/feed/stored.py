"""Stored renderings of public pages: one query finds a page and says whether it is current.

Works on a connection, not on the session: pages are looked up in front of the framework and written behind it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from .models import Change, StoredPage


@dataclass(frozen=True)
class Rendering:
    """A page as it is stored. `seq` is the newest change known before its facts were read."""

    shop_id: int
    variant: str
    seq: int
    expires_at: datetime
    etag: str
    body: bytes


_page = StoredPage.__table__
_change = Change.__table__
# Constants are written into the statement: what is left to bind are plain numbers and texts (see OneStatement).
_head = sa.select(sa.func.coalesce(sa.func.max(_change.c.seq), sa.literal_column("0"))).scalar_subquery()


def current_page() -> sa.Select[tuple[bytes, str, datetime, int]]:
    """Select of (body, etag, expires_at, head) of the page :shop_id, :variant if nothing has changed since it was made.

    `head` is the newest change at this moment, to which the page is hereby known to be current; the caller looks at
    `expires_at`. Join more to it as needed; the result must stay one statement.
    """
    newer = sa.select(sa.literal_column("1", sa.Integer)).where(_change.c.seq > _page.c.seq)
    return sa.select(_page.c.body, _page.c.etag, _page.c.expires_at, _head.label("head")).where(
        _page.c.shop_id == sa.bindparam("shop_id"),
        _page.c.variant == sa.bindparam("variant"),
        ~newer.where(_change.c.shop_id == _page.c.shop_id).exists(),
        ~newer.where(_change.c.shop_id.is_(None)).exists(),
        _page.c.seq <= _head,  # else it belongs to another history of this database
    )


class Readers:
    """Connections for single statements: no transaction around them, no look whether they still stand, no pool.

    One statement sees one state of the database by itself. A connection is taken off a stack and put back, so there are
    as many as threads that once read at the same time. They end with `engine`, and all of them when one breaks.
    """

    def __init__(self, engine: sa.Engine) -> None:
        sqlite = engine.dialect.name == "sqlite"
        self.dialect = engine.dialect
        self._engine = sa.create_engine(
            engine.url,
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
            connect_args={} if sqlite else {"connect_timeout": 1},
        )
        # Bytes in the server's own form: as text they are twice as long and cost a conversion.
        self._options: dict[str, Any] = {"binary": True} if engine.dialect.driver == "psycopg" else {}
        self._idle: list[tuple[sa.PoolProxiedConnection, Any]] = []
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What a reading may raise."""
        return SQLAlchemyError, self.dialect.loaded_dbapi.Error

    def first(self, sql: str, given: Any) -> tuple[Any, ...] | None:
        """The first row as the driver gives it, or None."""
        try:
            reader = self._idle.pop()
        except IndexError:
            connection = self._engine.raw_connection()
            reader = connection, connection.cursor(**self._options)
        try:
            cursor = reader[1]
            cursor.execute(sql, given)
            rows: list[tuple[Any, ...]] = (
                cursor.fetchall()
            )  # to the end: an open reading would hold up SQLite's WAL
        except BaseException:
            reader[0].invalidate()
            self.close()
            raise
        self._idle.append(reader)
        return rows[0] if rows else None

    def close(self) -> None:
        """End the connections that nobody uses at the moment."""
        while self._idle:
            with contextlib.suppress(IndexError):  # another thread took the last one
                self._idle.pop()[0].close()


class OneStatement:
    """A select compiled once and given straight to the driver: half the cost of a look-up is SQLAlchemy's execution.

    Only for statements that bind nothing but whole numbers and texts.
    """

    def __init__(self, readers: Readers, statement: sa.Select[Any]) -> None:
        self._readers = readers
        compiled = statement.compile(dialect=readers.dialect)
        self._sql, self._order = str(compiled), getattr(compiled, "positiontup", None)

    def first(self, **asked: int | str) -> tuple[Any, ...] | None:
        """The first row as the driver gives it, or None. Raises one of :attr:`Readers.errors`."""
        order = self._order
        return self._readers.first(self._sql, asked if order is None else [asked[name] for name in order])


def instant(value: datetime | str) -> datetime:
    """An instant as the driver gives it (SQLite: text in UTC) as an aware datetime."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def write_pages(connection: sa.Connection, pages: Iterable[Rendering], now: datetime) -> None:
    """Keep each page unless a newer rendering is there, and drop what is out of date of the same shops."""
    dialect = _dialect(connection)
    head = connection.scalar(sa.select(_head)) or 0
    for page in pages:
        if page.seq > head:
            continue
        connection.execute(
            sa.delete(StoredPage).where(StoredPage.shop_id == page.shop_id, StoredPage.expires_at <= now)
        )
        statement = dialect.insert(_page).values(
            shop_id=page.shop_id,
            variant=page.variant,
            seq=page.seq,
            expires_at=page.expires_at,
            etag=page.etag,
            body=page.body,
        )
        fresh = {name: statement.excluded[name] for name in ("seq", "expires_at", "etag", "body")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[_page.c.shop_id, _page.c.variant],
                set_=fresh,
                where=_page.c.seq <= statement.excluded.seq,
            )
        )


def _dialect(connection: sa.Connection):  # type: ignore[no-untyped-def]
    return sqlite if connection.dialect.name == "sqlite" else postgresql
