"""How often the demo city's stickers were scanned: a month by hour for every lively shop, a year for the first few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from webapp.core import clock
from webapp.demo.city import DemoShop
from webapp.demo.draw import Draw
from webapp.demo.plan import Plan

#: So many shops (the first merchant's are among them) have a year of days, and twelve weeks by hour of both stickers.
LONG = 12
LONG_DAYS, LONG_HOUR_DAYS = 365, 90
#: All others: four whole weeks and a begun one, at the busiest hours, at the door.
SHORT_DAYS = 35
#: Hour → how busy, for those who sell meals and for all others.
_MEALS = {7: 2, 8: 1, 11: 5, 12: 9, 13: 4, 17: 4, 18: 9, 19: 7, 20: 3}
_DAYTIME = {9: 2, 10: 4, 11: 4, 14: 3, 15: 4, 16: 6, 17: 5, 18: 4, 19: 3}
_BUSIEST = 4
#: A replaced sticker was replaced so many days ago (see rows.py); some go on scanning it.
_REPLACED_DAYS = 9

Rows = list[dict[str, Any]]


def scans_for(seed: int, shop: DemoShop, shop_id: int, plan: Plan, now: datetime) -> tuple[Rows, Rows]:
    """The rows of ``scan_count`` and of ``scan_day``: none before the shop was approved, none after `now`."""
    local = now.astimezone(clock.SHANGHAI)
    today, is_long = local.date(), shop.index < LONG
    draw = Draw(seed, "scans", shop.index)
    busy = 1 + draw.below(6)
    weights = _MEALS if shop.category == "eat" else _DAYTIME
    if not is_long:
        weights = dict(sorted(weights.items(), key=lambda pair: -pair[1])[:_BUSIEST])
    hours: Rows = []
    days: Counter[tuple[str, int]] = Counter()
    since = clock.day_of(plan.approved_at)
    for back in range(min(LONG_DAYS if is_long else SHORT_DAYS, (today - since).days + 1)):
        day = today - timedelta(days=back)
        for serial, share in _papers(plan, back, is_long=is_long):
            level = busy * share * _season(day, back)
            for hour, count in _hours(draw, weights, level, local.hour if back == 0 else 24):
                days[day.isoformat(), serial] += count
                if back < LONG_HOUR_DAYS:
                    hours.append(_row(shop_id, serial, day) | {"hour": hour, "count": count})
    return hours, [
        {"shop_id": shop_id, "serial": serial, "day": day, "count": count}
        for (day, serial), count in days.items()
    ]


def _row(shop_id: int, serial: int, day: date) -> dict[str, Any]:
    return {"shop_id": shop_id, "serial": serial, "day": day.isoformat()}


def _papers(plan: Plan, back: int, *, is_long: bool) -> Iterator[tuple[int, float]]:
    """Which stickers hang on a day, and which share of the scans each has."""
    if not plan.replaced_sticker or back > _REPLACED_DAYS:
        yield 1, 1.0
    else:
        yield 3, 1.0
        if is_long:
            yield 1, 0.2
    if is_long:
        yield 2, 0.5


def _season(day: date, back: int) -> float:
    """More on Saturdays and Sundays, and more from month to month."""
    return (1.6 if day.weekday() >= 5 else 1.0) * (1.25 - back / 500)


def _hours(draw: Draw, weights: dict[int, int], level: float, before: int) -> Iterator[tuple[int, int]]:
    for hour, weight in weights.items():
        count = draw.below(int(level * weight / 3) + 2)
        if count and hour < before:
            yield hour, count
