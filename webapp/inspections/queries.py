"""Reading inspections."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, lazyload

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Inspection
from .rules import InspectionState

SHOWN = Inspection.state == InspectionState.SHOWN


def get(inspection_id: int) -> Inspection:
    """The inspection; raises NotFound."""
    found = db.session.get(Inspection, inspection_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(inspection_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop inspected."""
    return get(inspection_id).shop.scope


def has_any(shop_id: int | InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """Condition: the shop has an inspection that is not withdrawn."""
    return sa.exists().where(Inspection.shop_id == shop_id, SHOWN)


def public_of_shop(shop_id: int, today: date, shown_days: int) -> list[Inspection]:
    """What the public sees of a shop, the newest first: of the last `shown_days`."""
    statement = (
        sa.select(Inspection)
        .where(
            Inspection.shop_id == shop_id,
            SHOWN,
            Inspection.inspected_on >= today - timedelta(days=shown_days),
        )
        .options(lazyload(Inspection.shop))
        .order_by(Inspection.inspected_on.desc(), Inspection.id.desc())
    )
    return list(db.session.scalars(statement))


def of_shop(shop_id: int) -> sa.Select[tuple[Inspection]]:
    """All of a shop for paging, withdrawn ones too, the newest first."""
    return (
        sa.select(Inspection)
        .where(Inspection.shop_id == shop_id)
        .order_by(Inspection.inspected_on.desc(), Inspection.id.desc())
    )


def in_reach(posts: tuple[Post, ...]) -> sa.Select[tuple[Inspection]]:
    """All of the officer's shops for paging, the newest entered first."""
    return (
        sa.select(Inspection)
        .join(Shop, Shop.id == Inspection.shop_id)
        .where(within(posts))
        .order_by(Inspection.id.desc())
    )


def find_same(shop_id: int, number: str) -> Inspection | None:
    """The one that is shown of this shop with this document's number, or None."""
    return db.session.scalar(
        sa.select(Inspection).where(Inspection.shop_id == shop_id, Inspection.number == number, SHOWN)
    )
