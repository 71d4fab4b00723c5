"""Copied stickers in the demo city: one at another door, an old one that was never taken down, a false alarm.

Everything goes through the operations, at the moments at which it would have happened.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.copies import gathering, operations, queries, watching
from webapp.copies.checking import Fix
from webapp.copies.geography import Box, Point
from webapp.copies.operations import Decision
from webapp.copies.rules import FIXED
from webapp.core import clock
from webapp.core.db import db
from webapp.demo import words
from webapp.merchants.models import Shop
from webapp.scans import tally
from webapp.stickers.models import Sticker, StickerState

from .people_writer import OFFICERS, People

#: Where the copy hangs, metres north and east of the shop.
_COPY_AT = (1900.0, 2700.0)
#: Hours ago at which somebody scanned it there, and at the right door.
_AT_THE_COPY = (43, 27, 26, 21, 20, 7, 5, 4, 3)
_AT_THE_SHOP = (29, 22, 6)
_REPORTED = (44, 25, 20, 6, 3)
#: Days ago, and how often an old paper was scanned.
_OLD_PAPER = {5: 6, 4: 4, 3: 7, 2: 5, 1: 8}


def copied_stickers(people: People, now: datetime) -> None:
    """Write the three stories, as far as the city has shops for them; call inside a transaction."""
    papers = _papers(OFFICERS["zhan"][2]) + _papers(OFFICERS["zhan2"][2])
    if papers:
        _copied(papers[0], now)
    if len(papers) > 1:
        _false_alarm(papers[-1], people, now)
    old = db.session.scalar(
        sa.select(Sticker).where(Sticker.state == StickerState.REPLACED).order_by(Sticker.shop_id).limit(1)
    )
    if old is not None:
        _left_hanging(old, now)


def _papers(district: str) -> list[Sticker]:
    """A valid sticker of each of a few shops of the district whose code is active and whose place is known."""
    statement = (
        sa.select(Sticker)
        .join(Shop, Shop.id == Sticker.shop_id)
        .join(TrustCode, TrustCode.shop_id == Shop.id)
        .where(
            TrustCode.state == CodeState.ACTIVE,
            Sticker.state == StickerState.VALID,
            Sticker.place.in_(FIXED),
            Sticker.serial == 1,
            Shop.latitude.is_not(None),
            Shop.region_code.startswith(district, autoescape=True),
        )
        .order_by(Shop.id.desc())  # the first shops are those that the guide shows
        .limit(2)
    )
    return list(db.session.scalars(statement))


def _copied(sticker: Sticker, now: datetime) -> None:
    shop = queries.paper_of(sticker).shop
    assert shop is not None
    there = _moved(shop, *_COPY_AT)
    deeds = [(hours, there) for hours in _AT_THE_COPY] + [(hours, shop) for hours in _AT_THE_SHOP]
    for number, (hours, place) in enumerate(sorted(deeds, key=lambda deed: -deed[0])):
        at = now - timedelta(hours=hours, minutes=11 * number % 60)
        near = _moved(place, 17.0 * (number % 3) - 17, 13.0 * (number % 4) - 20)
        gathering.keep_position(sticker, Fix(near, 24.0), _device(), at)
    for hours in _REPORTED:
        gathering.report(sticker, _device(), now - timedelta(hours=hours, minutes=17))


def _false_alarm(sticker: Sticker, people: People, now: datetime) -> None:
    """A few say that the name does not fit; the officer finds another name on the sign."""
    for hours in (150, 141, 126, 124, 122):
        gathering.report(sticker, _device(), now - timedelta(hours=hours))
    decided = now - timedelta(hours=90)
    for alarm in queries.standing(sticker.shop_id, sticker.serial):
        reason = words.phrases()["copy_false_alarm"]
        decision = Decision(alarm.version, alarm.latest_at, "mistaken", reason)
        operations.act(alarm.id, "dismiss", decision, people.bureau, decided)


def _left_hanging(sticker: Sticker, now: datetime) -> None:
    today = clock.day_of(now)
    counts = {
        (sticker.shop_id, sticker.serial, _text(today - timedelta(days=back)), 12): count
        for back, count in _OLD_PAPER.items()
    }
    tally.write_batch(db.session.connection(), secrets.token_hex(16), tally.Batch(1, counts), now)
    watching.watch_replaced(now)


def _moved(point: Point, north: float, east: float) -> Point:
    box = Box(point.latitude, point.longitude, point.latitude, point.longitude).moved(north, east)
    return Point(box.south, box.west)


def _device() -> str:
    """The mark of a phone that nobody has."""
    return secrets.token_hex(16)


def _text(day: date) -> str:
    return day.isoformat()
