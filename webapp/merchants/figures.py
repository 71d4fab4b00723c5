"""Counting into a shop's public figures, in the database itself, so that concurrent events all count."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import db

from .models import ShopFigures

COUNTED = frozenset(column.key for column in sa.inspect(ShopFigures).columns if column.key != "shop_id")


def hearts_total() -> sa.ColumnElement[int]:
    """The sum of all hearts of a row of figures: five kinds, 1 to 5 of each for every rating."""
    figures = ShopFigures
    return (
        figures.hearts_environment
        + figures.hearts_quality
        + figures.hearts_price
        + figures.hearts_service
        + figures.hearts_redress
    )


def count(shop_id: int, **more: int) -> None:
    """Add `more` (by figure name; may be negative) to the shop's figures, making its row when there is none."""
    if unknown := set(more) - COUNTED:
        raise KeyError(f"no such figures: {sorted(unknown)}")
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    table = ShopFigures.__table__
    fresh = dict.fromkeys(COUNTED, 0) | more | {"shop_id": shop_id}
    statement = dialect.insert(table).values(**fresh)
    changes = {name: table.c[name] + step for name, step in more.items()}
    db.session.execute(statement.on_conflict_do_update(index_elements=[table.c.shop_id], set_=changes))
