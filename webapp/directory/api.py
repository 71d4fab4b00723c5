"""Shops that are or were vouched for, with the same verdict as on their own pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa

from webapp.codes.search import latest_of
from webapp.merchants.api import shop_refs
from webapp.merchants.models import Category as ShopCategory
from webapp.merchants.models import Shop
from webapp.openapi.declaring import (
    Category,
    District,
    Field,
    Filters,
    Flag,
    Instant,
    Item,
    Proof,
    Resource,
    Table,
    Text,
    link,
    proof,
)
from webapp.publiclog.queries import newest_of_shops
from webapp.shopfront.rules import Verdict

from . import queries, rules
from .standing import verdicts

#: Nothing is told of a shop that was never vouched for.
Told = Literal["trusted", "uncertain", "suspended", "revoked", "black"]


class ShopFilters(Filters):
    """Which shops. `trusted`: only those for which every condition holds today."""

    district: District | None = None
    category: Category | None = None
    industry: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{1,40}$", examples=["6210"])
    trusted: Flag | None = None
    q: Text | None = None


class OperatorRef(Item):
    """The operator, as in the public register."""

    uscc: str = Field(examples=["91371500726715726X"])
    name: str


class ShopItem(Item):
    """What the public is told of a shop. Its phone is on its page only."""

    number: int
    name: str
    verdict: Told
    code_state: str | None
    issued_at: Instant | None
    changed_at: Instant | None
    address: str
    region: str
    district: str
    category: str | None
    industry: str | None
    latitude: float | None
    longitude: float | None
    operator: OperatorRef
    ratings: int
    stars: float | None
    page: str
    complain: str
    proof: Proof | None


def _select(wanted: ShopFilters, _today: date) -> sa.Select[tuple[Shop]]:
    return queries.public_shops(
        rules.read_query(wanted.q or ""),
        district=wanted.district or "",
        category=None if wanted.category is None else ShopCategory(wanted.category),
        industry=wanted.industry or "",
        trusted=bool(wanted.trusted),
    )


def _present(rows: Sequence[Shop], today: date) -> list[ShopItem | None]:
    ids = [row.id for row in rows]
    standing, codes, refs = verdicts(rows, today), latest_of(ids), shop_refs(rows)
    stars, proved = queries.stars_of(ids), newest_of_shops(ids)
    found: list[ShopItem | None] = []
    for row in rows:
        ref, code, verdict = refs[row.id], codes.get(row.id), standing[row.id]
        if verdict is Verdict.NOT_VOUCHED:
            found.append(None)
            continue
        mean, ratings = stars.get(row.id, (None, 0))
        found.append(
            ShopItem(
                **ref.model_dump(),
                verdict=verdict.value,  # type: ignore[arg-type]  # a shop is never replaced or forged
                code_state=None if code is None else code.state.value,
                issued_at=None if code is None else code.issued_at,
                changed_at=None if code is None else code.changed_at,
                industry=row.industry_code,
                operator=OperatorRef(uscc=row.operator.uscc, name=row.operator.name),
                ratings=ratings,
                stars=None if mean is None else round(mean, 2),
                complain=link(f"/s/{row.id}/complain"),
                proof=proof(proved[row.id]) if row.id in proved else None,
            )
        )
    return found


RESOURCES = (
    Resource(
        name="shops",
        item=ShopItem,
        filters=ShopFilters,
        source=Table(_select, Shop.id, ShopFilters()),
        present=_present,
        keep=lambda wanted, item: not wanted.trusted or item.verdict == "trusted",
        followed=True,
        page="/shops",
    ),
)
