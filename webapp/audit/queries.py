"""Reading the audit trail."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db

from .models import AuditEvent


def history(subject_type: str, subject_id: int, limit: int = 200) -> list[AuditEvent]:
    """What happened to one thing, newest first."""
    statement = (
        sa.select(AuditEvent)
        .where(AuditEvent.subject_type == subject_type, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def shop_history(shop_id: int, *, public_only: bool = False, limit: int = 200) -> list[AuditEvent]:
    """What happened to a shop and everything of it, newest first."""
    statement = sa.select(AuditEvent).where(AuditEvent.shop_id == shop_id)
    if public_only:
        statement = statement.where(AuditEvent.public)
    return list(db.session.scalars(statement.order_by(AuditEvent.id.desc()).limit(limit)))
