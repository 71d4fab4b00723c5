"""Talks and orders for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories.merchants import NOW
from webapp.core.actor import Actor
from webapp.merchants.models import Shop
from webapp.oversight import orders, talks
from webapp.oversight.models import Correction, Talk
from webapp.oversight.orders import Order
from webapp.oversight.rules import Source
from webapp.oversight.talks import Invitation

SAID: dict[str, Any] = {
    "source": Source.INSPECTION,
    "source_ref": "检查 2026-05-05",
    "facts": "散装酱肉没有标明价格。",
    "public_summary": "散装食品没有明码标价。",
}


def invitation(now: datetime = NOW, **more: Any) -> Invitation:
    """An invitation that is right."""
    given = SAID | {
        "ground": "complaints_many",
        "talk_at": now + timedelta(days=7),
        "place": "莲池区局三楼会议室",
    }
    return Invitation(**(given | more))


def order(**more: Any) -> Order:
    """An order that is right: ten working days."""
    return Order(**(SAID | {"ground": "general", "demand": "全部在售商品明码标价。", "days": 10} | more))


def make_talk(shop: Shop, actor: Actor, now: datetime = NOW, **more: Any) -> Talk:
    """A talk that waits for the second officer."""
    return talks.propose(shop.id, invitation(now, **more), actor, now)


def make_order(shop: Shop, actor: Actor, now: datetime = NOW, **more: Any) -> Correction:
    """An order that waits for the second officer."""
    return orders.propose(shop.id, order(**more), actor, now)


def approve(case: Talk | Correction, second: Actor, now: datetime = NOW) -> Any:
    """The second officer says yes."""
    deed: Any = talks.decide if isinstance(case, Talk) else orders.decide
    return deed(case.id, "approve", "", second, now, case.version)
