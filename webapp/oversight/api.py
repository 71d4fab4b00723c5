"""Talks (约谈告诫) and orders to correct (责令改正) while they are shown to everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from webapp.merchants.api import ShopRef, shop_refs
from webapp.openapi.declaring import (
    Category,
    District,
    Filters,
    Instant,
    Item,
    News,
    Proof,
    Resource,
    Table,
    Text,
    bare,
    link,
    proofs,
)
from webapp.web.words import label

from . import cases, queries, telling
from .models import Correction, Talk

AnyCase = Talk | Correction


class OversightFilters(Filters):
    """Which talks or orders: of shops in a district, of a category, with these words or of a shop's number."""

    district: District | None = None
    category: Category | None = None
    q: Text | None = None


class OversightItem(Item):
    """What a talk and an order have in common. Who said or reported what is not in it, nor are the minutes."""

    id: int
    shop: ShopRef
    ground: str
    ground_text: str
    basis: str
    summary: str
    published_at: Instant
    shown_until: date | None
    page: str
    proof: Proof | None


class TalkItem(OversightItem):
    """One talk: invited, held, or the merchant did not come."""

    state: Literal["invited", "confirmed", "held", "absent"]


class OrderItem(OversightItem):
    """One order to correct, with its last day."""

    state: Literal["open", "reported", "performed", "not_performed"]
    due_on: date | None


def _select(model: type[AnyCase]) -> Callable[[OversightFilters, date], sa.Select[Any]]:
    def select(wanted: OversightFilters, today: date) -> sa.Select[Any]:
        asked = queries.Asked(
            region=bare(wanted.district), category=bare(wanted.category), text=bare(wanted.q)
        )
        return queries.public_select(model, today, asked)

    return select


def _common(rows: Sequence[AnyCase]) -> list[dict[str, Any]]:
    """The facts of each row that both kinds have."""
    shops = shop_refs(row.shop for row in rows)
    ids = [row.id for row in rows]
    proved = proofs(cases.subject_of(rows[0]), ids, f"{rows[0].kind}.publish")
    return [
        {
            "id": row.id,
            "shop": shops[row.shop_id],
            "ground": row.ground,
            "ground_text": telling.ground_of(row),
            "basis": telling.basis_of(row),
            "summary": row.public_summary,
            "state": row.state.value,
            "published_at": row.published_at,
            "shown_until": row.shown_until,
            "page": link(f"/oversight?kind={row.kind}&q={row.shop_id}#{row.kind}-{row.id}"),
            "proof": proved.get(row.id),
        }
        for row in rows
    ]


def _talks(rows: Sequence[Talk], _today: date) -> list[TalkItem]:
    return [TalkItem(**facts) for facts in _common(rows)]


def _orders(rows: Sequence[Correction], _today: date) -> list[OrderItem]:
    return [OrderItem(**facts, due_on=row.due_on) for row, facts in zip(rows, _common(rows), strict=True)]


def _news(kind: str) -> Callable[[OversightItem], News]:
    def news(item: OversightItem) -> News:
        told = [item.ground_text, item.summary]
        if item.shown_until is not None:
            told.append(label("api.news.until", day=item.shown_until.isoformat()))
        title = f"{label(f'oversight.kind.{kind}')}：{item.shop.name}"
        return News(title, "\n".join(told), item.page, item.published_at)

    return news


RESOURCES = (
    Resource(
        name="talks",
        item=TalkItem,
        filters=OversightFilters,
        source=Table(_select(Talk), Talk.id, OversightFilters()),
        present=_talks,
        followed=True,
        page="/oversight?kind=talk",
        news=_news("talk"),
    ),
    Resource(
        name="orders",
        item=OrderItem,
        filters=OversightFilters,
        source=Table(_select(Correction), Correction.id, OversightFilters()),
        present=_orders,
        followed=True,
        page="/oversight?kind=order",
        news=_news("order"),
    ),
)
