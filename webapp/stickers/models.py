"""Stickers (码贴): one printed, serially numbered, signed copy of a shop's code each."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant, choice, fk


class StickerPlace(enum.StrEnum):
    """Where a sticker hangs."""

    DOOR = "door"
    TILL = "till"
    TABLE = "table"
    RECEIPT = "receipt"
    VEHICLE = "vehicle"


class StickerState(enum.StrEnum):
    """What a sticker is worth by itself; the trust code's state comes on top."""

    VALID = "valid"
    REPLACED = "replaced"
    LOST = "lost"
    DESTROYED = "destroyed"


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
