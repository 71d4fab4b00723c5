"""Reading the cases of the plan's figures: complaints and tips with their clocks, in batches, nothing personal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.clocks.models import ClockRow
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ENDED as COMPLAINT_ENDED
from webapp.complaints.rules import Route
from webapp.core import clock
from webapp.core.actor import Post
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.queries import covered
from webapp.regions.models import Station
from webapp.tips.models import Tip
from webapp.tips.rules import ENDED as TIP_ENDED

from .rules import Figure, Matter, Subject, Ticking, judge

_BATCH = 2000


@dataclass(frozen=True)
class Within:
    """Whose cases: those that `posts` cover (and a second set for tips), in one county or of one station if named."""

    complaints: tuple[Post, ...]
    tips: tuple[Post, ...]
    aside_from: frozenset[int] = frozenset()  # operators of which the officer learns nothing here
    county: str = ""
    station_id: int | None = None


def matters(within: Within, first: date, last: date, now: datetime) -> Iterator[Matter]:
    """Every complaint and tip received on the days `first` to `last`, oldest first in each kind."""
    yield from _complaints(within, first, last, now)
    yield from _tips(within, first, last, now)


def cases(
    within: Within, first: date, last: date, now: datetime, figure: Figure, *, kept: bool | None = None
) -> list[Matter]:
    """The cases behind a figure, newest first: all that count, or only those that kept or missed it."""
    found = [
        matter
        for matter in matters(within, first, last, now)
        if (verdict := judge(matter, figure)) is not None and kept in {None, verdict}
    ]
    return sorted(found, key=lambda matter: (matter.received_on, matter.id), reverse=True)


def stations(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of stations."""
    wanted = [number for number in ids if number is not None]
    rows = db.session.execute(sa.select(Station.id, Station.name).where(Station.id.in_(wanted)))
    return dict(rows.tuples().all())


def _complaints(within: Within, first: date, last: date, now: datetime) -> Iterator[Matter]:
    model = Complaint
    columns = (model.route, model.referred_at, model.accepted_at)
    for row, clocks in _rows(model, "complaint", columns, within.complaints, within, first, last, now):
        straight = row.route is Route.AUTHORITY
        yield Matter(
            **_shared(Subject.COMPLAINT, row, clocks),
            ended=row.state in COMPLAINT_ENDED,
            settle_first=not straight,
            with_authority=straight or row.referred_at is not None,
            accepted=row.accepted_at is not None,
        )


def _tips(within: Within, first: date, last: date, now: datetime) -> Iterator[Matter]:
    for row, clocks in _rows(Tip, "tip", (), within.tips, within, first, last, now):
        yield Matter(**_shared(Subject.TIP, row, clocks), ended=row.state in TIP_ENDED)


def _shared(subject: Subject, row: Any, clocks: tuple[Ticking, ...]) -> dict[str, Any]:
    return {
        "subject": subject,
        "id": row.id,
        "number": row.number,
        "shop_id": row.shop_id,
        "shop_name": f"{row.name}（{row.branch}）" if row.branch else row.name,
        "region_code": row.handler_region_code,
        "station_id": row.handler_station_id,
        "topic": row.topic,
        "state": row.state.value,
        "received_on": clock.day_of(row.received_at),
        "clocks": clocks,
    }


def _rows(
    model: type[Complaint | Tip],
    subject: str,
    columns: tuple[Any, ...],
    posts: tuple[Post, ...],
    within: Within,
    first: date,
    last: date,
    now: datetime,
) -> Iterator[tuple[Any, tuple[Ticking, ...]]]:
    wanted: list[sa.ColumnElement[bool]] = [
        covered(posts, model.handler_region_code, model.handler_station_id, model.handler_department_code),
        model.received_at >= clock.end_of_day(first - timedelta(days=1)),
        model.received_at < clock.end_of_day(last),
    ]
    if within.aside_from:
        wanted.append(Shop.operator_id.not_in(within.aside_from))
    if within.county:
        wanted.append(model.handler_region_code.startswith(within.county, autoescape=True))
    if within.station_id is not None:
        wanted.append(model.handler_station_id == within.station_id)
    statement = (
        sa.select(
            model.id,
            model.number,
            model.shop_id,
            Shop.name,
            Shop.branch,
            model.handler_region_code,
            model.handler_station_id,
            model.topic,
            model.state,
            model.received_at,
            *columns,
        )
        .join(Shop, Shop.id == model.shop_id)
        .where(*wanted)
        .order_by(model.id)
    )
    after = 0
    while rows := db.session.execute(statement.where(model.id > after).limit(_BATCH)).all():
        found = _clocks(subject, [row.id for row in rows], now)
        for row in rows:
            yield row, tuple(found.get(row.id, ()))
        after = rows[-1].id


def _clocks(subject: str, ids: list[int], now: datetime) -> dict[int, list[Ticking]]:
    columns = (ClockRow.subject_id, ClockRow.kind, ClockRow.ended_how, ClockRow.late, ClockRow.due_at)
    statement = sa.select(*columns).where(ClockRow.subject == subject, ClockRow.subject_id.in_(ids))
    found: dict[int, list[Ticking]] = {}
    for row in db.session.execute(statement):
        running_late = row.ended_how is None and row.due_at is not None and now > row.due_at
        found.setdefault(row.subject_id, []).append(
            Ticking(row.kind, row.ended_how, row.late if row.ended_how is not None else running_late)
        )
    return found
