"""When ratings look made up: bursts, rings, self-praise; and the life of the task that says so. Pure.

A signal is a task for an officer. It removes nothing, hides nothing and weighs nothing.

What is known of whoever rated: when, how many hearts, which words, whether after a scan, and the mark of the device: a
keyed hash of a random value in the browser's own cookie, erased after ``rating.mark_days``. No network address, nothing
of the person. Whoever throws the cookie away is another device.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import accumulate, combinations
from typing import Any, Final

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class SignalKind(enum.StrEnum):
    """What looks wrong."""

    BURST = "burst"  # many within hours, nearly all one way, at a shop that is rated seldom
    RING = "ring"  # the same devices rate the same shops, all one way
    SELF = "self_praise"  # by the shop's own people, or several times in nearly the same words


class SignalState(enum.StrEnum):
    """Where the officers stand with it."""

    OPEN = "open"
    HANDLED = "handled"
    DISMISSED = "dismissed"


_OFFICERS = {Role.STATION_OFFICER, Role.BUREAU_OFFICER}
STEPS: Steps[SignalState] = Steps(
    "rating_signal",
    SignalState.OPEN,
    [
        step("handle", {SignalState.OPEN}, SignalState.HANDLED, _OFFICERS, needs_reason=True),
        step("dismiss", {SignalState.OPEN}, SignalState.DISMISSED, _OFFICERS, needs_reason=True),
        step(
            "reopen",
            {SignalState.HANDLED, SignalState.DISMISSED},
            SignalState.OPEN,
            _OFFICERS,
            needs_reason=True,
        ),
    ],
)

#: Sums of the five hearts that count as praise and as damning.
PRAISE: Final = 24
DAMNING: Final = 8
#: Of self-praise: what is high at all.
HIGH: Final = 20
#: Words shorter than this are alike by chance (「很好吃，下次还来」).
WORDS_LEAST: Final = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """The policy values, each under its key ``rating.<name>`` (units and sources: ``policy_defaults.csv``)."""

    burst_hours: int
    burst_least: int
    burst_times: int
    burst_usual_days: int
    one_way_percent: int
    ring_shops: int
    ring_devices: int
    alike_least: int
    alike_percent: int
    signal_days: int


#: So many of a shop's newest texts are compared with one another, and by so many shops a device is tied to others.
COMPARED_MOST: Final = 400
TIED_BY: Final = 12
POLICIES: Final = tuple(f"rating.{one.name}" for one in fields(Limits))


@dataclass(frozen=True, slots=True)
class Seen:
    """A rating as the rules see it. `total` of the five hearts, 5 to 25."""

    id: int
    shop_id: int
    at: datetime
    total: int
    text: str = ""
    mark: str | None = None
    own: bool = False

    @property
    def way(self) -> int:
        """1 praise, -1 damning, 0 neither."""
        return (self.total >= PRAISE) - (self.total <= DAMNING)


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence: which ratings, since when, and the figures that explain it in words."""

    kind: SignalKind
    shop_id: int
    ratings: tuple[int, ...]
    since: datetime
    facts: dict[str, Any] = field(default_factory=dict)


def burst(seen: Sequence[Seen], now: datetime, limits: Limits) -> Finding | None:
    """So many ratings of one shop within `burst_hours` that it is `burst_times` its usual number, nearly all one way.

    `seen`: the shop's ratings of the window and of the `burst_usual_days` before. The fullest window wins.
    """
    ordered = sorted(seen, key=lambda one: (one.at, one.id))
    times = [one.at for one in ordered]
    praise, damning = _sums(one.way > 0 for one in ordered), _sums(one.way < 0 for one in ordered)
    span, first = timedelta(hours=limits.burst_hours), now - timedelta(days=limits.signal_days)
    best: tuple[int, int, int] | None = None  # from, to (excluded), how many there were before
    start = 0
    for end, last in enumerate(ordered, 1):
        while last.at - ordered[start].at > span:
            start += 1
        size = end - start
        if last.at <= first or size < limits.burst_least or (best and size <= best[1] - best[0]):
            continue
        before = start - bisect_left(times, times[start] - timedelta(days=limits.burst_usual_days))
        # n / hours ≥ times × before / (days × 24), in whole numbers
        enough = size * limits.burst_usual_days * 24 >= limits.burst_times * before * limits.burst_hours
        most = max(praise[end] - praise[start], damning[end] - damning[start])
        if enough and 100 * most >= limits.one_way_percent * size:
            best = start, end, before
    if best is None:
        return None
    inside, before = ordered[best[0] : best[1]], best[2]
    return Finding(
        SignalKind.BURST,
        inside[0].shop_id,
        tuple(one.id for one in inside),
        inside[0].at,
        {
            "count": len(inside),
            "hours": max(1, round((inside[-1].at - inside[0].at).total_seconds() / 3600)),
            "before": before,
            "days": limits.burst_usual_days,
            "way": _way(inside),
        },
    )


