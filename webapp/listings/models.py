"""Red and black list entries."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Code, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import Colour, ListingState

_STANDING = sa.text("state IN ('proposed', 'published')")


class Listing(Base):
    """One entry: ground from the catalogue, evidence in words (files hang on it by owner), term. Two people."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint("state <> 'published' OR decided_by_id IS NOT NULL", name="published_by_two"),
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
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention
