"""Stickers for tests, really signed with this installation's key."""

from __future__ import annotations

from tests.factories.merchants import NOW
from webapp.core.actor import SYSTEM
from webapp.merchants.models import Shop
from webapp.stickers import operations
from webapp.stickers.keys import store
from webapp.stickers.models import Sticker, StickerPlace


def make_key() -> None:
    """The first signing key, when there is none."""
    store().ensure(NOW)


def make_sticker(shop: Shop, place: StickerPlace = StickerPlace.DOOR) -> Sticker:
    """A valid sticker of the shop."""
    make_key()
    return operations.issue(shop.id, place, SYSTEM, NOW)