def rings(seen: Iterable[Seen], limits: Limits) -> list[Finding]:
    """Groups of devices that rate the same shops, all one way: at least so many devices at so many shops each.

    Two devices are tied when they share `ring_shops` shops; what hangs together by ties is one ring. One finding a
    shop that `ring_devices` of them rated.
    """
    by_device: dict[tuple[str, int], dict[int, Seen]] = defaultdict(dict)
    for one in seen:
        if one.mark and one.way:
            by_device[one.mark, one.way].setdefault(one.shop_id, one)
    busy = {who: shops for who, shops in by_device.items() if len(shops) >= limits.ring_shops}
    found = []
    for ring in _tied(busy, limits.ring_shops):
        by_shop: dict[int, list[Seen]] = defaultdict(list)
        for who in ring:
            for shop_id, one in busy[who].items():
                by_shop[shop_id].append(one)
        shared = {shop: ones for shop, ones in by_shop.items() if len(ones) >= limits.ring_devices}
        if len(ring) < limits.ring_devices or len(shared) < limits.ring_shops:
            continue
        for shop_id, ones in shared.items():
            facts = {
                "devices": len(ones),
                "ring": len(ring),
                "shops": sorted(shared),
                "way": "praise" if ones[0].way > 0 else "damning",
            }
            ids = tuple(sorted(one.id for one in ones))
            found.append(Finding(SignalKind.RING, shop_id, ids, min(one.at for one in ones), facts))
    return sorted(found, key=lambda one: one.shop_id)


def _tied(busy: dict[tuple[str, int], dict[int, Seen]], least: int) -> list[list[tuple[str, int]]]:
    """Groups of devices that hang together by sharing at least so many shops.

    Whoever has the same `least` shops is tied: each such set of shops is looked up once, so the work grows with the
    devices and not with their pairs. Of who rated very many, the `TIED_BY` shops that fewest others rated count.
    """
    leader = {who: who for who in busy}

    def top(who: tuple[str, int]) -> tuple[str, int]:
        while leader[who] != who:
            leader[who] = who = leader[leader[who]]
        return who

    devices_of = Counter((shop_id, way) for (_, way), shops in busy.items() for shop_id in shops)
    first_with: dict[tuple[int, ...], tuple[str, int]] = {}
    for who, shops in busy.items():
        rarest = sorted((devices_of[shop_id, who[1]], shop_id) for shop_id in shops)[:TIED_BY]
        for shared in combinations(sorted(shop_id for _, shop_id in rarest), least):
            leader[top(who)] = top(first_with.setdefault((who[1], *shared), who))
    groups: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for who in busy:
        groups[top(who)].append(who)
    return [group for group in groups.values() if len(group) > 1]


def self_praise(seen: Sequence[Seen], now: datetime, limits: Limits) -> Finding | None:
    """High ratings from the shop's own people's phone or browser, or several in nearly the same words."""
    high = [one for one in seen if one.total >= HIGH and one.at > now - timedelta(days=limits.signal_days)]
    own = [one for one in high if one.own]
    alike = _alike(high, limits)
    if not own and not alike:
        return None
    found = sorted({*own, *alike}, key=lambda one: (one.at, one.id))
    return Finding(
        SignalKind.SELF,
        found[0].shop_id,
        tuple(one.id for one in found),
        found[0].at,
        {"own": len(own), "alike": len(alike)},
    )


def _alike(high: Sequence[Seen], limits: Limits) -> list[Seen]:
    """The largest group of ratings each of whose words are like those of one among them; [] when it is too small."""
    newest = sorted(high, key=lambda one: (one.at, one.id))[-COMPARED_MOST:]
    by_words: dict[frozenset[str], list[Seen]] = defaultdict(list)
    for one in newest:
        if len(words := _pairs(one.text)) >= WORDS_LEAST - 1:
            by_words[words].append(one)
    best: list[Seen] = []
    for near in _near(list(by_words), limits.alike_percent):
        group = [one for words in near for one in by_words[words]]
        best = group if len(group) > len(best) else best
    return best if len(best) >= limits.alike_least else []


def _near(texts: Sequence[frozenset[str]], percent: int) -> Iterator[list[frozenset[str]]]:
    """For each text those that share at least `percent` (above 0) with it, itself among them.

    Two such texts have one of their rarest pairs of characters in common, when each brings all but so many as it could
    lack (prefix filtering; Chaudhuri, Ganti, Kaushik 2006): texts that are unlike are never compared.
    """
    often = Counter(pair for words in texts for pair in words)
    rare: list[list[str]] = []
    with_pair: dict[str, list[int]] = defaultdict(list)
    for place, words in enumerate(texts):
        brought = len(words) - -(-percent * len(words) // 100) + 1
        rare.append(sorted(words, key=lambda pair: (often[pair], pair))[:brought])
        for pair in rare[-1]:
            with_pair[pair].append(place)
    for place, words in enumerate(texts):
        others = sorted({other for pair in rare[place] for other in with_pair[pair]})
        yield [texts[other] for other in others if _percent(words, texts[other]) >= percent]


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(char for char in text if char.isalnum())
    return frozenset(plain[place : place + 2] for place in range(len(plain) - 1))


def _percent(one: frozenset[str], other: frozenset[str]) -> int:
    """What two texts share of all their pairs of characters (Jaccard), whole percents."""
    return 100 * len(one & other) // len(one | other)


def _sums(flags: Iterable[bool]) -> list[int]:
    """How many of the first n are true, for each n: a window's number is a difference, whatever its length."""
    return [0, *accumulate(flags)]


def _way(inside: Sequence[Seen]) -> str:
    return "praise" if sum(one.way for one in inside) > 0 else "damning"
