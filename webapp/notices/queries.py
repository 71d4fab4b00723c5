"""Reading notices and the outbox."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import Notice, OutboxMessage


def unread(account_id: int) -> int:
    """How many notices the account has not opened."""
    statement = sa.select(sa.func.count()).where(Notice.account_id == account_id, Notice.read_at.is_(None))
    return db.session.scalar(statement) or 0


def of_account(account_id: int) -> sa.Select[tuple[Notice]]:
    """The account's notices, newest first (for paging)."""
    return sa.select(Notice).where(Notice.account_id == account_id).order_by(Notice.id.desc())


def get_notice(notice_id: int, account_id: int) -> Notice:
    """The account's notice; raises NotFound for another's."""
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.account_id != account_id:
        raise NotFound("no_such_thing")
    return notice


def outbox() -> sa.Select[tuple[OutboxMessage]]:
    """All messages, newest first (for paging)."""
    return sa.select(OutboxMessage).order_by(OutboxMessage.id.desc())
