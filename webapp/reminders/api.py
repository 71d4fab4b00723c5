"""Consumer reminders and warnings that stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa

from webapp.openapi.declaring import (
    Category,
    District,
    Field,
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
from .models import Reminder


class ReminderFilters(Filters):
    """Which reminders. A district, category or industry also has those for all of them."""

    kind: Literal["reminder", "warning"] | None = None
    district: District | None = None
    category: Category | None = None
    industry: str | None = Field(default=None, pattern=r"^[0-9A-Za-z]{1,40}$", examples=["6210"])
    q: Text | None = None


class ReminderItem(Item):
    """One reminder or warning. One that has ended is in no answer."""

    id: int
    kind: Literal["reminder", "warning"]
    title: str
    body: str
    ground: str
    ground_text: str
    region: str
    category: str | None
    industry: str | None
    shops: list[int]
    shop_names: list[str]
    published_at: Instant
    changed_at: Instant | None
    term_until: date
    page: str
    proof: Proof | None


def _select(wanted: ReminderFilters, today: date) -> sa.Select[tuple[Reminder]]:
    asked = queries.Asked(
        region=bare(wanted.district),
        category=bare(wanted.category),
        industry=bare(wanted.industry),
        kind=bare(wanted.kind),
        text=bare(wanted.q),
    )
    return queries.public_list(today, asked)


def _present(rows: Sequence[Reminder], _today: date) -> list[ReminderItem]:
    proved = proofs("reminder", [row.id for row in rows], "reminder.publish", "reminder.revise")
    return [
        ReminderItem(
            id=row.id,
            kind=row.kind.value,
            title=row.title,
            body=row.body,
            ground=row.ground,
            ground_text=label(f"reminder.ground.{row.ground}"),
            region=row.region_code,
            category=row.category,
            industry=row.industry_code,
            shops=[shop.id for shop in row.shops],
            shop_names=[shop.public_full_name for shop in row.shops],
            published_at=row.published_at,
            changed_at=row.changed_at,
            term_until=row.term_until,
            page=link(f"/reminders/{row.id}"),
            proof=proved.get(row.id),
        )
        for row in rows
        if row.published_at is not None  # the database refuses it
    ]


def _news(item: ReminderItem) -> News:
    until = label("api.news.until", day=item.term_until.isoformat())
    title = f"{label(f'reminder.kind.{item.kind}')}：{item.title}"
    return News(title, f"{item.body}\n{until}", item.page, item.published_at)


RESOURCES = (
    Resource(
        name="reminders",
        item=ReminderItem,
        filters=ReminderFilters,
        source=Table(_select, Reminder.id, ReminderFilters()),
        present=_present,
        followed=True,
        page="/reminders",
        news=_news,
    ),
)
