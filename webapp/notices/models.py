"""Messages to people: the outbox that is sent after the commit, and notices shown inside."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Code, Id, Instant, choice, fk
from webapp.core.language import Language, language_column
from webapp.core.secrets import EncryptedText


class Channel(enum.StrEnum):
    """How a message leaves."""

    SMS = "sms"
    EMAIL = "email"


class OutboxMessage(Base):
    """A message to send exactly once after the transaction that wrote it. Address and text are encrypted."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.Index("ix_outbox_message_waiting", "sent_at", "send_after"),
        sa.Index("ix_outbox_message_send_after", "send_after"),
        sa.Index("ix_outbox_message_phone_hash", "phone_hash", "send_after"),
    )

    id: Mapped[Id]
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    address: Mapped[str] = mapped_column(EncryptedText)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))  # for counting what one address gets
    subject: Mapped[str | None] = mapped_column(sa.String(200))  # of an e-mail; says nothing personal
    text: Mapped[str] = mapped_column(EncryptedText)
    language: Mapped[Language] = language_column("language")  # of the text
    template: Mapped[Code]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    created_at: Mapped[Instant]
    send_after: Mapped[Instant]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))
    given_up_at: Mapped[datetime | None]  # refused for good, or too old to be of use


class Notice(Base):
    """A notice to a signed-in account: a word key with its details, a link, read or not.

    `key` names the occasion and the account: the same occasion leaves one notice.
    """

    __tablename__ = "notice"
    __table_args__ = (sa.Index("uq_notice_key", "key", unique=True),)

    id: Mapped[Id]
    account_id: Mapped[int] = fk("account.id")
    word: Mapped[str] = mapped_column(sa.String(120))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    url: Mapped[str] = mapped_column(sa.String(300))
    key: Mapped[str | None] = mapped_column(sa.String(80))
    created_at: Mapped[Instant]
    read_at: Mapped[datetime | None]
