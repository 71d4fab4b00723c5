"""The red and the black list, as anybody may read them: published, in their term, with two people's decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

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

from . import queries
from .models import Listing
from .rules import Colour


class ListingFilters(Filters):
    """Which entries."""

    colour: Literal["red", "black"] | None = None
    district: District | None = None
    category: Category | None = None
    q: Text | None = None


class ListingItem(Item):
    """One entry. An entry that has ended is in no answer."""

    id: int
    colour: Literal["red", "black"]
    ground: str
    ground_text: str
    basis: str
    summary: str
    published_at: Instant
    term_until: date | None
    under_appeal: bool
    reply: str | None
    decided_by: str | None
    shop: ShopRef
    page: str
    proof: Proof | None


def _select(wanted: ListingFilters, today: date) -> sa.Select[tuple[Listing]]:
    return queries.public_entries(
        today,
        colour=None if wanted.colour is None else Colour(wanted.colour),
        region=bare(wanted.district),
        category=bare(wanted.category),
        text=bare(wanted.q),
    )


def _present(rows: Sequence[Listing], _today: date) -> list[ListingItem]:
    shops, deciders = shop_refs(row.shop for row in rows), queries.deciding_regions(rows)
    proved = proofs("listing", [row.id for row in rows], "listing.confirm", "listing.publish")
    appeals = queries.under_appeal_entries([row.id for row in rows])
    found = []
    for row in rows:
        ground = f"listing.ground.{row.colour.value}.{row.ground}"
        if row.published_at is None:  # the database refuses it
            continue
        found.append(
            ListingItem(
                id=row.id,
                colour=row.colour.value,
                ground=row.ground,
                ground_text=label(ground),
                basis=label(f"{ground}.basis"),
                summary=row.public_summary,
                published_at=row.published_at,
                term_until=row.term_until,
                under_appeal=row.id in appeals,
                reply=row.public_reply or None,
                decided_by=deciders.get(row.id),
                shop=shops[row.shop_id],
                page=link(f"/lists/{row.colour.value}?q={row.shop_id}#listing-{row.id}"),
                proof=proved.get(row.id),
            )
        )
    return found


def _news(item: ListingItem) -> News:
    list_name, until = label(f"listing.colour.{item.colour}"), item.term_until
    told = [item.summary, item.basis]
    if item.under_appeal:
        told.append(label("api.listings.under_appeal"))
    if item.reply:
        told.append(label("api.listings.reply", reply=item.reply))
    if until is not None:
        told.append(label("api.news.until", day=until.isoformat()))
    title = label("api.listings.news", name=item.shop.name, list=list_name, ground=item.ground_text)
    return News(title, "\n".join(told), item.page, item.published_at)


RESOURCES = (
    Resource(
        name="listings",
        item=ListingItem,
        filters=ListingFilters,
        source=Table(_select, Listing.id, ListingFilters()),
        present=_present,
        followed=True,
        page="/lists/red",
        news=_news,
    ),
)
