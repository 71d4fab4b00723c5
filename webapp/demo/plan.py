"""What becomes of each demo shop: pure, from its index and its operator's register status."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from webapp.core import clock
from webapp.demo.city import DemoShop
from webapp.demo.draw import Draw
from webapp.registry.rules import Consequence, RegistryStatus, consequence


class Fate(enum.StrEnum):
    """Where a demo shop stands."""

    APPROVED = "approved"
    DRAFT = "draft"
    STATION = "station"  # waits for the station
    BUREAU = "bureau"  # passed on, waits for the bureau
    RETURNED = "returned"
    DEFERRED = "deferred"


@dataclass(frozen=True)
class Plan:
    """The course of one demo shop. Days are days in China; `listed` is red, black or empty."""

    fate: Fate
    submitted_at: datetime
    approved_at: datetime
    consequence: Consequence
    ground: str
    suspended_by_officer: bool
    listed: str
    replaced_sticker: bool


#: Of a thousand shops: how many wait where. The rest are approved.
_WAITING = ((Fate.STATION, 50), (Fate.BUREAU, 40), (Fate.RETURNED, 12), (Fate.DEFERRED, 6), (Fate.DRAFT, 8))


def plan(seed: int, shop: DemoShop, today: date) -> Plan:
    """The course of `shop`, the same for the same seed and day."""
    draw = Draw(seed, "plan", shop.index)
    approved_on = today - timedelta(days=35 + draw.below(330))
    what, ground = consequence(
        RegistryStatus(shop.operator.status),
        abnormal=shop.operator.abnormal_ground is not None,
        kind=shop.operator.kind,
    )
    fate = _fate(draw) if what is Consequence.NONE and shop.is_first_of_operator else Fate.APPROVED
    clean = what is Consequence.NONE and fate is Fate.APPROVED
    listed = ""
    if clean:
        listed = "black" if draw.chance(6) else "red" if draw.chance(45) else ""
    return Plan(
        fate=fate,
        submitted_at=_at(approved_on - timedelta(days=4 + draw.below(6)), draw)
        if fate is Fate.APPROVED
        else _recent(today, draw),
        approved_at=_at(approved_on, draw),
        consequence=what,
        ground=ground,
        suspended_by_officer=clean and not listed and draw.chance(15),
        listed=listed,
        replaced_sticker=clean and draw.chance(60),
    )


def _fate(draw: Draw) -> Fate:
    for fate, permille in _WAITING:
        if draw.chance(permille):
            return fate
    return Fate.APPROVED


def _recent(today: date, draw: Draw) -> datetime:
    return _at(today - timedelta(days=1 + draw.below(6)), draw)


def _at(day: date, draw: Draw) -> datetime:
    opened = datetime.combine(day, time(8, 30), clock.SHANGHAI)
    return opened + timedelta(minutes=draw.below(540))
