"""Forgetting scan counts: hours after some weeks, days after some years."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.core import clock, policy
from webapp.core.db import db

from .models import ScanCount, ScanDay, ScanWriter

FORGET_EVERY_SECONDS = 600
#: Rows of a table that go in one turn: counts of other workers wait meanwhile on SQLite.
AT_ONCE = 20_000
#: A worker that wrote nothing for so long has ended; its number guards no batch any more.
WRITER_DAYS = 7


def forget_old(now: datetime) -> int:
    """Delete hours older than ``scan.hour_days`` and days older than ``scan.day_days``; how many rows went."""
    today = clock.day_of(now)
    gone = 0
    for table, key in ((ScanCount, "scan.hour_days"), (ScanDay, "scan.day_days")):
        before = (today - timedelta(days=policy.get_int(key, today))).isoformat()
        columns = [table.__table__.c[column.name] for column in table.__table__.primary_key]
        old = sa.select(*columns).where(table.day < before).order_by(table.day).limit(AT_ONCE)
        gone += _count(sa.delete(table).where(sa.tuple_(*columns).in_(old)))
    gone += _count(sa.delete(ScanWriter).where(ScanWriter.at < now - timedelta(days=WRITER_DAYS)))
    return gone


def _count(statement: sa.Delete) -> int:
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]
