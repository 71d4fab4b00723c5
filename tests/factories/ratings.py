"""Ratings for tests, given by the real operation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from tests.factories.merchants import NOW
from webapp.merchants.models import Shop
from webapp.ratings import operations
from webapp.ratings.models import Origin, Rating
from webapp.ratings.rules import HEARTS

_devices = itertools.count(1)


def marks(*numbers: int) -> dict[str, int]:
    """Marks by heart; one number for all five."""
    given = numbers * 5 if len(numbers) == 1 else numbers
    return dict(zip(HEARTS, given, strict=True))


def make_rating(
    shop: Shop,
    *numbers: int,
    text: str = "",
    now: datetime = NOW,
    origin: Origin = Origin.SCAN,
    device: str = "",
    file_ids: Sequence[int] = (),
    own_hand: bool = False,
) -> Rating:
    """A rating from a device of its own."""
    who = operations.raters(device or f"device-{next(_devices)}", shop.id, now)
    rating, is_new = operations.rate(
        shop.id, marks(*(numbers or (5,))), text, origin, who, now, file_ids=file_ids, own_hand=own_hand
    )
    assert is_new
    return rating
