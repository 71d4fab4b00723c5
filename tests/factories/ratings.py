"""Ratings for tests, given by the real operation."""

from __future__ import annotations

import itertools
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
    shop: Shop, *numbers: int, text: str = "", now: datetime = NOW, origin: Origin = Origin.SCAN
) -> Rating:
    """A rating from a device of its own."""
    rater = operations.rater_of_device(f"device-{next(_devices)}", shop.id, now)
    rating, is_new = operations.rate(shop.id, marks(*(numbers or (5,))), text, origin, rater, now)
    assert is_new
    return rating
