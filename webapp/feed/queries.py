"""Reading the change feed."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db

from .models import Change


def head() -> int:
    """The newest change's number, 0 when there is none. Ask before reading what a page shows."""
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.max(Change.seq), 0))) or 0)


def since(seq: int, limit: int = 500) -> list[Change]:
    """The changes after `seq` in order, at most `limit`."""
    statement = sa.select(Change).where(Change.seq > seq).order_by(Change.seq).limit(limit)
    return list(db.session.scalars(statement))
