"""Complaints, everything said in them, offers, groups, answer templates."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.actor import Scope
from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk
from webapp.core.language import Language, language_column
from webapp.core.secrets import EncryptedText
from webapp.merchants.models import Shop

from .rules import ComplaintState, OfferState, Route, Source


class Demand(enum.StrEnum):
    """What the consumer asks for."""

    REFUND = "refund"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    APOLOGY = "apology"
    COMPENSATION = "compensation"
    EXPLANATION = "explanation"


class ComplaintGroup(Base):
    """Many complaints against one shop handled jointly (共同处理). Each complaint keeps its own state and clocks."""

    __tablename__ = "complaint_group"

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    title: Mapped[str] = mapped_column(sa.String(80))
    opened_by_id: Mapped[int] = mapped_column(BIG)
    opened_at: Mapped[Instant]
    closed_at: Mapped[datetime | None]

    shop: Mapped[Shop] = relationship(lazy="joined")


class Complaint(Base):
    """A consumer dispute. The consumer holds the receipt; only its keyed hash is kept (≥ 80 random bits).

    `submission_key` makes the same form sent twice one record. Name and phone are encrypted. `law` is fixed at receipt.
    `handler_*`: the office that handles it, at first the shop's own. `next_due_at`: what is due first.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        sa.Index("ix_complaint_queue", "state", "answer_due_at"),
        sa.Index("ix_complaint_handler", "handler_region_code", "state", "next_due_at"),
        sa.CheckConstraint("handling_stars IS NULL OR handling_stars BETWEEN 1 AND 5", name="handling_stars"),
        sa.CheckConstraint("refuse_ground IS NOT NULL OR state <> 'refused'", name="refused_on_a_ground"),
        sa.CheckConstraint("end_ground IS NOT NULL OR state <> 'closed'", name="ended_on_a_ground"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(
        sa.String(20), unique=True
    )  # shown to merchant and officer; opens nothing
    receipt_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    code_word_hash: Mapped[str | None] = mapped_column(
        sa.String(64)
    )  # with the number it opens the page, too
    submission_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    shop_id: Mapped[int] = fk("shop.id")
    sticker_serial: Mapped[int | None]
    source: Mapped[Source] = mapped_column(
        choice(Source, "source"), default=Source.SEARCH, server_default="search"
    )
    route: Mapped[Route] = mapped_column(
        choice(Route, "route"), default=Route.SETTLE_FIRST, server_default="settle_first"
    )
    law: Mapped[Code] = mapped_column(default="order121", server_default="order121")
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
    phone_verified_at: Mapped[datetime | None]
    contact_language: Mapped[Language] = language_column("contact_language")
    share_contact: Mapped[bool] = mapped_column(default=False)  # consent: the merchant may see the phone
    consent_disclosure: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    consent_entrust: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    handler_region_code: Mapped[str] = mapped_column(sa.String(9), default="", server_default="")
    handler_station_id: Mapped[int | None] = fk("station.id", index=False)
    handler_department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code"))
    group_id: Mapped[int | None] = fk("complaint_group.id")
    received_at: Mapped[Instant]
    answer_due_at: Mapped[Instant]
    next_due_at: Mapped[datetime | None]
    first_answered_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    referred_at: Mapped[datetime | None]  # received by the authority that handles it now
    accepted_at: Mapped[datetime | None]
    refuse_ground: Mapped[str | None] = mapped_column(sa.String(40))
    end_ground: Mapped[str | None] = mapped_column(sa.String(40))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]  # what it said of people is gone
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    handling_stars: Mapped[int | None]
    handling_said: Mapped[str | None]
    handling_rated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    messages: Mapped[list[ComplaintMessage]] = relationship(order_by="ComplaintMessage.id")
    offers: Mapped[list[Offer]] = relationship(order_by="Offer.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def scope(self) -> Scope:
        """Who may handle it: the office that has it now, and never one who must stand aside from the operator."""
        return Scope(
            self.handler_region_code or self.shop.region_code,
            self.handler_station_id,
            self.handler_department_code,
            self.shop.operator_id,
        )


class Side(enum.StrEnum):
    """Who spoke."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    OFFICER = "officer"
    MEDIATOR = "mediator"
    SYSTEM = "system"


class ComplaintMessage(Base):
    """One thing said or done. `internal` ones are for officers only."""

    __tablename__ = "complaint_message"

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id")
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    action: Mapped[Code]
    ground: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    text: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(BIG)
    at: Mapped[Instant]
    internal: Mapped[bool] = mapped_column(default=False)


_OPEN_OFFER = sa.text("state IN ('proposed', 'accepted')")


class Offer(Base):
    """What the merchant offers, how much and by when. Its acceptance is the consumer's signature under it.

    Only one offer of a complaint is open (proposed or accepted) at a time.
    """

    __tablename__ = "complaint_offer"
    __table_args__ = (
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name="amount"),
        sa.Index(
            "uq_complaint_offer_open",
            "complaint_id",
            unique=True,
            sqlite_where=_OPEN_OFFER,
            postgresql_where=_OPEN_OFFER,
        ),
    )

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id")
    state: Mapped[OfferState] = mapped_column(choice(OfferState, "state"), default=OfferState.PROPOSED)
    demand: Mapped[Demand] = mapped_column(choice(Demand, "demand"))
    amount_fen: Mapped[int | None] = mapped_column(BIG)
    text: Mapped[str]
    perform_by: Mapped[date]
    valid_until: Mapped[Instant]
    merchant_name: Mapped[str] = mapped_column(EncryptedText)  # who signs for the merchant
    made_by_id: Mapped[int | None] = mapped_column(BIG)
    made_at: Mapped[Instant]
    consumer_name: Mapped[str | None] = mapped_column(EncryptedText)
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class AnswerTemplate(Base):
    """Words that a merchant uses again."""

    __tablename__ = "answer_template"
    __table_args__ = (sa.UniqueConstraint("operator_id", "title"),)

    id: Mapped[Id]
    operator_id: Mapped[int] = fk("operator.id")
    title: Mapped[str] = mapped_column(sa.String(40))
    text: Mapped[str]
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    made_by_id: Mapped[int | None] = mapped_column(BIG)
    made_at: Mapped[Instant]
