"""Honours for tests, by the real operations."""

from __future__ import annotations

from datetime import date, datetime

from tests.factories.listings import People
from tests.factories.merchants import NOW
from webapp.honours import operations
from webapp.honours.models import Honour
from webapp.honours.operations import Facts
from webapp.honours.rules import HonourKind


def facts(kind: HonourKind = HonourKind.DEMONSTRATION, **more: object) -> Facts:
    """What a proposal states."""
    given: dict[str, object] = {"terms": "按标准逐项核验合格。", "term_until": date(2028, 5, 6)}
    if kind is HonourKind.DEMONSTRATION:
        given |= {"sector": "catering", "standard": "DB37/T 3698"}
    else:
        given |= {"days": 7, "returns": 24, "refused": 1, "evidence": "退货登记本"}
    return Facts(kind, **(given | more))  # type: ignore[arg-type]


def make_honour(
    people: People, kind: HonourKind = HonourKind.DEMONSTRATION, now: datetime = NOW, **more: object
) -> Honour:
    """A published honour of `people.shop`, which needs an active code."""
    honour = operations.propose(people.shop.id, facts(kind, **more), people.bureau, now)
    return operations.decide(honour.id, "confirm", "属实", people.second, now, honour.version)
