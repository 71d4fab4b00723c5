"""Reading notices and the outbox."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import Channel, Notice, OutboxMessage
from .rules import CODE_TEMPLATE


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


def nth_leaving(
    nth: int, *conditions: sa.ColumnElement[bool], channel: Channel = Channel.SMS
) -> datetime | None:
    """When the `nth` last message of the channel that fits `conditions` leaves or left, one that waits included.

    None: there are fewer.
    """
    statement = (
        sa.select(OutboxMessage.send_after)
        .where(OutboxMessage.channel == channel, OutboxMessage.given_up_at.is_(None), *conditions)
        .order_by(OutboxMessage.send_after.desc())
        .offset(nth - 1)
        .limit(1)
    )
    return db.session.scalar(statement)


def codes(*, only: bool) -> sa.ColumnElement[bool]:
    """Condition on the outbox: one-time codes `only`, or all else."""
    return OutboxMessage.template == CODE_TEMPLATE if only else OutboxMessage.template != CODE_TEMPLATE


def left_since(since: datetime, now: datetime) -> int:
    """How many SMS were due between the two instants."""
    statement = sa.select(sa.func.count(OutboxMessage.id)).where(
        OutboxMessage.channel == Channel.SMS,
        OutboxMessage.given_up_at.is_(None),
        OutboxMessage.send_after > since,
        OutboxMessage.send_after <= now,
    )
    return int(db.session.scalar(statement) or 0)


def held(now: datetime) -> int:
    """How many SMS wait for a later hour."""
    statement = sa.select(sa.func.count(OutboxMessage.id)).where(
        OutboxMessage.channel == Channel.SMS,
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.given_up_at.is_(None),
        OutboxMessage.send_after > now,
    )
    return int(db.session.scalar(statement) or 0)
