"""Tips for tests: filed and moved on by the real operations."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from tests.factories.merchants import NOW
from webapp.core.actor import Actor
from webapp.merchants.models import Shop
from webapp.tips import intake, operations
from webapp.tips.intake import TipFiling
from webapp.tips.models import Tip

#: What only the handling office may read: planted by the tests, looked for everywhere else.
NAME, PHONE, STORY = "上官举报", "+8613912345678", "后厨用过期的面粉，凌晨进货，没有票。"
_numbers = itertools.count(1)


def make_filing(**more: Any) -> TipFiling:
    """What a named reporter states."""
    facts: dict[str, Any] = {
        "submission_key": f"a-random-key-of-the-tip-{next(_numbers)}",
        "topic": "food_safety",
        "story": STORY,
        "happened_on": None,
        "named": True,
        "reporter_name": NAME,
        "reporter_phone": PHONE,
    }
    return TipFiling(**(facts | more))


def make_tip(shop: Shop, now: datetime = NOW, **more: Any) -> Tip:
    """A filed tip."""
    return intake.file(shop.id, make_filing(**more), now)[0]


def decide(tip: Tip, actor: Actor, now: datetime = NOW, *, case: bool = True, text: str = "查实了") -> Tip:
    """Decide on a case or against one."""
    action, ground = ("file_case", "conditions_met") if case else ("file_no_case", "no_evidence")
    return operations.act(tip.id, action, actor, now, text=text, ground=ground)
