"""Stickers (码贴): one printed, serially numbered, signed copy of a shop's code each; the runs that printed them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Id, Instant, Json, Name, choice, fk

from .rules import StickerPlace, StickerState

__all__ = ["PrintRun", "PrintedSticker", "Sticker", "StickerPlace", "StickerState"]


class Sticker(Base):
    """`serial` is 1..65535 within the shop; `token` is what stands behind /c/ (Ed25519 is deterministic)."""

    __tablename__ = "sticker"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "serial"),
        sa.CheckConstraint("serial BETWEEN 1 AND 65535", name="serial_u16"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id", index=False)
    serial: Mapped[int] = mapped_column(sa.Integer)
    kid: Mapped[int] = mapped_column(sa.SmallInteger)
    token: Mapped[str] = mapped_column(sa.String(120))
    place: Mapped[StickerPlace] = mapped_column(choice(StickerPlace, "place"))
    state: Mapped[StickerState] = mapped_column(choice(StickerState, "state"), default=StickerState.VALID)
    issued_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    replaced_by_serial: Mapped[int | None]

    @property
    def label(self) -> str:
        """The printed number, 000123-04."""
        return f"{self.shop_id:06d}-{self.serial:02d}"


class PrintRun(Base):
    """A file of many stickers made for a print shop: who, when, by which `filters`."""

    __tablename__ = "print_run"

    id: Mapped[Id]
    at: Mapped[Instant]
    by_id: Mapped[int | None] = mapped_column(BIG)
    by_name: Mapped[Name]
    filters: Mapped[Json]
    count: Mapped[int]


class PrintedSticker(Base):
    """A sticker in a print run."""

    __tablename__ = "printed_sticker"

    run_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("print_run.id"), primary_key=True)
    sticker_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("sticker.id"), primary_key=True, index=True)
