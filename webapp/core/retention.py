"""Which ended records are past their term: the one rule of the jobs that erase."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from . import clock, policy
from .db import db

#: The policy's days for ended complaints and tips.
CASES: Final = "retention.case_days"
#: Records erased in one transaction of a job; it comes again.
AT_ONCE: Final = 100
EVERY_SECONDS: Final = 3600


def due(model: Any, key: str, now: datetime, *conditions: sa.ColumnElement[bool]) -> list[int]:
    """Ids of `model` (with `ended_at` and `erased_at`) that ended more than the policy `key`'s days before `now`."""
    days = policy.get_int(key, clock.day_of(now))
    statement = (
        sa.select(model.id)
        .where(model.ended_at < now - timedelta(days=days), model.erased_at.is_(None), *conditions)
        .order_by(model.id)
        .limit(AT_ONCE)
    )
    return list(db.session.scalars(statement))
