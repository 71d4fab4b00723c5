"""Ratings (评价) with the five hearts (五心)."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Id, Instant, choice, fk


class Origin(enum.StrEnum):
    """How the rater came: shown beside the rating."""

    SCAN = "scan"
    COMPLAINT = "complaint"
    OTHER = "other"


HEARTS = ("environment", "quality", "price", "service", "redress")


class Rating(Base):
    """One rating: five hearts 1..5. `rater_hash` is a keyed hash that allows one per device, shop and month."""

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
