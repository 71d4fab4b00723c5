"""Red and black list entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .process import CaseState
from .rules import Colour, ListingState

_STANDING = sa.text("state IN ('proposed', 'confirmed', 'published')")
_OPEN = sa.text("state = 'filed'")


class Listing(Base):
    """One entry: ground from the catalogue, evidence in words (files hang on it by owner), term. Two people.

    `hearing_until`: the merchant may speak before (`statement`); `heard_by_id` weighed it and gave `heard_answer`.
    `reply` is what the public reads beside the entry, unless an officer hid it with a reason. `severity` and
    `office_region` (of the bureau that confirmed) are kept as they were at the decision.
    """

    __tablename__ = "listing"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint("state <> 'published' OR decided_by_id IS NOT NULL", name="published_by_two"),
        sa.CheckConstraint("state <> 'confirmed' OR decided_by_id IS NOT NULL", name="confirmed_by_two"),
        sa.CheckConstraint(
            "hearing_until IS NULL OR published_at IS NULL OR published_at >= hearing_until OR statement IS NOT NULL",
            name="heard_first",
        ),
        sa.CheckConstraint("colour <> 'black' OR term_until IS NOT NULL", name="black_has_term"),
        sa.Index(
            "uq_listing_standing",
            "shop_id",
            "colour",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    colour: Mapped[Colour] = mapped_column(choice(Colour, "colour"))
    state: Mapped[ListingState] = mapped_column(choice(ListingState, "state"), default=ListingState.PROPOSED)
    ground: Mapped[Code]
    evidence: Mapped[str]
    public_summary: Mapped[str]
    term_until: Mapped[date | None]
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    severity: Mapped[str | None] = mapped_column(sa.String(40))
    office_region: Mapped[str | None] = mapped_column(sa.String(9))
    hearing_until: Mapped[datetime | None]
    statement: Mapped[str | None]
    statement_at: Mapped[datetime | None]
    statement_by_id: Mapped[int | None] = mapped_column(BIG)
    heard_by_id: Mapped[int | None] = mapped_column(BIG)
    heard_answer: Mapped[str | None]
    reply: Mapped[str | None]
    reply_at: Mapped[datetime | None]
    reply_by_id: Mapped[int | None] = mapped_column(BIG)
    reply_hidden_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    appeals: Mapped[list[ListingAppeal]] = relationship(order_by="ListingAppeal.id", back_populates="listing")
    repairs: Mapped[list[ListingRepair]] = relationship(order_by="ListingRepair.id", back_populates="listing")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def under_appeal(self) -> bool:
        """Has the merchant appealed, and nobody decided yet (申诉中)?"""
        return self.open_appeal is not None

    @property
    def open_appeal(self) -> ListingAppeal | None:
        """The appeal that waits for a decision."""
        return next((case for case in self.appeals if case.state is CaseState.FILED), None)

    @property
    def open_repair(self) -> ListingRepair | None:
        """The request for repair that waits for a decision."""
        return next((case for case in self.repairs if case.state is CaseState.FILED), None)

    @property
    def public_reply(self) -> str:
        """What the public reads of the merchant's own words."""
        return "" if self.reply_hidden_reason else self.reply or ""


class _Case:
    """What an appeal and a request for repair have in common; `due_on` is the last day for the decision."""

    id: Mapped[Id]
    state: Mapped[CaseState] = mapped_column(choice(CaseState, "state"), default=CaseState.FILED)
    text: Mapped[str]
    filed_at: Mapped[Instant]
    due_on: Mapped[date]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class ListingAppeal(_Case, Base):
    """申诉: decided by somebody who neither proposed, confirmed nor weighed the hearing. Files hang on it by owner."""

    __tablename__ = "listing_appeal"
    __table_args__ = (
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> listed_by_id AND decided_by_id <> confirmed_by_id"
            " AND (heard_by_id IS NULL OR decided_by_id <> heard_by_id))",
            name="took_no_part",
        ),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'dismissed') OR decided_by_id IS NOT NULL", name="decided_by_somebody"
        ),
        sa.Index(
            "uq_listing_appeal_open", "listing_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    listing_id: Mapped[int] = fk("listing.id")
    filed_by_id: Mapped[int] = fk("account.id")
    decided_by_id: Mapped[int | None] = fk("account.id")
    listed_by_id: Mapped[int] = fk("account.id")
    confirmed_by_id: Mapped[int] = fk("account.id")
    heard_by_id: Mapped[int | None] = fk("account.id")

    listing: Mapped[Listing] = relationship(lazy="joined", back_populates="appeals")

    __mapper_args__ = {"version_id_col": _Case.version}  # noqa: RUF012 - SQLAlchemy's own convention


class ListingRepair(_Case, Base):
    """A request for credit repair (信用修复): `receipt` is its number, `checks` how things stood when asked."""

    __tablename__ = "listing_repair"
    __table_args__ = (
        sa.CheckConstraint(
            "state NOT IN ('granted', 'dismissed') OR decided_by_id IS NOT NULL", name="decided_by_somebody"
        ),
        sa.Index(
            "uq_listing_repair_open", "listing_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    listing_id: Mapped[int] = fk("listing.id")
    filed_by_id: Mapped[int] = fk("account.id")
    decided_by_id: Mapped[int | None] = fk("account.id")
    receipt: Mapped[str] = mapped_column(sa.String(20), unique=True)
    checks: Mapped[list[Any]] = mapped_column(sa.JSON)

    listing: Mapped[Listing] = relationship(lazy="joined", back_populates="repairs")

    __mapper_args__ = {"version_id_col": _Case.version}  # noqa: RUF012 - SQLAlchemy's own convention
