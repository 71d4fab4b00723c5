"""A made-up city in which people rate shops, and some ratings are made up: what the signals find, and how often they
cry wolf.

Everything is assumed, on the unkind side, and written down in :class:`Assumptions`; the rules are the product's own
(`webapp/ratings/signals.py`) with the product's policy values. The same seed is the same city.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from webapp.core.policy import DEFAULTS
from webapp.ratings.signals import POLICIES, Finding, Limits, Seen, SignalKind, burst, rings, self_praise

START = datetime(2026, 6, 1, tzinfo=UTC)
#: Days before the month that is judged: what is usual must be known.
WARM_DAYS = 62
MONTH = 30
GOOD = ("味道", "老板", "环境", "上菜", "价格", "分量", "服务员", "停车", "孩子", "朋友", "位置", "东西")
SAYS = ("不错", "挺好", "很干净", "有点慢", "公道", "足", "热情", "方便", "喜欢", "推荐来", "好找", "新鲜")


def limits() -> Limits:
    """The values in force from the beginning, as the product has them."""
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        values = {row["key"]: int(row["value"]) for row in csv.DictReader(stream) if row["key"] in POLICIES}
    return Limits(**{key.removeprefix("rating."): value for key, value in values.items()})


@dataclass(frozen=True)
class Assumptions:
    """Of the honest: ratings a shop and day lognormal around `median` with `sigma`; a share `opening` of shops has a
    day on which it asks everybody to rate (`asked` ratings, most of them full marks); so many `outings` of families
    and tours whose phones rate the same few shops; so many sentences copied among friends, and guests who rate with a
    phone of the shop (`helpers`). Of the made up: so many of each in a month.
    """

    shops: int = 400
    median: float = 0.05
    sigma: float = 1.2
    full: float = 0.45
    opening: float = 0.01
    asked: tuple[int, int] = (4, 14)
    outings: int = 6
    copied_words: int = 3
    helpers: int = 2
    bursts: int = 12
    burst_size: tuple[int, int] = (5, 16)
    burst_hours: tuple[int, int] = (2, 60)
    ring_count: int = 6
    ring_devices: tuple[int, int] = (3, 7)
    ring_shops: tuple[int, int] = (3, 6)
    ring_keeps: float = 0.85
    praisers: int = 12
    praise_size: tuple[int, int] = (2, 6)
    praise_own: float = 0.35
    praise_alike: float = 0.5


@dataclass
class Fraud:
    """One made-up affair: `ratings` of it, and whether a signal named at least two of them (or the only own one)."""

    kind: SignalKind
    ratings: set[int] = field(default_factory=set)
    shops: set[int] = field(default_factory=set)
    found: bool = False


@dataclass
class Outcome:
    """What a month brought. `false`: signals that name no made-up rating, by kind."""

    frauds: list[Fraud]
    false: list[Finding]
    ratings: int
    shop_months: int


class City:
    """One month of the city."""

    def __init__(self, assumed: Assumptions, seed: int, rules: Limits | None = None) -> None:
        self.assumed, self.rules = assumed, rules or limits()
        self.random = random.Random(f"rated-{seed}")
        self.seen: list[Seen] = []
        self.frauds: list[Fraud] = []
        self._marks = 0

    def run(self) -> Outcome:
        """Live the month, then look at it every day as the watch does."""
        self._honest()
        self._openings()
        self._outings()
        self._coincidences()
        self._bursts()
        self._rings()
        self._praise()
        return self._judge()

    def _device(self) -> str:
        self._marks += 1
        return f"m{self._marks}"

    def _between(self, span: tuple[int, int]) -> int:
        return self.random.randint(*span)

    def _shop(self) -> int:
        return self.random.randrange(self.assumed.shops)

    def _moment(self) -> datetime:
        """In the judged month, early enough to be looked at on the next day."""
        return START + timedelta(days=WARM_DAYS + self.random.uniform(0, MONTH - 4))

    def _add(self, shop: int, at: datetime, total: int, **more: object) -> int:
        known = {"mark": self._device()} | more
        self.seen.append(Seen(len(self.seen), shop, at, total, **known))  # type: ignore[arg-type]
        return len(self.seen) - 1

    def _words(self) -> str:
        if self.random.random() < 0.3:
            return ""
        parts = self.random.randint(1, 4)
        return "，".join(self.random.choice(GOOD) + self.random.choice(SAYS) for _ in range(parts))

    def _hearts(self) -> int:
        chance = self.random.random()
        if chance < self.assumed.full:
            return 25
        return self.random.randint(5, 10) if chance > 0.92 else self.random.randint(14, 24)

    def _honest(self) -> None:
        for shop in range(self.assumed.shops):
            rate = self.assumed.median * self.random.lognormvariate(0, self.assumed.sigma)
            at = 0.0
            while (at := at + self.random.expovariate(rate)) < WARM_DAYS + MONTH:
                hour = self.random.gauss(13, 4) % 24
                moment = START + timedelta(days=int(at), hours=hour)
                self._add(shop, moment, self._hearts(), text=self._words())

    def _openings(self) -> None:
        """A shop asks its guests on one day: honest, and many at once."""
        for shop in range(self.assumed.shops):
            if self.random.random() < self.assumed.opening:
                begins = self._moment()
                for _ in range(self._between(self.assumed.asked)):
                    total = 25 if self.random.random() < 0.6 else self._hearts()
                    at = begins + timedelta(hours=self.random.uniform(0, 10))
                    self._add(shop, at, total, text=self._words())

    def _outings(self) -> None:
        """Families and tours: a few phones at the same few shops on one day."""
        for _ in range(self.assumed.outings):
            day, shops = self._moment(), [self._shop() for _ in range(self._between((2, 5)))]
            for _ in range(self._between((2, 4))):
                mark = self._device()
                for shop in shops:
                    if self.random.random() < 0.5:
                        at = day + timedelta(hours=self.random.uniform(0, 12))
                        self._add(shop, at, self._hearts(), mark=mark, text=self._words())

    def _coincidences(self) -> None:
        """Friends who copy a sentence; guests who rate with a phone of the shop."""
        for _ in range(self.assumed.copied_words):
            shop, at, text = self._shop(), self._moment(), self._words() + "，大家都来尝尝看"
            for _ in range(2):
                self._add(shop, at, 25, text=text)
        for _ in range(self.assumed.helpers):
            self._add(self._shop(), self._moment(), 25, own=True)

    def _bursts(self) -> None:
        for _ in range(self.assumed.bursts):
            fraud, shop, begins = Fraud(SignalKind.BURST), self._shop(), self._moment()
            hours, total = self._between(self.assumed.burst_hours), self.random.choice((25, 25, 5))
            for _ in range(self._between(self.assumed.burst_size)):
                at = begins + timedelta(hours=self.random.uniform(0, hours))
                mark = total if self.random.random() < 0.93 else 18
                fraud.ratings.add(self._add(shop, at, mark, text=self._words()))
            fraud.shops.add(shop)
            self.frauds.append(fraud)

    def _rings(self) -> None:
        for _ in range(self.assumed.ring_count):
            fraud, begins = Fraud(SignalKind.RING), self._moment()
            shops = self.random.sample(range(self.assumed.shops), self._between(self.assumed.ring_shops))
            for _ in range(self._between(self.assumed.ring_devices)):
                mark = self._device()
                for shop in shops:
                    if self.random.random() < 0.15:
                        continue
                    if self.random.random() > self.assumed.ring_keeps:
                        mark = self._device()  # the cookie was thrown away
                    at = begins + timedelta(hours=self.random.uniform(0, 72))
                    fraud.ratings.add(self._add(shop, at, 25, mark=mark, text=self._words()))
            fraud.shops.update(shops)
            self.frauds.append(fraud)

    def _praise(self) -> None:
        for _ in range(self.assumed.praisers):
            fraud, shop, begins = Fraud(SignalKind.SELF), self._shop(), self._moment()
            alike = (
                self._words() + "，老板人好东西实在"
                if self.random.random() < self.assumed.praise_alike
                else ""
            )
            for _ in range(self._between(self.assumed.praise_size)):
                at = begins + timedelta(hours=self.random.uniform(0, 72))
                own = self.random.random() < self.assumed.praise_own
                text = alike + "！" * self.random.randint(0, 2) if alike else self._words()
                fraud.ratings.add(self._add(shop, at, 25, own=own, text=text))
            fraud.shops.add(shop)
            self.frauds.append(fraud)

    def _judge(self) -> Outcome:
        by_shop: dict[int, list[Seen]] = defaultdict(list)
        for one in self.seen:
            by_shop[one.shop_id].append(one)
        raised: dict[tuple[SignalKind, int], set[int]] = {}
        false: dict[tuple[SignalKind, int], Finding] = {}
        made_up = {number for fraud in self.frauds for number in fraud.ratings}
        for day in range(1, MONTH + 1):
            now = START + timedelta(days=WARM_DAYS + day)
            for finding in self._look(by_shop, now):
                raised.setdefault((finding.kind, finding.shop_id), set()).update(finding.ratings)
                if not made_up & set(finding.ratings):
                    false.setdefault((finding.kind, finding.shop_id), finding)
        named = {number for numbers in raised.values() for number in numbers}
        for fraud in self.frauds:
            fraud.found = bool(fraud.ratings & named)
        return Outcome(self.frauds, list(false.values()), len(self.seen), self.assumed.shops)

    def _look(self, by_shop: dict[int, list[Seen]], now: datetime) -> list[Finding]:
        recent = now - timedelta(days=self.rules.signal_days)
        far = recent - timedelta(days=self.rules.burst_usual_days, hours=self.rules.burst_hours)
        found = [
            one
            for one in rings((s for s in self.seen if far < s.at <= now), self.rules)
            if any(self.seen[number].at > recent for number in one.ratings)
        ]
        for many in by_shop.values():
            known = [one for one in many if far < one.at <= now]
            if any(one.at > recent for one in known):
                pair = burst(known, now, self.rules), self_praise(known, now, self.rules)
                found += [one for one in pair if one is not None]
        return found


def months(seeds: range, rules: Limits | None = None, **changed: object) -> list[Outcome]:
    """Some months under the assumptions, with these changes."""
    assumed = replace(Assumptions(), **changed)  # type: ignore[arg-type]
    return [City(assumed, seed, rules).run() for seed in seeds]
