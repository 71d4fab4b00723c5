"""What talks and orders do to a shop: one table of rules. Pure.

Each row: when this happens, that follows, if the city's policy switches it on (``oversight.<event>_<effect>``, 1 or 0,
dated). A row may ask for repetition (so many within so many months) and may limit how long something is shown.
Nothing here suspends or lists a shop by itself: rows propose, and an officer other than the one whose decision raised
it decides.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


class Event(enum.StrEnum):
    """What happened."""

    TALK_HELD = "talk_held"
    TALK_ABSENT = "talk_absent"
    ORDER_ISSUED = "order_issued"
    ORDER_OVERDUE = "order_overdue"
    ORDER_PERFORMED = "order_performed"
    ORDER_FAILED = "order_failed"


class Effect(enum.StrEnum):
    """What follows."""

    SHOW = "show"  # on the shop's page, the list of the region, RSS
    HIDE = "hide"  # no longer, after so many days
    ESCALATE = "escalate"  # the bureau's officers are told
    SUSPEND = "suspend"  # a proposal to suspend the shop's code
    BLACK = "black"  # a proposal for the black list
    SETTLE = "settle"  # proposals that wait fall away


@dataclass(frozen=True)
class Rule:
    """`event` → `effect`. `at_least` and `months`: policy keys of a repetition; `days`: of how long it is shown."""

    event: Event
    effect: Effect
    at_least: str = ""
    months: str = ""
    days: str = ""

    @property
    def switch(self) -> str:
        """The policy key that switches it on."""
        return f"oversight.{self.event}_{self.effect}"

    @property
    def keys(self) -> tuple[str, ...]:
        """All policy keys that it reads."""
        return tuple(key for key in (self.switch, self.at_least, self.months, self.days) if key)


V, F = Event, Effect
TABLE: Final = (
    Rule(V.TALK_HELD, F.SHOW, days="oversight.talk_show_days"),
    Rule(V.TALK_HELD, F.BLACK, at_least="oversight.talk_repeat", months="oversight.repeat_months"),
    Rule(V.TALK_ABSENT, F.SHOW, days="oversight.talk_show_days"),
    Rule(V.TALK_ABSENT, F.SUSPEND),
    Rule(V.ORDER_ISSUED, F.SHOW),
    Rule(V.ORDER_OVERDUE, F.ESCALATE),
    Rule(V.ORDER_PERFORMED, F.HIDE, days="oversight.order_performed_days"),
    Rule(V.ORDER_PERFORMED, F.SETTLE),
    Rule(V.ORDER_FAILED, F.SHOW, days="oversight.order_failed_days"),
    Rule(V.ORDER_FAILED, F.SUSPEND),
    Rule(V.ORDER_FAILED, F.BLACK, at_least="oversight.order_repeat", months="oversight.repeat_months"),
)
KEYS: Final = frozenset(key for rule in TABLE for key in rule.keys)


@dataclass(frozen=True)
class Consequence:
    """A rule that applies now; `days`: for how long it is shown (None: until something ends it)."""

    rule: Rule
    days: int | None = None

    @property
    def effect(self) -> Effect:
        """What follows."""
        return self.rule.effect


def of(event: Event, values: Mapping[str, int], times: Callable[[int], int]) -> list[Consequence]:
    """What follows `event` by the policy `values` (of KEYS). `times(months)`: how often it happened to this shop within
    that many months, this time included.
    """
    found = []
    for rule in TABLE:
        if rule.event is not event or not values[rule.switch]:
            continue
        if rule.at_least and times(values[rule.months]) < values[rule.at_least]:
            continue
        found.append(Consequence(rule, values[rule.days] if rule.days else None))
    return found


def told(values: Mapping[str, int], events: tuple[Event, ...]) -> list[tuple[Rule, bool, dict[str, int]]]:
    """For officers beforehand: each rule about `events`, whether it is on, and its numbers."""
    return [
        (
            rule,
            bool(values[rule.switch]),
            {
                "times": values.get(rule.at_least, 0),
                "months": values.get(rule.months, 0),
                "days": values.get(rule.days, 0),
            },
        )
        for rule in TABLE
        if rule.event in events
    ]


OF_TALKS: Final = (V.TALK_HELD, V.TALK_ABSENT)
OF_ORDERS: Final = (V.ORDER_ISSUED, V.ORDER_OVERDUE, V.ORDER_PERFORMED, V.ORDER_FAILED)
