"""Honours of shops, chains of shops that take back each other's goods, nominations, measures from a file."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Id, Instant, Json, Name, choice, fk
from webapp.merchants.models import Shop

from .rules import HonourKind, HonourState, NominationState

_STANDING = sa.text("state IN ('proposed', 'published')")


class ReturnChain(Base):
    """异地异店退换货: shops of one name where goods bought at one are taken back at any other, on these `terms`."""

    __tablename__ = "return_chain"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    terms: Mapped[str]
    region_code: Mapped[str] = mapped_column(sa.String(9))
    created_by_id: Mapped[int] = fk("account.id")
    created_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class Honour(Base):
    """A shop named as something good, by two people. `days` are for returning, `sector` is of a demonstration unit."""

    __tablename__ = "honour"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint(
            "state <> 'published' OR (decided_by_id IS NOT NULL AND published_at IS NOT NULL)",
            name="published_by_two",
        ),
        sa.CheckConstraint("kind <> 'demonstration' OR sector IS NOT NULL", name="demonstration_has_sector"),
        sa.CheckConstraint("kind = 'demonstration' OR days IS NOT NULL", name="return_has_days"),
        sa.CheckConstraint("(kind = 'cross_shop_return') = (chain_id IS NOT NULL)", name="chain"),
        sa.Index(
            "uq_honour_standing",
            "shop_id",
            "kind",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    kind: Mapped[HonourKind] = mapped_column(choice(HonourKind, "kind"))
    state: Mapped[HonourState] = mapped_column(choice(HonourState, "state"), default=HonourState.PROPOSED)
    sector: Mapped[str | None] = mapped_column(sa.String(40))
    standard: Mapped[Name] = mapped_column(default="")
    standard_part: Mapped[int | None]  # of the standard; None where it has none, or it is not known
    days: Mapped[int | None]
    terms: Mapped[str]
    chain_id: Mapped[int | None] = fk("return_chain.id")
    term_until: Mapped[date | None]
    review_on: Mapped[date | None]  # a return shop: by when its records are looked at anew
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    chain: Mapped[ReturnChain | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class ReturnRecord(Base):
    """What is known of a return shop's returns from `since` to `until`, both included: the evidence of its naming (the
    first) and of each yearly review. `policy` is what it promised then; `disputes` were counted by the platform.
    """

    __tablename__ = "return_record"
    __table_args__ = (
        sa.CheckConstraint("returns >= 0 AND refused >= 0 AND disputes >= 0", name="counts"),
        sa.CheckConstraint("until >= since", name="period"),
        sa.UniqueConstraint("honour_id", "until"),
    )

    id: Mapped[Id]
    honour_id: Mapped[int] = fk("honour.id", index=False)
    since: Mapped[date]
    until: Mapped[date]
    policy: Mapped[str]
    returns: Mapped[int]
    refused: Mapped[int]
    disputes: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[int] = fk("account.id")
    recorded_at: Mapped[Instant]


class Nomination(Base):
    """A shop that the rules name for the red list; `facts` are the counts by which they did."""

    __tablename__ = "nomination"

    shop_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("shop.id"), primary_key=True, autoincrement=False)
    state: Mapped[NominationState] = mapped_column(
        choice(NominationState, "state"), default=NominationState.OPEN
    )
    facts: Mapped[Json]
    nominated_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class MeasureState(enum.StrEnum):
    """A file of measures: seen and waiting for the second person, being done, done, or dropped."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DROPPED = "dropped"


class RowFate(enum.StrEnum):
    """What became of a row."""

    READY = "ready"
    REFUSED = "refused"  # at the preview
    DONE = "done"
    FAILED = "failed"  # it was ready, and the world has moved on


class Measure(Base):
    """Many shops dealt with at once, from a file: previewed by one officer, confirmed by another, then done."""

    __tablename__ = "measure"
    __table_args__ = (
        sa.CheckConstraint(
            "state NOT IN ('running', 'done') OR (decided_by_id IS NOT NULL AND decided_by_id <> uploaded_by_id)",
            name="two_people",
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[MeasureState] = mapped_column(choice(MeasureState, "state"), default=MeasureState.WAITING)
    file_name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)  # the file as it was handed in
    region_code: Mapped[str] = mapped_column(sa.String(9))
    uploaded_by_id: Mapped[int] = fk("account.id")
    uploaded_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class MeasureRow(Base):
    """A row of the file: its `cells` as read, the shop that it means, what became of it, what it made."""

    __tablename__ = "measure_row"
    __table_args__ = (sa.UniqueConstraint("measure_id", "line"),)

    id: Mapped[Id]
    measure_id: Mapped[int] = fk("measure.id", index=False)
    line: Mapped[int]
    shop_id: Mapped[int | None] = fk("shop.id")
    cells: Mapped[Json]
    fate: Mapped[RowFate] = mapped_column(choice(RowFate, "fate"))
    error: Mapped[str | None]
    made_id: Mapped[int | None] = mapped_column(BIG)

    shop: Mapped[Shop | None] = relationship(lazy="joined")
