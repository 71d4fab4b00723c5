"""Which body serves a shop: of those at work whose area covers it, the nearest. As a scalar query, to be joined."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from webapp.core.db import db
from webapp.merchants.models import MallTenant, Shop
from webapp.regions.rules import office_phone

from .models import BodyArea, MediationBody
from .rules import MediatorKind

#: Lengths of GB/T 2260 codes above a street's: city, county.
_ABOVE = (4, 6)


@dataclass(frozen=True)
class Nearby:
    """What a receipt says of the body. `phone` may be empty."""

    name: str
    phone: str


def nearest(kind: MediatorKind) -> sa.ScalarSelect[Any]:
    """The id of the body of `kind` that serves a shop, correlated to Shop. NULL when none does.

    The nearest first; where a position is missing, the body with the narrower area (a mall, a street, a county).
    """
    body, area, tenant = aliased(MediationBody), aliased(BodyArea), aliased(MallTenant)
    shop = aliased(Shop)  # the shop once more: SQLite's ORDER BY of a joined subquery knows no outer columns
    above = [sa.func.substr(shop.region_code, 1, digits) for digits in _ABOVE]
    covers = sa.or_(area.region_code.in_([*above, shop.region_code]), area.mall_id == tenant.mall_id)
    north, east = body.latitude - shop.latitude, body.longitude - shop.longitude
    width = sa.func.cos(sa.func.radians(shop.latitude))  # a degree of longitude against one of latitude
    apart = north * north + east * east * width * width
    return (
        sa.select(body.id)
        .select_from(shop)
        .outerjoin(tenant, tenant.shop_id == shop.id)
        .join(area, covers)
        .join(body, body.id == area.body_id)
        .where(shop.id == Shop.id, body.kind == kind, body.closed_at.is_(None))
        .order_by(
            sa.case((apart.is_(None), 1), else_=0),
            apart,
            sa.func.coalesce(sa.func.length(area.region_code), 99).desc(),
            body.id,
        )
        .limit(1)
        .correlate(Shop)
        .scalar_subquery()
    )


def of_shop(shop_id: int, kind: MediatorKind = MediatorKind.STATION) -> MediationBody | None:
    """The body that serves a shop, or None."""
    statement = (
        sa.select(MediationBody).join(Shop, MediationBody.id == nearest(kind)).where(Shop.id == shop_id)
    )
    return db.session.scalar(statement)


def for_receipts(shop_ids: Collection[int]) -> dict[int, Nearby]:
    """The service stations of many shops by shop, in one query; shops that have none are left out."""
    if not shop_ids:
        return {}
    statement = (
        sa.select(Shop.id, MediationBody.name, MediationBody.phone)
        .join(MediationBody, MediationBody.id == nearest(MediatorKind.STATION))
        .where(Shop.id.in_(shop_ids))
    )
    return {
        shop_id: Nearby(name, office_phone(phone) or "")
        for shop_id, name, phone in db.session.execute(statement)
    }
