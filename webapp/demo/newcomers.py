"""Operators that the demo city's register knows and that nobody has claimed: with them a newcomer walks the story.

They do not depend on the city's seed and size. Their papers and fronts are drawn when somebody asks for them.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from webapp.core import clock
from webapp.core.db import db
from webapp.demo.city import DemoShop, make_shop
from webapp.demo.operators import DemoOperator
from webapp.merchants.models import Operator
from webapp.registry.models import RegistryRecord

from .people_writer import OFFICERS

SEED: Final = 1
#: Beyond every city: a million shops stay below, so that no credit code is given twice.
FIRST: Final = 5_000_000
SEARCHED: Final = 500
CATEGORIES: Final = ("eat", "shop", "play")
#: The first station officer's district: this officer reviews what the newcomer hands in.
DISTRICT: Final = OFFICERS["zhan"][2]
SOURCE: Final = "demo"


@lru_cache(maxsize=4)
def newcomers(today: date) -> tuple[DemoShop, ...]:
    """One shop of each of `CATEGORIES` in `DISTRICT` whose operator is in good standing."""
    found: dict[str, DemoShop] = {}
    for index in range(FIRST, FIRST + SEARCHED):
        shop = make_shop(SEED, index, today)
        if shop.category in CATEGORIES and _is_simple(shop):
            found.setdefault(shop.category, shop)
        if len(found) == len(CATEGORIES):
            break
    return tuple(found[category] for category in CATEGORIES if category in found)


def _is_simple(shop: DemoShop) -> bool:
    operator = shop.operator
    sound = operator.status == "active" and not operator.abnormal_ground and not operator.is_serious_violator
    lasting = all(paper.valid_until is None or paper.valid_until > _soon(shop) for paper in shop.licences)
    return sound and lasting and not shop.branch and shop.region_code.startswith(DISTRICT)


def _soon(shop: DemoShop) -> date:
    return max(paper.valid_from for paper in shop.licences) + timedelta(days=365)


def record(operator: DemoOperator, now: datetime) -> dict[str, Any]:
    """What the register says of `operator`: a row of RegistryRecord."""
    return {
        "uscc": operator.uscc,
        "name": operator.name,
        "kind": operator.kind,
        "legal_representative": operator.legal_representative,
        "registered_address": operator.registered_address,
        "authority": operator.authority,
        "established_on": operator.established_on,
        "status": operator.status,
        "abnormal": operator.abnormal_ground is not None,
        "abnormal_ground": operator.abnormal_ground,
        "abnormal_on": operator.abnormal_on,
        "serious_violation": operator.is_serious_violator,
        "penalties": [],
        "as_of": clock.day_of(now) - timedelta(days=1),
        "source": SOURCE,
        "facts_hash": "",
        "imported_at": now,
        "run_id": None,
    }


def write(now: datetime) -> None:
    """Let the register know the newcomers. Call inside a transaction, before their shops are looked for."""
    rows = [record(shop.operator, now) for shop in newcomers(clock.day_of(now))]
    db.session.execute(sa.insert(RegistryRecord), rows)


def unclaimed() -> list[DemoShop]:
    """The newcomers that no merchant has claimed yet, as they were on the day that the city was made."""
    made_on = db.session.scalar(sa.select(sa.func.max(RegistryRecord.as_of)).filter_by(source=SOURCE))
    if made_on is None:
        return []
    shops = newcomers(made_on + timedelta(days=1))
    wanted = [shop.operator.uscc for shop in shops]
    known = set(db.session.scalars(sa.select(RegistryRecord.uscc).where(RegistryRecord.uscc.in_(wanted))))
    claimed = set(db.session.scalars(sa.select(Operator.uscc).where(Operator.uscc.in_(wanted))))
    return [shop for shop in shops if shop.operator.uscc in known - claimed]


def picture(shop: DemoShop, kind: str) -> bytes | None:
    """WebP: the shop's front (``front``) or its licence of this kind; None when it has none."""
    from webapp.demo.pictures.papers import licence_scan  # noqa: PLC0415 - drawing is loaded only to draw
    from webapp.demo.pictures.storefront import storefront  # noqa: PLC0415

    if kind == "front":
        return storefront(SEED, shop)
    for paper in shop.licences:
        if paper.kind == kind:
            return licence_scan(SEED, shop.index, paper, shop.operator, shop.address)
    return None
