"""Consumers who chose to sign in, their browsers, and what they keep together."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Id, Instant, fk
from webapp.core.language import Language, language_column
from webapp.core.secrets import EncryptedText

from .rules import NAME_MAX, PLACE_MAX, Ways


class Consumer(Base):
    """One consumer's account: a phone, a WeChat, or both. Nothing else is known of the person.

    `phone_hash` is the hash that complaints and tips carry; `wechat_hash` names the app and the openid, which itself is
    not kept.
    """

    __tablename__ = "consumer"
    __table_args__ = (
        sa.CheckConstraint("phone_hash IS NOT NULL OR wechat_hash IS NOT NULL", name="has_a_way_in"),
        sa.CheckConstraint("(phone IS NULL) = (phone_hash IS NULL)", name="phone_with_hash"),
        sa.Index("ix_consumer_seen_at", "seen_at"),
    )

    id: Mapped[Id]
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    wechat_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    language: Mapped[Language] = language_column("language")
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]

    @property
    def ways(self) -> Ways:
        """The ways in."""
        return Ways(self.phone_hash, self.wechat_hash)


class ConsumerSession(Base):
    """One signed-in browser. The cookie holds a random token; only its hash is kept, and the row goes at sign-out."""

    __tablename__ = "consumer_session"
    __table_args__ = (sa.Index("ix_consumer_session_expires_at", "expires_at"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    consumer_id: Mapped[int] = fk("consumer.id")
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    device: Mapped[str] = mapped_column(sa.String(120))


class ConsumerShop(Base):
    """A shop kept (收藏), or the mark of one taken out (`gone`): see ``static/js/favourites.js``. `at`: when, by the
    device's clock. The number is not a foreign key: a shop that went stays in the list, and the page says so.
    """

    __tablename__ = "consumer_shop"

    consumer_id: Mapped[int] = mapped_column(
        sa.ForeignKey("consumer.id"), primary_key=True, autoincrement=False
    )
    shop_number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(NAME_MAX))
    place: Mapped[str] = mapped_column(sa.String(PLACE_MAX))
    at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False)


class ConsumerRating(Base):
    """A rating that its writer put into the account. The link goes with the account; the rating stays, anonymous."""

    __tablename__ = "consumer_rating"

    rating_id: Mapped[int] = mapped_column(sa.ForeignKey("rating.id"), primary_key=True, autoincrement=False)
    consumer_id: Mapped[int] = fk("consumer.id")
