"""The day's open data of ratings and the scores counted from them: what the directory sorts by, anybody can recompute.

A row has the shop, its category, the day, how the rater came and the five hearts: what stands on the shop's page
anyway. No words, photo, hour, device or number. Rows are sorted by their own columns.
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

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.merchants.models import Shop

from .models import Rating, RatingScore, RatingSnapshot
from .rules import HEARTS
from .score import COLUMNS, Numbers, recompute

#: How many days' snapshots are kept.
KEPT: Final = 7
_BATCH = 1000


def numbers_on(day: date) -> Numbers:
    """What the formula rests on, as in force on `day`."""
    keys = ("rating.half_life_days", "rating.prior_ratings", "rating.other_percent")
    return Numbers(*(policy.get_int(key, day) for key in keys))


def newest() -> RatingSnapshot | None:
    """The newest snapshot, without its files; None before the first."""
    return db.session.scalar(sa.select(RatingSnapshot).order_by(RatingSnapshot.day.desc()).limit(1))


def packed(day: date, which: str) -> bytes:
    """A file of a snapshot (``csv`` or ``scores``), gzipped as it is kept."""
    column = getattr(RatingSnapshot, which)
    return bytes(db.session.scalars(sa.select(column).where(RatingSnapshot.day == day)).one())


def file_of(day: date, which: str) -> bytes:
    """The same as published."""
    return gzip.decompress(packed(day, which))


def make_due(now: datetime) -> int:
    """The job: make the snapshot of the present day once it has begun; 1 when one was made."""
    if db.session.get(RatingSnapshot, clock.day_of(now)) is not None:
        return 0
    make(now)
    return 1


def make(now: datetime) -> RatingSnapshot:
    """Make (or make anew) the day's rows, scores and ranks, of the ratings given before the day, as they stand now."""
    today = clock.day_of(now)
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = sorted(_rows(today))
    writer.writerows(rows)
    as_csv = table.getvalue().encode()
    scored = recompute(as_csv, today, numbers_on(today))
    snapshot = RatingSnapshot(
        day=today,
        made_at=now,
        rows=len(rows),
        csv=gzip.compress(as_csv, mtime=0),
        scores=gzip.compress(scored, mtime=0),
        csv_sha256=hashlib.sha256(as_csv).hexdigest(),
        scores_sha256=hashlib.sha256(scored).hexdigest(),
    )
    old = sa.or_(RatingSnapshot.day == today, RatingSnapshot.day < today - timedelta(days=KEPT))
    db.session.execute(sa.delete(RatingSnapshot).where(old))
    db.session.add(snapshot)
    _rank(json.loads(scored)["shops"])
    return snapshot


def _rank(shops: dict[str, dict[str, int]]) -> None:
    """Replace the scores by which shops are sorted."""
    db.session.execute(sa.delete(RatingScore))
    rows: list[dict[str, Any]] = [
        {"shop_id": int(shop), "score": found["score"], "count": found["count"]}
        for shop, found in shops.items()
    ]
    for start in range(0, len(rows), _BATCH):
        db.session.execute(sa.insert(RatingScore), rows[start : start + _BATCH])
    db.session.flush()


def _rows(today: date) -> Iterator[tuple[str, ...]]:
    first = today - timedelta(days=policy.get_int("rating.open_days", today))
    columns = (
        Rating.shop_id,
        Shop.category,
        Rating.created_at,
        Rating.origin,
        *(getattr(Rating, heart) for heart in HEARTS),
        Rating.removed_ground,
    )
    given = (
        Rating.created_at >= clock.end_of_day(first - timedelta(days=1)),
        Rating.created_at < clock.end_of_day(today - timedelta(days=1)),
    )
    for row in db.session.execute(sa.select(*columns).join(Shop).where(*given)):
        marks = ("",) * len(HEARTS) if row.removed_ground else tuple(map(str, row[4:9]))
        yield (
            str(row.shop_id),
            row.category.value if row.category else "",
            clock.day_of(row.created_at).isoformat(),
            row.origin.value,
            *marks,
            row.removed_ground or "",
        )
