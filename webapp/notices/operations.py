"""Writing messages: rows in the same transaction as what they tell of; they leave after its commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult

from webapp.core.db import Base, db
from webapp.core.errors import TooMany
from webapp.core.language import USUAL, Language
from webapp.core.secrets import keyed_hash
from webapp.core.transaction import after_commit
from webapp.web.spoken import said_to

from . import ceilings, queries, rules, sender
from .approved import Approved
from .models import Channel, Notice, OutboxMessage


def send_sms(
    phone: str,
    word_key: str,
    details: dict[str, Any],
    key: str,
    now: datetime,
    *,
    language: Language,
    phone_ceiling: bool = True,
    first: bool = False,
) -> None:
    """Put an SMS into the outbox: the words of `word_key` with `details` filled in, for `phone` (E.164), in
    the `language` of who reads it there; in simplified Chinese where the gateway has no approved template for it.

    `key` (at most 80 characters) names the occasion: a second message with the same key is not written. It is
    sent after the present transaction commits, and forgotten with it.

    When a ceiling is reached, a one-time code raises TooMany (``sms_city_full``, ``sms_phone_full`` with `retry_after`
    seconds and `minutes`); other news to a phone that has had enough are given up, and the city's wait their turn.
    Without `phone_ceiling` only the city's counts: the caller bounds what goes to the phone. `first`: the first code
    that this asker has sent there today, which a higher ceiling bounds.
    """
    phone_hash = keyed_hash("sms-phone", phone)
    full = ceilings.reached(phone_hash, word_key, now, of_phone=phone_ceiling, first=first)
    if full is not None and rules.is_code(word_key):
        wait = int((full.until - now).total_seconds())
        raise TooMany(f"sms_{full.ceiling}_full", retry_after=wait, minutes=-(-wait // 60))
    approved: Approved = current_app.extensions["ydym.sms_templates"]
    spoken = approved.language(word_key, language)
    text = said_to(spoken, word_key, **details)
    _put(Channel.SMS, phone, phone_hash, word_key, spoken, text, None, key, full, now)


def send_mail(
    address: str,
    word_key: str,
    details: dict[str, Any],
    key: str,
    now: datetime,
    *,
    language: Language = USUAL,
) -> None:
    """Put an e-mail into the outbox: the words ``<word_key>.subject`` and ``<word_key>.text`` with `details`, in
    `language`.

    Like an SMS it leaves after the commit, once per `key`. When a ceiling is reached it is given up (the address's)
    or waits its turn (the city's).
    """
    address_hash = keyed_hash("mail-address", address.lower())
    full = ceilings.reached_by_mail(address_hash, now)
    text, subject = (said_to(language, f"{word_key}.{part}", **details) for part in ("text", "subject"))
    _put(Channel.EMAIL, address, address_hash, word_key, language, text, subject, key, full, now)


def _put(
    channel: Channel,
    address: str,
    address_hash: str,
    template: str,
    language: Language,
    text: str,
    subject: str | None,
    key: str,
    full: ceilings.Full | None,
    now: datetime,
) -> None:
    """Write the row, unless the occasion has one. A message that a ceiling holds back waits or is given up."""
    fate: dict[str, Any] = {"send_after": now}
    if full is not None:
        fate = {"send_after": full.until}
        if full.ceiling == ceilings.PHONE:
            reason = "ceiling of the phone" if channel is Channel.SMS else "ceiling of the address"
            fate = {"send_after": now, "given_up_at": now, "last_error": reason}
    statement = _insert(OutboxMessage).values(
        channel=channel,
        address=address,
        language=language,
        text=text,
        subject=subject,
        template=template,
        idempotency_key=key,
        phone_hash=address_hash,
        created_at=now,
        attempts=0,
        **fate,
    )
    db.session.execute(statement.on_conflict_do_nothing(index_elements=[OutboxMessage.idempotency_key]))
    after_commit(sender.wake)


def forget_old(now: datetime) -> int:
    """Delete messages that were sent or given up long ago; returns how many. Phone numbers are not kept for ever."""
    old = sa.delete(OutboxMessage).where(
        sa.or_(OutboxMessage.sent_at.is_not(None), OutboxMessage.given_up_at.is_not(None)),
        OutboxMessage.created_at < now - rules.KEPT_FOR,
    )
    return cast("CursorResult[Any]", db.session.execute(old)).rowcount


def _insert(table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can be told to do nothing where its row stands already."""
    bind = db.session.get_bind()
    return (postgresql.insert if bind.dialect.name == "postgresql" else sqlite.insert)(table)


def notify_once(
    account_id: int, word_key: str, details: dict[str, Any], url: str, key: str, now: datetime
) -> bool:
    """Leave a notice unless one with this `key` (at most 80 characters) was left before; True when it is new.

    Two transactions that tell of the same occasion at once leave one notice: the database sees to that.
    """
    row = _insert(Notice).values(
        account_id=account_id, word=word_key, details=details, url=url, key=key, created_at=now
    )
    row = row.on_conflict_do_nothing(index_elements=[Notice.key])
    return db.session.scalar(row.returning(Notice.id)) is not None


def notify(account_id: int, word_key: str, details: dict[str, Any], url: str, now: datetime) -> Notice:
    """Leave a notice inside for an account. `url` is a path of this site; `details` fill the words when it is shown."""
    notice = Notice(account_id=account_id, word=word_key, details=details, url=url, created_at=now)
    db.session.add(notice)
    return notice


def open_notice(notice_id: int, account_id: int, now: datetime) -> Notice:
    """Mark the account's notice as read; raises NotFound for another's."""
    notice = queries.get_notice(notice_id, account_id)
    if notice.read_at is None:
        notice.read_at = now
    return notice


def read_all(account_id: int, now: datetime) -> None:
    """Mark all notices of the account as read."""
    statement = sa.update(Notice).where(Notice.account_id == account_id, Notice.read_at.is_(None))
    db.session.execute(statement.values(read_at=now))
