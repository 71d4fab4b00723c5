"""Disclosed cases, and the newest figures of complaints by city, district, line of business and shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from webapp.complaints.rules import TOPICS
from webapp.merchants.api import ShopRef, shop_refs
from webapp.openapi.declaring import (
    Category,
    District,
    Field,
    Filters,
    Instant,
    Item,
    Proof,
    Resource,
    Table,
    bare,
    link,
    proofs,
)

from . import queries
from .models import Disclosure, OpenFigure
from .opendata import TRADES

Topic = Literal[tuple(TOPICS)]  # type: ignore[valid-type]


class CaseFilters(Filters):
    """Which cases."""

    district: District | None = None
    category: Category | None = None
    topic: Topic | None = None  # type: ignore[valid-type]


class CaseItem(Item):
    """A case that its consumer let be told, scrubbed of everybody."""

    id: int
    topic: str
    story: str
    outcome: str
    reply: str | None
    published_at: Instant
    corrected_at: Instant | None
    shop: ShopRef
    page: str
    proof: Proof | None


class FigureFilters(Filters):
    """Which groups."""

    kind: Literal["all", "regions", "industries", "shops"] | None = None


class FigureItem(Item):
    """Counts of complaints of one group. Rates per myriad; null below the smallest sample. No verdict on quality."""

    key: str = Field(examples=["regions:130606"])
    kind: str
    code: str
    complaints: int
    ended: int
    settle_first_ended: int
    settled: int
    settlement_rate: int | None
    mediation_ended: int
    mediation_agreed: int
    mediation_rate: int | None
    answers_due: int
    answers_on_time: int
    on_time_rate: int | None
    median_days: int | None
    scans: int
    day: date | None


def _cases(wanted: CaseFilters, _today: date) -> sa.Select[tuple[Disclosure]]:
    return queries.published(
        region=bare(wanted.district), category=bare(wanted.category), topic=bare(wanted.topic)
    )


def _case_items(rows: Sequence[Disclosure], _today: date) -> list[CaseItem | None]:
    shops = shop_refs(row.complaint.shop for row in rows)
    proved = proofs("disclosure", [row.id for row in rows], "disclosure.publish", "disclosure.correct")
    return [
        None
        if row.published_at is None
        else CaseItem(
            id=row.id,
            topic=row.complaint.topic,
            story=row.story,
            outcome=row.outcome,
            reply=row.reply or None,
            published_at=row.published_at,
            corrected_at=row.corrected_at,
            shop=shops[row.complaint.shop_id],
            page=link(f"/disclosures/{row.id}"),
            proof=proved.get(row.id),
        )
        for row in rows
    ]


_KEY = OpenFigure.kind + ":" + OpenFigure.code


def _figures(wanted: FigureFilters, _today: date) -> sa.Select[tuple[OpenFigure]]:
    found = sa.select(OpenFigure).where(OpenFigure.kind != TRADES)
    return found if wanted.kind is None else found.where(OpenFigure.kind == wanted.kind)


def _figure_items(rows: Sequence[OpenFigure], _today: date) -> list[FigureItem]:
    snapshot = queries.newest_snapshot()
    day = None if snapshot is None else snapshot.day
    counted = [
        name for name in FigureItem.model_fields if name not in {"key", "kind", "code", "scans", "day"}
    ]

    def item(row: OpenFigure) -> FigureItem:
        figures: dict[str, Any] = {name: row.figures[name] for name in counted}
        key = f"{row.kind}:{row.code}"
        return FigureItem(key=key, kind=row.kind, code=row.code, scans=row.scans, day=day, **figures)

    return [item(row) for row in rows]


RESOURCES = (
    Resource(
        name="disclosures",
        item=CaseItem,
        filters=CaseFilters,
        source=Table(_cases, Disclosure.id, CaseFilters()),
        present=_case_items,
        followed=True,
        page="/disclosures",
    ),
    Resource(
        name="complaint-statistics",
        item=FigureItem,
        filters=FigureFilters,
        source=Table(
            _figures, _KEY, FigureFilters(), newest=False, read_key=lambda row: f"{row.kind}:{row.code}"
        ),
        present=_figure_items,
        key=str,
        page="/disclosures",
    ),
)
