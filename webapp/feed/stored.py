"""Stored renderings of public pages: one query finds a page and says whether it is current.

Works on a connection, not on the session: pages are looked up in front of the framework and written behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

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


class OneStatement:
    """A select compiled once and given straight to the driver: half the cost of a look-up is SQLAlchemy's execution.

    Only for engines in autocommit and for statements that bind nothing but whole numbers and texts.
    """

    def __init__(self, engine: sa.Engine, statement: sa.Select[Any]) -> None:
        self._engine = engine
        compiled = statement.compile(dialect=engine.dialect)
        self._sql, self._order = str(compiled), getattr(compiled, "positiontup", None)

    def first(self, **asked: int | str) -> tuple[Any, ...] | None:
        """The first row as the driver gives it, or None. Raises SQLAlchemyError or the driver's own errors."""
        given = asked if self._order is None else [asked[name] for name in self._order]
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._sql, given)
            row: tuple[Any, ...] | None = cursor.fetchone()
            cursor.close()
        except BaseException:
            connection.invalidate()
            raise
        finally:
            connection.close()
        return row


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
