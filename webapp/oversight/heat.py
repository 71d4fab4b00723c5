"""Hot spots: where complaints and tips grow. Pure.

A hot spot is a county × category whose cases in a period reach the minimum sample and grew by a share over the period
of the same length before. Nothing else is weighed, so that an officer can say in one sentence why it is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

COMPLAINT: Final = "complaint"
TIP: Final = "tip"


@dataclass(frozen=True)
class Tally:
    """So many cases of one source, county, category and topic; `now`: in the period looked at, else the one before."""

    source: str
    region_code: str
    category: str
    topic: str
    count: int
    now: bool


@dataclass(frozen=True)
class Limits:
    """From when on it is a hot spot: cases, percent of growth; percent of growth from which it is grave."""

    least: int
    growth: int
    high: int


@dataclass(frozen=True)
class Spot:
    """`growth`: percent over `before`, None when there was nothing before. `topics`: by count, the most first."""

    region_code: str
    category: str
    complaints: int
    tips: int
    before: int
    topics: tuple[tuple[str, int], ...]
    limits: Limits

    @property
    def count(self) -> int:
        """Cases in the period."""
        return self.complaints + self.tips

    @property
    def more(self) -> int:
        """How many more (below zero: fewer) than in the period before."""
        return self.count - self.before

    @property
    def growth(self) -> int | None:
        """Whole percent over the period before; None when there was nothing before."""
        return None if self.before == 0 else (self.more * 100) // self.before

    @property
    def enough(self) -> bool:
        """Are there enough cases to say anything?"""
        return self.count >= self.limits.least

    @property
    def hot(self) -> bool:
        """Enough cases, and enough growth."""
        return self.enough and (self.growth is None or self.growth >= self.limits.growth)

    @property
    def grave(self) -> bool:
        """Hot, and from nothing or by much."""
        return self.hot and (self.growth is None or self.growth >= self.limits.high)


def spots(tallies: Iterable[Tally], limits: Limits) -> list[Spot]:
    """All counties × categories with cases in the period: hot ones first, then by cases and by place."""
    now: dict[tuple[str, str], Counter[str]] = {}
    topics: dict[tuple[str, str], Counter[str]] = {}
    before: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        place = (tally.region_code, tally.category)
        if not tally.now:
            before[place] += tally.count
            continue
        now.setdefault(place, Counter())[tally.source] += tally.count
        topics.setdefault(place, Counter())[tally.topic] += tally.count
    found = [
        Spot(
            region_code,
            category,
            counts[COMPLAINT],
            counts[TIP],
            before[region_code, category],
            tuple(sorted(topics[region_code, category].items(), key=lambda pair: (-pair[1], pair[0]))),
            limits,
        )
        for (region_code, category), counts in now.items()
    ]
    return sorted(
        found, key=lambda one: (not one.hot, not one.enough, -one.count, one.region_code, one.category)
    )
