"""Demonstration units, return shops, chains: what anybody may read while the shop's code is active."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from webapp.core import clock
from webapp.merchants.api import ShopRef, shop_refs
from webapp.openapi.declaring import (
    Category,
    District,
    Field,
    Filters,
    Fixed,
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

from . import queries
from .models import Honour, ReturnChain
from .rules import SECTORS, HonourKind

Sector = Literal[SECTORS]  # type: ignore[valid-type]


class DemonstrationFilters(Filters):
    """Which demonstration units."""

    sector: Sector | None = None
    district: District | None = None
    category: Category | None = None
    q: Text | None = None


class ReturnFilters(Filters):
    """Which return shops."""

    kind: Literal["no_reason_return", "cross_shop_return"] | None = None
    chain: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,17}$", examples=["3"])
    district: District | None = None
    category: Category | None = None
    q: Text | None = None


class DemonstrationItem(Item):
    """A demonstration unit (放心消费示范单位)."""

    id: int
    sector: str
    sector_text: str
    standard: str
    terms: str
    published_at: Instant
    term_until: date | None
    shop: ShopRef
    page: str
    proof: Proof | None


class ReturnItem(Item):
    """A shop that takes goods back without a reason, or that takes back what another shop of its chain sold."""

    id: int
    kind: Literal["no_reason_return", "cross_shop_return"]
    days: int
    terms: str
    chain_id: int | None
    chain_name: str | None
    published_at: Instant
    term_until: date | None
    shop: ShopRef
    page: str
    proof: Proof | None


class ChainItem(Item):
    """A chain whose shops take back each other's goods (异地异店退换货)."""

    id: int
    name: str
    terms: str
    shops: int
    page: str


def _demonstrations(wanted: DemonstrationFilters, today: date) -> sa.Select[tuple[Honour]]:
    return queries.published(
        HonourKind.DEMONSTRATION,
        region=bare(wanted.district),
        category=bare(wanted.category),
        text=bare(wanted.q),
        sector=bare(wanted.sector),
        today=today,
    )


def _returns(wanted: ReturnFilters, today: date) -> sa.Select[tuple[Honour]]:
    kinds = queries.RETURNS if wanted.kind is None else (HonourKind(wanted.kind),)
    return queries.published(
        *kinds,
        region=bare(wanted.district),
        category=bare(wanted.category),
        text=bare(wanted.q),
        chain_id=None if wanted.chain is None else int(wanted.chain),
        today=today,
    )


def _common(rows: Sequence[Honour], address: str) -> list[dict[str, Any]]:
    shops, proved = (
        shop_refs(row.shop for row in rows),
        proofs("honour", [row.id for row in rows], "honour.confirm"),
    )
    return [
        {
            "id": row.id,
            "terms": row.terms,
            "published_at": row.published_at,
            "term_until": row.term_until,
            "shop": shops[row.shop_id],
            "page": link(f"{address}?q={row.shop_id}#honour-{row.id}"),
            "proof": proved.get(row.id),
        }
        for row in rows
    ]


def _units(rows: Sequence[Honour], _today: date) -> list[DemonstrationItem]:
    return [
        DemonstrationItem(
            sector=row.sector or "",
            sector_text=label(f"honour.sector.{row.sector}"),
            standard=row.standard,
            **common,
        )
        for row, common in zip(rows, _common(rows, "/lists/demonstration"), strict=True)
    ]


def _shops(rows: Sequence[Honour], _today: date) -> list[ReturnItem]:
    return [
        ReturnItem(
            kind=row.kind.value,  # type: ignore[arg-type]  # the two kinds of the query
            days=row.days or 0,
            chain_id=row.chain_id,
            chain_name=None if row.chain is None else row.chain.name,
            **common,
        )
        for row, common in zip(rows, _common(rows, "/lists/returns"), strict=True)
    ]


def _unit_news(item: DemonstrationItem) -> News:
    return _news(item, f"{label('honour.kind.demonstration')}（{item.sector_text}）", item.standard)


def _shop_news(item: ReturnItem) -> News:
    return _news(item, label(f"honour.kind.{item.kind}"), label("honour.public.days", days=item.days))


def _news(item: DemonstrationItem | ReturnItem, kind: str, first: str) -> News:
    told = [first, item.terms]
    if item.term_until is not None:
        told.append(label("api.news.until", day=item.term_until.isoformat()))
    title = label("api.honours.news", name=item.shop.name, kind=kind)
    return News(title, "\n".join(filter(None, told)), item.page, item.published_at)


def _chains(_wanted: Filters) -> list[tuple[ReturnChain, int]]:
    return sorted(queries.chains(clock.today()), key=lambda pair: pair[0].id)


def _chain_items(rows: Sequence[tuple[ReturnChain, int]], _today: date) -> list[ChainItem]:
    return [
        ChainItem(
            id=chain.id,
            name=chain.name,
            terms=chain.terms,
            shops=count,
            page=link(f"/lists/returns?chain={chain.id}"),
        )
        for chain, count in rows
    ]


RESOURCES = (
    Resource(
        name="demonstration-units",
        item=DemonstrationItem,
        filters=DemonstrationFilters,
        source=Table(_demonstrations, Honour.id, DemonstrationFilters()),
        present=_units,
        followed=True,
        page="/lists/demonstration",
        news=_unit_news,
    ),
    Resource(
        name="return-shops",
        item=ReturnItem,
        filters=ReturnFilters,
        source=Table(_returns, Honour.id, ReturnFilters()),
        present=_shops,
        followed=True,
        page="/lists/returns",
        news=_shop_news,
    ),
    Resource(
        name="return-chains",
        item=ChainItem,
        filters=Filters,
        source=Fixed(_chains, Filters(), lambda pair: pair[0].id),
        present=_chain_items,
        page="/lists/returns",
    ),
)
