"""What a resource is: what it is called, what one thing says, how it is asked for. No pydantic here, only its types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from webapp.core.db import db

from .rules import Deprecation

if TYPE_CHECKING:
    from pydantic import BaseModel

Key = int | str


class Source(Protocol):
    """Where the rows come from. Rows stand in the order of their keys, which nothing changes: paging is stable."""

    def after(self, wanted: Any, today: date, last: Key | None, limit: int) -> list[Any]:
        """At most `limit` rows behind the key `last` (None: from the beginning) for the filters `wanted`."""

    def one(self, key: Key, today: date) -> Any | None:
        """The row with this key if the public may see it."""

    def count(self, wanted: Any, today: date) -> int:
        """How many rows there are."""

    def key_of(self, row: Any) -> Key:
        """The row's key."""


@dataclass(frozen=True)
class Table:
    """Rows of the database. `select(wanted, today)` holds what the public may see and the filters; its order is not
    looked at. `key` is a unique column of it; `newest` begins with the largest.
    """

    select: Callable[[Any, date], sa.Select[Any]]
    key: Any
    unfiltered: Any
    newest: bool = True
    read_key: Callable[[Any], Key] = field(default=lambda row: row.id)

    def after(self, wanted: Any, today: date, last: Key | None, limit: int) -> list[Any]:
        """See :class:`Source`."""
        statement = self.select(wanted, today).order_by(None)
        if last is not None:
            statement = statement.where(self.key < last if self.newest else self.key > last)
        ordered = statement.order_by(self.key.desc() if self.newest else self.key).limit(limit)
        return list(db.session.scalars(ordered))

    def one(self, key: Key, today: date) -> Any | None:
        """See :class:`Source`."""
        statement = self.select(self.unfiltered, today).order_by(None).where(self.key == key)
        return db.session.scalars(statement).first()

    def count(self, wanted: Any, today: date) -> int:
        """See :class:`Source`."""
        rows = self.select(wanted, today).order_by(None).with_only_columns(self.key)
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(rows.subquery())) or 0)

    def key_of(self, row: Any) -> Key:
        """See :class:`Source`."""
        return self.read_key(row)


@dataclass(frozen=True)
class Fixed:
    """A short list of things that carry their key in `read_key`, given whole by `rows(wanted)` in the keys' order."""

    rows: Callable[[Any], Sequence[Any]]
    unfiltered: Any
    read_key: Callable[[Any], Key]

    def after(self, wanted: Any, today: date, last: Key | None, limit: int) -> list[Any]:
        """See :class:`Source`."""
        behind = [row for row in self.rows(wanted) if last is None or self.read_key(row) > last]  # type: ignore[operator]
        return behind[:limit]

    def one(self, key: Key, today: date) -> Any | None:
        """See :class:`Source`."""
        return next((row for row in self.rows(self.unfiltered) if self.read_key(row) == key), None)

    def count(self, wanted: Any, today: date) -> int:
        """See :class:`Source`."""
        return len(self.rows(wanted))

    def key_of(self, row: Any) -> Key:
        """See :class:`Source`."""
        return self.read_key(row)


@dataclass(frozen=True)
class News:
    """An item as an entry of an RSS feed. `url` is also its lasting name."""

    title: str
    text: str
    url: str
    at: datetime


@dataclass(frozen=True)
class Resource:
    """A set of things that anybody may read.

    `present(rows, today)` gives an item for each row, in their order, None for one that is not to be shown after all.
    `keep(wanted, item)` holds the filters that only the finished item answers: a page may then be shorter than asked.
    `followed`: whatever changes in it leaves a row in the audit trail or in the change feed, so that these stand for
    its state. `page` is the address of the same set for people. `news`: an item as an entry of an RSS feed.
    """

    name: str
    item: type[BaseModel]
    filters: type[BaseModel]
    source: Source
    present: Callable[[Sequence[Any], date], Sequence[BaseModel | None]]
    key: type[int | str] = int
    keep: Callable[[Any, Any], bool] = field(default=lambda _wanted, _item: True)
    followed: bool = False
    page: str = ""
    news: Callable[[Any], News] | None = None
    deprecation: Deprecation | None = None

    @property
    def has_place(self) -> bool:
        """Do its things lie somewhere, so that there is GeoJSON of them?"""
        return self.place_of is not None

    @property
    def place_of(self) -> tuple[str, ...] | None:
        """Where in an item latitude and longitude stand: ``()`` in itself, ``("shop",)`` in its shop."""
        fields = self.item.model_fields
        if "latitude" in fields:
            return ()
        for name, info in fields.items():
            inner = getattr(info.annotation, "model_fields", {})
            if "latitude" in inner:
                return (name,)
        return None
