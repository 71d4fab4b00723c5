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
    TALK_WITHDRAWN = "talk_withdrawn"
    ORDER_ISSUED = "order_issued"
    ORDER_OVERDUE = "order_overdue"
    ORDER_UNSEEN = "order_unseen"  # the merchant has reported and the office has not looked
    ORDER_PERFORMED = "order_performed"
    ORDER_FAILED = "order_failed"
    ORDER_WITHDRAWN = "order_withdrawn"


class Effect(enum.StrEnum):
    """What follows."""

    SHOW = "show"  # on the shop's page, the list of the region, RSS
    HIDE = "hide"  # no longer, after so many days
    ESCALATE = "escalate"  # the bureau's officers are told
    SUSPEND = "suspend"  # a proposal to suspend the shop's code
    BLACK = "black"  # a proposal for the black list
    SETTLE = "settle"  # proposals that wait fall away
    LIFT = "lift"  # the bureau's officers are asked to lift the suspension that it brought about


@dataclass(frozen=True)
class Rule:
    """`event` → `effect`. `at_least` and `months`: policy keys of a repetition; `days`: of how long it is shown.
    `otherwise`: what follows instead where the city has switched the row off.
    """

    event: Event
    effect: Effect
    at_least: str = ""
    months: str = ""
    days: str = ""
    otherwise: Effect | None = None

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
    Rule(V.TALK_WITHDRAWN, F.LIFT),
    Rule(V.ORDER_ISSUED, F.SHOW),
    Rule(V.ORDER_OVERDUE, F.ESCALATE),
    Rule(V.ORDER_UNSEEN, F.ESCALATE),
    Rule(V.ORDER_PERFORMED, F.HIDE, days="oversight.order_performed_days"),
    Rule(V.ORDER_PERFORMED, F.SETTLE),
    Rule(V.ORDER_PERFORMED, F.LIFT),
    # It was shown while it ran: a city that does not show failures takes it off.
    Rule(V.ORDER_FAILED, F.SHOW, days="oversight.order_failed_days", otherwise=F.HIDE),
    Rule(V.ORDER_FAILED, F.SUSPEND),
    Rule(V.ORDER_FAILED, F.BLACK, at_least="oversight.order_repeat", months="oversight.repeat_months"),
    Rule(V.ORDER_WITHDRAWN, F.LIFT),
)
KEYS: Final = frozenset(key for rule in TABLE for key in rule.keys)


@dataclass(frozen=True)
class Consequence:
    """What follows now; `days`: for how long it is shown (None: until something ends it)."""

    effect: Effect
    days: int | None = None


def of(event: Event, values: Mapping[str, int], times: Callable[[int], int]) -> list[Consequence]:
    """What follows `event` by the policy `values` (of KEYS). `times(months)`: how often it happened to this shop within
    that many months, this time included.
    """
    found: list[Consequence] = []
    for rule in TABLE:
        if rule.event is not event:
            continue
        if not values[rule.switch]:
            found += [] if rule.otherwise is None else [Consequence(rule.otherwise)]
            continue
        if rule.at_least and times(values[rule.months]) < values[rule.at_least]:
            continue
        found.append(Consequence(rule.effect, values[rule.days] if rule.days else None))
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


OF_TALKS: Final = (V.TALK_HELD, V.TALK_ABSENT, V.TALK_WITHDRAWN)
OF_ORDERS: Final = (
    V.ORDER_ISSUED,
    V.ORDER_OVERDUE,
    V.ORDER_UNSEEN,
    V.ORDER_PERFORMED,
    V.ORDER_FAILED,
    V.ORDER_WITHDRAWN,
)
