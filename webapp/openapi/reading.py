"""Reading resources: a page, one thing, a whole set in pieces that hold no transaction while the asker reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app

from webapp.core import clock
from webapp.core.db import db, may_write

from .resources import Key, Resource

if TYPE_CHECKING:
    from pydantic import BaseModel

#: Rows of a whole set that are read at once.
BATCH = 500


@dataclass(frozen=True)
class Page:
    """`last` is the key of the last row that was read, None when there are no more."""

    items: list[BaseModel]
    last: Key | None


def page(resource: Resource, wanted: Any, after: Key | None, limit: int) -> Page:
    """At most `limit` things behind the key `after`."""
    today = clock.today()
    rows = resource.source.after(wanted, today, after, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    items = [item for item in present(resource, rows) if resource.keep(wanted, item)]
    return Page(items, resource.source.key_of(rows[-1]) if more else None)


def present(resource: Resource, rows: Sequence[Any]) -> list[BaseModel]:
    """The rows as items; what is not to be shown after all is left out."""
    if not rows:
        return []
    return [item for item in resource.present(rows, clock.today()) if item is not None]


def one(resource: Resource, typed: str) -> BaseModel | None:
    """The thing with the key that stands in the address, or None."""
    key: Key = typed
    if resource.key is int:
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 18 or typed != str(int(typed)):
            return None
        key = int(typed)
    elif "\0" in typed or len(typed) > 80:
        return None
    row = resource.source.one(key, clock.today())
    return None if row is None else next(iter(present(resource, [row])), None)


def count(resource: Resource) -> int:
    """How many things the set has."""
    return resource.source.count(resource.filters(), clock.today())


def everything(resource: Resource, wanted: Any) -> Iterator[list[BaseModel]]:
    """All things in batches. Each batch is a reading of its own, so that a slow reader holds no connection, and what
    ends while the set is being read is not in the batches that follow.
    """
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined] # noqa: SLF001 - Flask's own way
    return _batches(app, resource, wanted)


def _batches(app: Flask, resource: Resource, wanted: Any) -> Iterator[list[BaseModel]]:
    last: Key | None = None
    while True:
        with app.app_context():  # a session of its own, given back at the end
            token = may_write.set(False)  # on SQLite a reader must not take the writers' turn
            try:
                found = page(resource, wanted, last, BATCH)
            finally:
                db.session.rollback()
                may_write.reset(token)
        last = found.last
        yield found.items
        if last is None:
            return
