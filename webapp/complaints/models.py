"""Complaints and everything said in them."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk
from webapp.core.secrets import EncryptedText
from webapp.merchants.models import Shop

from .rules import ComplaintState


class Demand(enum.StrEnum):
    """What the consumer asks for."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    APOLOGY = "apology"
    COMPENSATION = "compensation"
    EXPLANATION = "explanation"


class Complaint(Base):
    """A consumer dispute. The consumer holds the receipt; only its keyed hash is kept (≥ 80 random bits).

    `submission_key` makes the same form sent twice one record. Name and phone are encrypted.
    """

    __tablename__ = "complaint"
    __table_args__ = (sa.Index("ix_complaint_queue", "state", "answer_due_at"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        sa.String(20), unique=True
    )  # shown to merchant and officer; opens nothing
    receipt_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    submission_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    shop_id: Mapped[int] = fk("shop.id")
    sticker_serial: Mapped[int | None]
    state: Mapped[ComplaintState] = mapped_column(
        choice(ComplaintState, "state"), default=ComplaintState.SETTLING
    )
    topic: Mapped[Code]
    story: Mapped[str]
    demand: Mapped[Demand] = mapped_column(choice(Demand, "demand"))
    amount_fen: Mapped[int | None] = mapped_column(BIG)
    happened_on: Mapped[date | None]
    contact_name: Mapped[str | None] = mapped_column(EncryptedText)
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    contact_phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    share_contact: Mapped[bool] = mapped_column(default=False)  # consent: the merchant may see the phone
    received_at: Mapped[Instant]
    answer_due_at: Mapped[Instant]
    first_answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    messages: Mapped[list[ComplaintMessage]] = relationship(order_by="ComplaintMessage.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class Side(enum.StrEnum):
    """Who spoke."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    OFFICER = "officer"
    SYSTEM = "system"


class ComplaintMessage(Base):
    """One thing said or done. `internal` ones are for officers only."""

    __tablename__ = "complaint_message"

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id")
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    action: Mapped[Code]
    text: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(BIG)
    at: Mapped[Instant]
    internal: Mapped[bool] = mapped_column(default=False)
