"""Tips, everything said in them, extensions of their verification."""

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

from .rules import ExtensionState, TipState


class Tip(Base):
    """A lead on a violation. The reporter holds a receipt of its own; the merchant never learns of a tip.

    `named` (实名): the reporter gave name and a verified phone and is told the outcome. `complaint_number`: filed with
    the same form as that complaint; the fates are separate.
    """

    __tablename__ = "tip"
    __table_args__ = (
        sa.Index("ix_tip_handler", "handler_region_code", "state", "next_due_at"),
        sa.CheckConstraint(
            "decision_ground IS NOT NULL OR state NOT IN ('case', 'no_case')", name="decided_on_a_ground"
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    receipt_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    code_word_hash: Mapped[str | None] = mapped_column(sa.String(64))
    submission_key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    complaint_number: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    shop_id: Mapped[int] = fk("shop.id")
    sticker_serial: Mapped[int | None]
    law: Mapped[Code]
    state: Mapped[TipState] = mapped_column(choice(TipState, "state"), default=TipState.VERIFYING)
    topic: Mapped[Code]
    story: Mapped[str]
    happened_on: Mapped[date | None]
    named: Mapped[bool] = mapped_column(default=False)
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    phone_verified_at: Mapped[datetime | None]
    reporter_language: Mapped[Language] = language_column("reporter_language")
    handler_region_code: Mapped[str] = mapped_column(sa.String(9))
    handler_station_id: Mapped[int | None] = fk("station.id", index=False)
    handler_department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code"))
    received_at: Mapped[Instant]
    next_due_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decision_ground: Mapped[str | None] = mapped_column(sa.String(40))
    decision_text: Mapped[str | None]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]  # what it said of people is gone
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    messages: Mapped[list[TipMessage]] = relationship(order_by="TipMessage.id")
    extensions: Mapped[list[TipExtension]] = relationship(order_by="TipExtension.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def scope(self) -> Scope:
        """Who may handle it."""
        return Scope(
            self.handler_region_code,
            self.handler_station_id,
            self.handler_department_code,
            self.shop.operator_id,
        )


class TipSide(enum.StrEnum):
    """Who spoke."""

    REPORTER = "reporter"
    OFFICER = "officer"
    SYSTEM = "system"


class TipMessage(Base):
    """One thing said or done. `internal` ones are for officers only."""

    __tablename__ = "tip_message"

    id: Mapped[Id]
    tip_id: Mapped[int] = fk("tip.id")
    side: Mapped[TipSide] = mapped_column(choice(TipSide, "side"))
    action: Mapped[Code]
    ground: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(BIG)
    at: Mapped[Instant]
    internal: Mapped[bool] = mapped_column(default=False)


_ONE_EXTENSION = sa.text("state IN ('asked', 'approved')")


class TipExtension(Base):
    """A request to verify for longer: granted once at most, by somebody who did not ask for it."""

    __tablename__ = "tip_extension"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        sa.Index(
            "uq_tip_extension_one",
            "tip_id",
            unique=True,
            sqlite_where=_ONE_EXTENSION,
            postgresql_where=_ONE_EXTENSION,
        ),
    )

    id: Mapped[Id]
    tip_id: Mapped[int] = fk("tip.id")
    state: Mapped[ExtensionState] = mapped_column(
        choice(ExtensionState, "state"), default=ExtensionState.ASKED
    )
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(BIG)
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(BIG)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
