"""What stickers give the merchant's home: a paper made that does not hang anywhere yet."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa
from flask import url_for

from webapp.core import clock
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.todo import ANSWER, BETTER, Task
from webapp.scans import queries as scans
from webapp.web.languages import said_day, say

from . import queries
from .models import Sticker, StickerState


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: stickers in a replaced one's place, or a shop's first, that nobody printed here and
    nobody has scanned yet. Whoever scans the old paper is told that it was replaced.
    """
    del now
    own: dict[int, list[Sticker]] = defaultdict(list)
    statement = sa.select(Sticker).where(Sticker.shop_id.in_([shop.id for shop in shops]))
    for sticker in db.session.scalars(statement.order_by(Sticker.shop_id, Sticker.serial)):
        own[sticker.shop_id].append(sticker)
    valid = [one for stickers in own.values() for one in stickers if one.state is StickerState.VALID]
    if not valid:
        return []
    printed = queries.printed_at(one.id for one in valid)
    oldest = min(clock.day_of(one.issued_at) for one in valid)
    scanned = scans.days_of([(one.shop_id, one.serial) for one in valid], oldest)
    unseen = [one for one in valid if one.id not in printed and (one.shop_id, one.serial) not in scanned]
    found = []
    for shop_id, stickers in own.items():
        mine = [one for one in unseen if one.shop_id == shop_id]
        ended = {one.replaced_by_serial: one for one in stickers if one.replaced_by_serial is not None}
        found += [_renewed(one, ended[one.serial]) for one in mine if one.serial in ended]
        if mine and len(mine) == len(stickers):
            found.append(_first(shop_id, len(mine)))
    return found


def _renewed(sticker: Sticker, old: Sticker) -> Task:
    return Task(
        say("sticker.task.renew"),
        url_for("stickers_merchant.show", shop_id=sticker.shop_id, serial=sticker.serial),
        say("sticker.task.renew.why", old=old.label, day=said_day(old.ended_at)),
        say("sticker.task.go"),
        rank=ANSWER,
        shop_id=sticker.shop_id,
    )


def _first(shop_id: int, count: int) -> Task:
    return Task(
        say("sticker.task.first"),
        url_for("stickers_merchant.index", shop_id=shop_id),
        say("sticker.task.first.why", count=count),
        say("sticker.task.go"),
        rank=BETTER,
        shop_id=shop_id,
    )
