"""Evidence and alarms of copied stickers for tests."""

from __future__ import annotations

import itertools
import math
from datetime import datetime, timedelta
from typing import Any

from tests.factories.merchants import NOW
from webapp.copies import gathering
from webapp.copies.checking import Fix
from webapp.copies.geography import METRES_PER_DEGREE, Point
from webapp.copies.models import CopyAlarm
from webapp.copies.rules import AlarmKind, AlarmState
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.stickers.models import Sticker

_phones = itertools.count(1)


def phone() -> str:
    """The mark of a device that nobody had before."""
    return f"{next(_phones):032x}"


def fix_beside(shop: Shop, north: float = 0, east: float = 0, accuracy: float = 20) -> Fix:
    """What a phone says, so many metres from the shop."""
    assert shop.latitude is not None
    assert shop.longitude is not None
    along = METRES_PER_DEGREE * math.cos(math.radians(shop.latitude))
    point = Point(shop.latitude + north / METRES_PER_DEGREE, shop.longitude + east / along)
    return Fix(point, accuracy)


def scan_far(sticker: Sticker, shop: Shop, count: int = 3, at: datetime = NOW) -> None:
    """So many phones scan it four kilometres away, an hour apart, the last one at `at`."""
    for back in range(count - 1, -1, -1):
        gathering.keep_position(sticker, fix_beside(shop, 4000), phone(), at - timedelta(hours=back))


def report(sticker: Sticker, count: int = 2, at: datetime = NOW) -> None:
    """So many phones say that it hangs at another shop."""
    for back in range(count - 1, -1, -1):
        gathering.report(sticker, phone(), at - timedelta(minutes=back))


def make_alarm(sticker: Sticker, kind: AlarmKind = AlarmKind.FAR_AWAY, **more: Any) -> CopyAlarm:
    """An open alarm as it stands, without evidence behind it."""
    cell: dict[str, Any] = {"day": "2026-05-06", "south": 388975, "west": 1154925, "size": 25}
    span = {"first": "2026-05-06T02:00+00:00", "last": "2026-05-06T04:00+00:00"}
    facts: dict[AlarmKind, dict[str, Any]] = {
        AlarmKind.FAR_AWAY: {
            "devices": {"least": 3, "most": 3},
            "reports": [],
            "cells": [cell | span | {"devices": 3, "metres": 3900}],
        },
        AlarmKind.SCAN_RATE: {"hours": [{"day": "2026-05-06", "hour": 12, "count": 120, "usual": 5.0}]},
    }  # fmt: skip
    values: dict[str, Any] = {
        "state": AlarmState.OPEN,
        "facts": facts[kind],
        "evidence_from": NOW,
        "opened_at": NOW,
        "latest_at": NOW,
        "due_on": NOW.date() + timedelta(days=2),
    }
    alarm = CopyAlarm(shop_id=sticker.shop_id, serial=sticker.serial, kind=kind, **(values | more))
    db.session.add(alarm)
    db.session.flush()
    return alarm
