"""The different weeks of opening hours, in a small table of their own: who asks which shops are open asks these first.

Written with the shop, in its transaction. A week that no shop keeps any more stays until the next upgrade: it costs one
more question of a pure rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from webapp.core.db import db

from .models import OpeningWeek, Shop

#: The hours of a shop as its row has them, letter for letter.
AS_WRITTEN: Final = sa.cast(Shop.opening_hours, sa.Text)

_KEEP: Final = sa.text(
    "INSERT INTO opening_week (hours) SELECT DISTINCT CAST(opening_hours AS TEXT) FROM shop WHERE id >= :first"
    " AND id <= :last AND opening_hours IS NOT NULL ON CONFLICT DO NOTHING"
)


def known() -> Sequence[str]:
    """All weeks, as they are written."""
    return list(db.session.scalars(sa.select(OpeningWeek.hours)))


def keep(connection: sa.Connection, first: int, last: int) -> None:
    """Keep the weeks of the shops with these numbers, both included: for rows that were written in bulk."""
    connection.execute(_KEEP, {"first": first, "last": last})


def rebuild() -> int:
    """Forget weeks that no shop has; keep all that one has. Returns 0: nothing that the public sees changed."""
    db.session.execute(sa.delete(OpeningWeek))
    newest = db.session.scalar(sa.select(sa.func.max(Shop.id)))
    if newest is not None:
        keep(db.session.connection(), 1, newest)
    return 0


@event.listens_for(Shop, "after_insert")
def _inserted(_mapper: Mapper[Shop], connection: sa.Connection, shop: Shop) -> None:
    keep(connection, shop.id, shop.id)


@event.listens_for(Shop, "after_update")
def _updated(_mapper: Mapper[Shop], connection: sa.Connection, shop: Shop) -> None:
    history: Any = sa.inspect(shop).attrs.opening_hours.history
    if history.has_changes():
        keep(connection, shop.id, shop.id)
