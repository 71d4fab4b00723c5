"""What the scans of a shop, and of all shops of a merchant, come to. Nothing leaves here that is too exact to show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from webapp.core import clock, policy
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.scans import queries as scans
from webapp.stickers import queries as stickers
from webapp.stickers.models import Sticker
from webapp.stickers.rules import STANDING

from . import rules
from .rules import Period, Span


@dataclass(frozen=True)
class Exactness:
    """How exact a figure may be: rounded to `step`, and by hour and sticker only of at least `sample` scans."""

    step: int
    sample: int


def exactness(today: date) -> Exactness:
    """What is in force today."""
    found = policy.get_ints(("scan.round_to", "scan.sample_min"), today)
    return Exactness(found["scan.round_to"], found["scan.sample_min"])


@dataclass(frozen=True)
class Now:
    """`so_far` today, rounded down; `yesterday` in full."""

    so_far: int
    yesterday: int


@dataclass(frozen=True)
class Paper:
    """One sticker and its scans in whole weeks, rounded. `strays`: it was scanned after its end."""

    sticker: Sticker
    count: int
    strays: bool

    @property
    def stands(self) -> bool:
        """The paper may hang where it hangs; False for one that was replaced, lost or destroyed."""
        return self.sticker.state in STANDING


@dataclass(frozen=True)
class Weeks:
    """What whole weeks come to. `hours` rounded; `weekdays` means, empty for too few weeks; `papers` the most first.

    `enough` is False below the sample: then all three are empty.
    """

    span: Span
    total: int
    enough: bool
    hours: list[int]
    weekdays: list[float]
    papers: list[Paper]


@dataclass(frozen=True)
class ShopTraffic:
    """The scans of one shop. `columns` are the period's days or months; `before` the scans of as many days before it.

    `first_day` None: nobody has scanned yet. `before` None: not all of those days lie after the first.
    """

    period: Period
    span: Span
    now: Now
    first_day: date | None
    columns: list[tuple[Span, int]]
    before: int | None
    weeks: Weeks | None
    exactness: Exactness

    @property
    def total(self) -> int:
        """The scans of the period's finished days."""
        return sum(count for _, count in self.columns)


def of_shop(shop_id: int, period: Period, today: date) -> ShopTraffic:
    """Everything that a shop's page shows."""
    span, limits = rules.span_of(period, today), exactness(today)
    first_day = scans.first_day(shop_id)
    earlier = rules.before(span) if period is not Period.YEAR else span
    days = scans.by_day([shop_id], earlier.first, today)
    compared = first_day is not None and period is not Period.YEAR and first_day <= earlier.first
    return ShopTraffic(
        period=period,
        span=span,
        now=_now(days, today, limits),
        first_day=first_day,
        columns=[(step, sum(days.get(day, 0) for day in step)) for step in rules.steps(period, span)],
        before=sum(days.get(day, 0) for day in earlier) if compared else None,
        weeks=None if first_day is None else _weeks(shop_id, period, today, first_day, limits),
        exactness=limits,
    )


def _now(days: dict[date, int], today: date, limits: Exactness) -> Now:
    return Now(rules.floored(days.get(today, 0), limits.step), days.get(today - timedelta(days=1), 0))


def _weeks(shop_id: int, period: Period, today: date, first_day: date, limits: Exactness) -> Weeks | None:
    span = rules.weeks_of(period, today, first_day)
    if span is None:
        return None
    days = scans.by_day([shop_id], span.first, span.last)
    total = sum(days.values())
    enough = total >= limits.sample
    hours: list[int] = []
    weekdays: list[float] = []
    papers: list[Paper] = []
    if enough:
        own = stickers.of_shop(shop_id)
        by_hour = scans.by_hour(shop_id, [sticker.serial for sticker in own], span.first, span.last)
        hours = [rules.rounded(by_hour.get(hour, 0), limits.step) for hour in range(24)]
        papers = _papers(shop_id, own, span, limits.step)
        if span.days >= 7 * rules.WEEKS_FOR_WEEKDAYS:
            weekdays = rules.per_weekday(days, span)
    return Weeks(span, total, enough, hours, weekdays, papers)


def _papers(shop_id: int, own: list[Sticker], span: Span, step: int) -> list[Paper]:
    """Standing stickers, and ended ones that were scanned."""
    counts = scans.by_serial(shop_id, span.first, span.last)
    ended = {
        one.serial: clock.day_of(one.ended_at) for one in own if one.ended_at and one.state not in STANDING
    }
    days = scans.days_of(((shop_id, serial) for serial in ended), span.first)
    after = {
        serial: sum(n for day, n in days.get((shop_id, serial), {}).items() if end < day <= span.last)
        for serial, end in ended.items()
    }
    found = [
        Paper(
            one,
            rules.rounded(counts.get(one.serial, 0), step),
            rules.rounded(after.get(one.serial, 0), step) > 0,
        )
        for one in own
    ]
    shown = [paper for paper in found if paper.stands or paper.count]
    return sorted(shown, key=lambda paper: (-paper.count, paper.sticker.serial))


# --- several shops ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShopLine:
    """One shop in the list of many: today, yesterday, the last seven finished days and the seven before."""

    shop: Shop
    now: Now
    week: int
    week_before: int


def of_shops(shops: list[Shop], today: date) -> list[ShopLine]:
    """The shops, those scanned most in the last seven days first."""
    ids = [shop.id for shop in shops]
    week = rules.span_of(Period.WEEK, today)
    earlier, yesterday, step = rules.before(week), today - timedelta(days=1), exactness(today).step
    running, last = scans.by_shop(ids, today, today), scans.by_shop(ids, yesterday, yesterday)
    this, that = scans.by_shop(ids, week.first, week.last), scans.by_shop(ids, earlier.first, earlier.last)
    lines = [
        ShopLine(
            shop,
            Now(rules.floored(running.get(shop.id, 0), step), last.get(shop.id, 0)),
            this.get(shop.id, 0),
            that.get(shop.id, 0),
        )
        for shop in shops
    ]
    return sorted(lines, key=lambda line: (-line.week, line.shop.id))


def now_of(shop_ids: Iterable[int], today: date) -> Now:
    """Today and yesterday of these shops together."""
    return _now(scans.by_day(shop_ids, today - timedelta(days=1), today), today, exactness(today))


def with_stickers(shop_ids: Iterable[int]) -> set[int]:
    """Those of the shops that ever had a sticker."""
    statement = sa.select(Sticker.shop_id).where(Sticker.shop_id.in_(list(shop_ids))).distinct()
    return set(db.session.scalars(statement))
