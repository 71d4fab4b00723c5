"""A newly issued trust code gets its first two stickers: door and till."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import code_issued

from . import operations, queries
from .models import StickerPlace, StickerState


@code_issued.connect
def first_stickers(_sender: None, *, shop_id: int, actor: Actor, now: datetime, **_news: Any) -> None:
    """Stickers of an earlier, revoked code stay dead; the new code starts with new serials."""
    for sticker in queries.of_shop(shop_id):
        if sticker.state is StickerState.VALID:
            sticker.state, sticker.ended_at, sticker.ended_reason = (
                StickerState.DESTROYED,
                now,
                "code_revoked",
            )
    for place in (StickerPlace.DOOR, StickerPlace.TILL):
        operations.issue(shop_id, place, actor, now)
