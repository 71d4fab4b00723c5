"""The day's open data: rows without personal data and free text, and the figures counted from them.

What could point at a person is left out or coarse: no number, no words, no time of day, no day of the event, sums in
bands. Rows are sorted by their own columns, so that their order tells nothing about numbers either.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.complaints.rules import ENDED, Route
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.scans.models import ScanDay

from .models import OpenFigure, OpenSnapshot
from .recount import COLUMNS, canonical, recount

#: Upper ends of the bands of sums, yuan.
BANDS: Final = (100, 500, 1000, 5000, 20_000)
#: How many days' snapshots are kept.
KEPT: Final = 7
_BATCH = 1000
#: Kind of figure: a trade of a district, see :func:`_trades`.
TRADES: Final = "trades"


def band(fen: int | None) -> str:
    """The band of a sum: ``none``, ``0-100``, … ``20000+`` yuan; the upper end belongs to the band."""
    if fen is None:
        return "none"
    low = 0
    for high in BANDS:
        if fen <= high * 100:
            return f"{low}-{high}"
        low = high
    return f"{BANDS[-1]}+"


def make_due(now: datetime) -> int:
    """The job: make the snapshot of the present day once it has begun; 1 when one was made."""
    if db.session.get(OpenSnapshot, clock.day_of(now)) is not None:
        return 0
    make(now)
    return 1


def make(now: datetime) -> OpenSnapshot:
    """Make (or make anew) the snapshot of the present day: the complaints received before it, as they stand now."""
    today = clock.day_of(now)
    first = today - timedelta(days=policy.get_int("disclosure.days", today))
    records = sorted(_rows(first, today, now))
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(records)
    as_csv = table.getvalue().encode()
    as_json = canonical([dict(zip(COLUMNS, record, strict=True)) for record in records]) + b"\n"
    counted = recount(as_csv, policy.get_int("disclosure.min_sample", today))
    snapshot = OpenSnapshot(
        day=today,
        made_at=now,
        rows=len(records),
        csv=gzip.compress(as_csv, mtime=0),
        json=gzip.compress(as_json, mtime=0),
        figures=gzip.compress(counted, mtime=0),
        csv_sha256=hashlib.sha256(as_csv).hexdigest(),
        json_sha256=hashlib.sha256(as_json).hexdigest(),
        figures_sha256=hashlib.sha256(counted).hexdigest(),
    )
    _keep(snapshot, json.loads(counted), first, today)
    return snapshot


def _keep(snapshot: OpenSnapshot, document: dict[str, Any], first: date, today: date) -> None:
    db.session.execute(
        sa.delete(OpenSnapshot).where(
            sa.or_(OpenSnapshot.day == today, OpenSnapshot.day < today - timedelta(days=KEPT))
        )
    )
    db.session.add(snapshot)
    db.session.execute(sa.delete(OpenFigure))
    scans = _scans(first, today)
    rows = [{"kind": "all", "code": "", "figures": document["all"], "scans": scans["all"].get("", 0)}]
    for kind in ("regions", "industries", "shops"):
        rows += [
            {"kind": kind, "code": code, "figures": found, "scans": scans[kind].get(code, 0)}
            for code, found in document[kind].items()
        ]
    rows += _trades(first, today)
    for start in range(0, len(rows), _BATCH):
        db.session.execute(sa.insert(OpenFigure), rows[start : start + _BATCH])
    db.session.flush()


def _trades(first: date, today: date) -> list[dict[str, Any]]:
    """By trade of a district (``130606:6220``): shops that were scanned, their scans, their complaints, same days.

    For the shops' own pages: what a count means beside those of its neighbours. Not among the open figures, which
    anybody recounts from the rows: whether a shop was scanned is not in them.
    """
    trade = sa.func.substr(Shop.region_code, 1, 6) + ":" + Shop.industry_code
    scanned = (
        sa.select(trade, sa.func.sum(ScanDay.count), sa.func.count(sa.distinct(ScanDay.shop_id)))
        .join(Shop, Shop.id == ScanDay.shop_id)
        .where(ScanDay.day >= first.isoformat(), ScanDay.day < today.isoformat())
        .group_by(trade)
    )
    received = (
        sa.select(trade, sa.func.count(Complaint.id))
        .join(Shop, Shop.id == Complaint.shop_id)
        .where(
            Complaint.received_at >= clock.end_of_day(first - timedelta(days=1)),
            Complaint.received_at < clock.end_of_day(today - timedelta(days=1)),
        )
        .group_by(trade)
    )
    complaints = dict(db.session.execute(received).tuples().all())
    return [
        {
            "kind": TRADES,
            "code": code,
            "figures": {"shops": int(shops), "complaints": complaints.get(code, 0)},
            "scans": int(scans),
        }
        for code, scans, shops in db.session.execute(scanned)
        if code
    ]


def _rows(first: date, today: date, now: datetime) -> Iterator[tuple[str, ...]]:
    columns = (
        Complaint.shop_id,
        Shop.region_code,
        Shop.industry_code,
        Complaint.topic,
        Complaint.demand,
        Complaint.amount_fen,
        Complaint.route,
        Complaint.law,
        Complaint.received_at,
        Complaint.first_answered_at,
        Complaint.referred_at,
        Complaint.accepted_at,
        Complaint.ended_at,
        Complaint.answer_due_at,
        Complaint.state,
    )
    received = (
        Complaint.received_at >= clock.end_of_day(first - timedelta(days=1)),
        Complaint.received_at < clock.end_of_day(today - timedelta(days=1)),
    )
    for row in db.session.execute(sa.select(*columns).join(Shop).where(*received)):
        ended = row.state in ENDED
        yield (
            str(row.shop_id),
            row.region_code[:6],
            row.industry_code or "",
            row.topic,
            row.demand.value,
            band(row.amount_fen),
            row.route.value,
            row.law,
            _day(row.received_at),
            _day(row.first_answered_at),
            _day(row.referred_at),
            _day(row.accepted_at),
            _day(row.ended_at) if ended else "",
            _on_time(row, now),
            row.state.value if ended else "open",
        )


def _day(instant: datetime | None) -> str:
    return "" if instant is None else clock.day_of(instant).isoformat()


def _on_time(row: Any, now: datetime) -> str:
    """Was the first answer on time? Empty while it is not due, where the complaint ended before it was, and where the
    merchant was not asked to answer first (what went straight to the authority). The same as `answered_in_time` and
    `unanswered_past` of the complaints.
    """
    if row.route is not Route.SETTLE_FIRST:
        return ""
    if row.first_answered_at is not None:
        return "yes" if row.first_answered_at <= row.answer_due_at else "no"
    until = row.ended_at if row.state in ENDED else now
    return "no" if row.answer_due_at < until else ""


def _scans(first: date, today: date) -> dict[str, dict[str, int]]:
    """Scans by group in the same days."""
    county = sa.func.substr(Shop.region_code, 1, 6)
    count = sa.func.sum(ScanDay.count)
    within = (ScanDay.day >= first.isoformat(), ScanDay.day < today.isoformat())

    def by(code: Any, *also: sa.ColumnElement[bool]) -> dict[str, int]:
        statement = sa.select(code, count).join(Shop, Shop.id == ScanDay.shop_id).where(*within, *also)
        return {
            str(found): int(total) for found, total in db.session.execute(statement.group_by(code)) if found
        }

    return {
        "all": {"": int(db.session.scalar(sa.select(count).where(*within)) or 0)},
        "regions": by(county),
        "industries": by(Shop.industry_code),
        "shops": by(ScanDay.shop_id, ScanDay.shop_id.in_(sa.select(Complaint.shop_id))),
    }
