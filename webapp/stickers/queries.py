"""Reading stickers."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import Sticker, StickerState


def of_shop(shop_id: int) -> list[Sticker]:
    """All stickers of a shop by serial, the dead ones too."""
    return list(
        db.session.scalars(sa.select(Sticker).where(Sticker.shop_id == shop_id).order_by(Sticker.serial))
    )


def find(shop_id: int, serial: int) -> Sticker | None:
    """The sticker with that serial, or None."""
    return db.session.scalar(sa.select(Sticker).where(Sticker.shop_id == shop_id, Sticker.serial == serial))


def get(shop_id: int, serial: int) -> Sticker:
    """As :func:`find`; raises NotFound."""
    sticker = find(shop_id, serial)
    if sticker is None:
        raise NotFound("no_such_thing")
    return sticker


def sample(count: int) -> list[str]:
    """Up to `count` tokens of valid stickers, spread evenly over all shops (for benchmarks and trials)."""
    total = (
        db.session.scalar(sa.select(sa.func.count(Sticker.id)).where(Sticker.state == StickerState.VALID))
        or 0
    )
    stride = max(1, total // max(1, count))
    statement = sa.select(Sticker.token).where(Sticker.state == StickerState.VALID, Sticker.id % stride == 0)
    return list(db.session.scalars(statement.order_by(Sticker.id).limit(count)))
