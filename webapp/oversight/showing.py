"""What pages show of cases: tones, the rule table in words, who did what."""

from __future__ import annotations

from datetime import date
from typing import Any

from webapp.core import policy
from webapp.web.words import label

from . import effects, rules
from .models import Correction, Talk

TONES = {
    "proposed": "info",
    "refused": "quiet",
    "invited": "caution",
    "confirmed": "caution",
    "held": "quiet",
    "absent": "stop",
    "cancelled": "quiet",
    "withdrawn": "quiet",
    "open": "caution",
    "reported": "info",
    "performed": "good",
    "not_performed": "stop",
}


def rule_lines(kind: str, today: date) -> list[dict[str, Any]]:
    """The rule table for a talk or an order in words: when, what follows, whether it is switched on."""
    values = policy.get_ints(effects.KEYS, today)
    events = effects.OF_TALKS if kind == "talk" else effects.OF_ORDERS
    return [
        {
            "when": label(f"oversight.event.{rule.event}"),
            "then": label(_word(rule, numbers["days"]), **numbers),
            "on": on,
        }
        for rule, on, numbers in effects.told(values, events)
    ]


def _word(rule: effects.Rule, days: int) -> str:
    key = f"oversight.effect.{rule.event}.{rule.effect}"
    return f"{key}.at_once" if rule.effect is effects.Effect.HIDE and not days else key


def overdue(case: Talk | Correction, today: date) -> bool:
    """Is it an order whose last day has passed while it still runs?"""
    return isinstance(case, Correction) and rules.is_overdue(case.state, case.due_on, today)
