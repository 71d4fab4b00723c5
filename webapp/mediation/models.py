"""Mediating bodies, their people, mediations, hearings, statements."""

from __future__ import annotations

import enum
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.complaints.models import Complaint
from webapp.core.actor import Scope
from webapp.core.db import BIG, Base, Code, Id, Instant, Json, Name, choice, fk
from webapp.core.secrets import EncryptedText
from webapp.regions.rules import office_phone

from .rules import Area, MediationState, MediatorKind


class MediationBody(Base):
    """A service station (消费维权服务站), an ODR enterprise or a people's mediation committee.

    `opening_hours` as a shop keeps them: weekday 1..7 to a list of ["HH:MM", "HH:MM"]; empty when nobody said.
    """

    __tablename__ = "mediation_body"
    __table_args__ = (sa.CheckConstraint("kind <> 'own'", name="kind_entrusted"),)

    id: Mapped[Id]
    kind: Mapped[MediatorKind] = mapped_column(choice(MediatorKind, "kind"))
    name: Mapped[Name] = mapped_column(unique=True)
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    address: Mapped[Name] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    contact: Mapped[str] = mapped_column(sa.String(80), default="")
    opening_hours: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[Instant]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    areas: Mapped[list[BodyArea]] = relationship(cascade="all, delete-orphan", order_by="BodyArea.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def scope(self) -> Scope:
        """Where it works."""
        return Scope(self.region_code, body_id=self.id)

    @property
    def public_phone(self) -> str:
        """The telephone as everybody may read it: no mobile number, which is somebody's own."""
        return office_phone(self.phone) or ""

    @property
    def area(self) -> Area:
        """Whom it serves."""
        regions = frozenset(one.region_code for one in self.areas if one.region_code is not None)
        return Area(regions, frozenset(one.mall_id for one in self.areas if one.mall_id is not None))


class BodyArea(Base):
    """A part of what a body serves: the shops of a region (a subtree), or those of a mall."""

    __tablename__ = "mediation_body_area"
    __table_args__ = (
        sa.CheckConstraint("(region_code IS NULL) <> (mall_id IS NULL)", name="region_or_mall"),
        sa.UniqueConstraint("body_id", "region_code"),
        sa.UniqueConstraint("body_id", "mall_id"),
    )

    id: Mapped[Id]
    body_id: Mapped[int] = fk("mediation_body.id", index=False)
    region_code: Mapped[str | None] = mapped_column(sa.String(9), index=True)
    mall_id: Mapped[int | None] = fk("mall.id")


class BodyFile(Base):
    """A file of bodies that an officer handed in: looked at row by row, and done once confirmed.

    `rows`: {"headings": [column], "rows": [[line, {column: text}]]}. `changed`: how many bodies it changed in the end.
    """

    __tablename__ = "mediation_body_file"
    __table_args__ = (sa.CheckConstraint("confirmed_at IS NULL OR dropped_at IS NULL", name="one_end"),)

    id: Mapped[Id]
    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    rows: Mapped[Json]
    uploaded_by_id: Mapped[int] = fk("account.id")
    uploaded_at: Mapped[Instant]
    confirmed_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    changed: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class Mediator(Base):
    """An account that acts for a body."""

    __tablename__ = "mediator"

    account_id: Mapped[int] = mapped_column(
        BIG, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    body_id: Mapped[int] = fk("mediation_body.id")
    added_at: Mapped[Instant]
    removed_at: Mapped[datetime | None]


_OPEN = sa.text("state = 'open'")


class Mediation(Base):
    """One attempt to bring both sides together. A complaint has one open at a time."""

    __tablename__ = "mediation"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'own') = (body_id IS NULL)", name="body_if_entrusted"),
        sa.CheckConstraint(
            "state <> 'agreed' OR (consumer_signed_at IS NOT NULL AND merchant_signed_at IS NOT NULL)",
            name="agreed_by_both",
        ),
        sa.Index(
            "uq_mediation_open", "complaint_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id")
    kind: Mapped[MediatorKind] = mapped_column(choice(MediatorKind, "kind"))
    body_id: Mapped[int | None] = fk("mediation_body.id")
    state: Mapped[MediationState] = mapped_column(
        choice(MediationState, "state"), default=MediationState.OPEN
    )
    opened_by_id: Mapped[int | None] = mapped_column(BIG)
    opened_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]
    agreement: Mapped[str | None] = mapped_column(EncryptedText)
    outcome: Mapped[str | None]
    consumer_name: Mapped[str | None] = mapped_column(EncryptedText)  # who signed
    consumer_signed_at: Mapped[datetime | None]
    merchant_name: Mapped[str | None] = mapped_column(EncryptedText)
    merchant_signed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    complaint: Mapped[Complaint] = relationship(lazy="joined")
    body: Mapped[MediationBody | None] = relationship(lazy="joined")
    hearings: Mapped[list[Hearing]] = relationship(order_by="Hearing.at")
    statements: Mapped[list[Statement]] = relationship(order_by="Statement.id")

    @property
    def scope(self) -> Scope:
        """The complaint's office and operator, and the body while the dispute is or was its own affair."""
        body_id = None if self.state is MediationState.RETURNED else self.body_id
        return replace(self.complaint.scope, body_id=body_id)

    @property
    def signed_by_both(self) -> bool:
        """Have both sides signed the text as it stands?"""
        return self.consumer_signed_at is not None and self.merchant_signed_at is not None

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class HearingMode(enum.StrEnum):
    """How the sides meet."""

    ON_SITE = "on_site"
    PHONE = "phone"
    VIDEO = "video"


class Hearing(Base):
    """A date on which the sides are heard. `held`: None until somebody wrote down whether it took place."""

    __tablename__ = "hearing"

    id: Mapped[Id]
    mediation_id: Mapped[int] = fk("mediation.id")
    at: Mapped[Instant]
    mode: Mapped[HearingMode] = mapped_column(choice(HearingMode, "mode"))
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    cancelled_at: Mapped[datetime | None]
    held: Mapped[bool | None]
    absent: Mapped[Code] = mapped_column(default="")  # "", consumer, merchant, both
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    set_by_id: Mapped[int | None] = mapped_column(BIG)
    set_at: Mapped[Instant]


class Statement(Base):
    """What one side states before a hearing, in its own words or as taken down."""

    __tablename__ = "mediation_statement"
    __table_args__ = (sa.CheckConstraint("side IN ('consumer', 'merchant')", name="side"),)

    id: Mapped[Id]
    mediation_id: Mapped[int] = fk("mediation.id")
    side: Mapped[Code]
    text: Mapped[str] = mapped_column(EncryptedText)
    by_id: Mapped[int | None] = mapped_column(BIG)
    at: Mapped[Instant]
