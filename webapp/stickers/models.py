"""Stickers (码贴): one printed, serially numbered, signed copy of a shop's code each."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant, choice, fk

from .rules import StickerPlace, StickerState

__all__ = ["Sticker", "StickerPlace", "StickerState"]

_REPLACED = sa.text("state = 'replaced'")


class Sticker(Base):
    """`serial` is 1..65535 within the shop; `token` is what stands behind /c/ (Ed25519 is deterministic).

    `spot` is the free label of the place that is printed on it (a table, a number plate). `ended_at` and
    `ended_reason` say since when and why it is not valid, also while it is suspended; a resumed sticker has neither.
    """

    __tablename__ = "sticker"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "serial"),
        sa.CheckConstraint("serial BETWEEN 1 AND 65535", name="serial_u16"),
        sa.Index("ix_sticker_replaced", "ended_at", sqlite_where=_REPLACED, postgresql_where=_REPLACED),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id", index=False)
    serial: Mapped[int] = mapped_column(sa.Integer)
    kid: Mapped[int] = mapped_column(sa.SmallInteger)
    token: Mapped[str] = mapped_column(sa.String(120))
    place: Mapped[StickerPlace] = mapped_column(choice(StickerPlace, "place"))
    spot: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    state: Mapped[StickerState] = mapped_column(choice(StickerState, "state"), default=StickerState.VALID)
    issued_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    replaced_by_serial: Mapped[int | None]

    @property
    def label(self) -> str:
        """The printed number, 000123-04."""
        return f"{self.shop_id:06d}-{self.serial:02d}"
