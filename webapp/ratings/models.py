"""Ratings (评价) with the five hearts (五心)."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import HEARTS, hide_numbers


class Origin(enum.StrEnum):
    """How the rater came: shown beside the rating."""

    SCAN = "scan"
    COMPLAINT = "complaint"
    OTHER = "other"


class Rating(Base):
    """One rating: five hearts 1..5. `rater_hash` is a keyed hash that allows one per device, shop and period.

    A rating after a complaint is one per complaint instead.
    """

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "rater_hash"),
        *(sa.CheckConstraint(f"{heart} BETWEEN 1 AND 5", name=heart) for heart in HEARTS),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    sticker_serial: Mapped[int | None]
    origin: Mapped[Origin] = mapped_column(choice(Origin, "origin"))
    environment: Mapped[int] = mapped_column(sa.SmallInteger)
    quality: Mapped[int] = mapped_column(sa.SmallInteger)
    price: Mapped[int] = mapped_column(sa.SmallInteger)
    service: Mapped[int] = mapped_column(sa.SmallInteger)
    redress: Mapped[int] = mapped_column(sa.SmallInteger)
    text: Mapped[str] = mapped_column(default="")
    rater_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[Instant]
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(BIG)

    shop: Mapped[Shop] = relationship(lazy="joined")

    @property
    def mean(self) -> float:
        """The mean of the five hearts."""
        total: int = sum(getattr(self, heart) for heart in HEARTS)
        return total / len(HEARTS)

    @property
    def public_text(self) -> str:
        """The words as the public sees them: without what could be a phone or identity number."""
        return hide_numbers(self.text)
