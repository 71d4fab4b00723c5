"""What happens around the ratings of the demo city, by the real operations: photos, reports, a removal and its
objection, a photo hidden, a ring, a burst and self-praise that the watch finds, and the day's open data.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

import sqlalchemy as sa
from PIL import Image

from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.demo import words
from webapp.files import operations as files
from webapp.files.models import FilePurpose
from webapp.ratings import moderating, opendata, operations, watching
from webapp.ratings.models import Origin, Rating
from webapp.ratings.rules import HEARTS

from .people_writer import People

#: New ratings with photos, shops and phones of the ring, ratings of the burst, ratings in the same words.
WITH_PHOTOS, RING_SHOPS, RING_DEVICES, BURST, ALIKE = 8, 4, 4, 9, 4
#: Parts of a storefront's picture that a visitor might have taken, as shares of its width and height.
_PARTS: Final = ((0.08, 0.42, 0.55, 0.95), (0.4, 0.3, 0.98, 0.9), (0.1, 0.1, 0.9, 0.7))


def tell(shops: Sequence[int], pictures: dict[int, bytes], people: People, now: datetime) -> None:
    """Write the stories about `shops` (ids; those of `pictures` have one). Call inside a transaction."""
    for place, shop_id in enumerate(list(pictures)[:WITH_PHOTOS]):
        _with_photos(place, shop_id, pictures[shop_id], now - timedelta(hours=5 * place + 3))
    if len(shops) > RING_SHOPS + 3:
        _reported(shops[0], now)
        _removed(shops[1], people, now)
        _waiting(shops[2], people, now)
        _ring(shops[-RING_SHOPS:], now)
        _burst(shops[3], now)
        _alike(shops[4], now)  # not the first shop: its page is what people open to see the city
    watching.watch(now)
    opendata.make(now)


def rate(
    shop_id: int,
    mark: int,
    text: str,
    at: datetime,
    *,
    origin: Origin = Origin.SCAN,
    device: str = "",
    file_ids: Sequence[int] = (),
) -> Rating:
    """One rating from a phone of its own, or from `device`."""
    who = operations.raters(device or secrets.token_urlsafe(20), shop_id, at)
    marks = dict.fromkeys(HEARTS, mark)
    return operations.rate(shop_id, marks, text, origin, who, at, file_ids=file_ids)[0]


def _with_photos(place: int, shop_id: int, picture: bytes, at: datetime) -> None:
    taken = []
    with Image.open(BytesIO(picture)) as image:
        for left, top, right, bottom in _PARTS[: 1 + place % len(_PARTS)]:
            box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
            part = image.convert("RGB").crop(box)
            taken.append(files.store_image(part, FilePurpose.RATING, at).id)
    said = words.phrases()[f"rating_photo_{place % 3}"]
    rate(shop_id, 5 if place % 3 else 4, said, at, file_ids=taken)


def _reported(shop_id: int, now: datetime) -> None:
    """The merchant says that a low one is made up; a consumer that another is advertising. Both wait."""
    told = words.phrases()
    low = rate(shop_id, 2, told["rating_low"], now - timedelta(days=3))
    owner = Actor(None, "", Role.MERCHANT, (), frozenset({low.shop.operator_id}))
    moderating.report(low.id, "fabricated", told["rating_report"], "operator", owner, now - timedelta(days=2))
    advert = rate(shop_id, 5, told["rating_advert"], now - timedelta(days=1), origin=Origin.OTHER)
    moderating.report(advert.id, "advert", "", "device:x", CONSUMER, now - timedelta(hours=20))


def _removed(shop_id: int, people: People, now: datetime) -> None:
    """Two officers took one off for a phone number in it; somebody objects to another that was taken off."""
    told = words.phrases()
    for number, text in enumerate(("rating_private", "rating_rude")):
        rating = rate(shop_id, 1 + number, told[text], now - timedelta(days=9 + number))
        ground = ("privacy", "insult")[number]
        case = moderating.propose(
            rating.id, ground, told[f"{text}_why"], people.station, now - timedelta(days=7)
        )
        at = now - timedelta(days=6)
        moderating.decide(case.id, "confirm", told[f"{text}_seen"], people.bureau, at, case.version)
    moderating.object_to(rating.id, told["rating_object"], now - timedelta(hours=9), own=True)


def _waiting(shop_id: int, people: People, now: datetime) -> None:
    """One officer proposes; a second one has not looked yet."""
    told = words.phrases()
    rating = rate(shop_id, 1, told["rating_elsewhere"], now - timedelta(days=2))
    moderating.propose(
        rating.id, "wrong_shop", told["rating_elsewhere_why"], people.station, now - timedelta(hours=6)
    )


def _ring(shops: Sequence[int], now: datetime) -> None:
    """The same few phones praise the same few shops, one after another."""
    said = words.phrases()["rating_ring"]
    for number in range(RING_DEVICES):
        device = secrets.token_urlsafe(20)
        for place, shop_id in enumerate(shops):
            at = now - timedelta(days=3, hours=-number, minutes=7 * place)
            rate(shop_id, 5, said if place % 2 else "", at, origin=Origin.OTHER, device=device)


def _burst(shop_id: int, now: datetime) -> None:
    """Many damning ones within hours, without a scan."""
    for number in range(BURST):
        rate(shop_id, 1, "", now - timedelta(hours=30, minutes=-23 * number), origin=Origin.OTHER)


def _alike(shop_id: int, now: datetime) -> None:
    """Praise in nearly the same words."""
    said = words.phrases()["rating_alike"]
    for number in range(ALIKE):
        rate(shop_id, 5, said + "！" * number, now - timedelta(days=5, hours=-3 * number))


def shops_with_ratings(limit: int) -> list[int]:
    """The first shops that have a few ratings, by number."""
    statement = sa.select(Rating.shop_id).group_by(Rating.shop_id).having(sa.func.count(Rating.id) > 2)
    return list(db.session.scalars(statement.order_by(Rating.shop_id).limit(limit)))
