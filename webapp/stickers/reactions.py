"""A newly issued trust code gets its first two stickers: door and till."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.signals import code_issued

from . import operations
from .models import StickerPlace


@code_issued.connect
def first_stickers(_sender: None, *, shop_id: int, actor: Actor, now: datetime, **_news: Any) -> None:
    """Stickers of an earlier, revoked code stay dead; the new code starts with new serials."""
    operations.retire_all(shop_id, "code_revoked", actor, now)
    for place in (StickerPlace.DOOR, StickerPlace.TILL):
        operations.issue(shop_id, place, actor, now)
