"""What scans give the merchant's home: today so far, and the last seven finished days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import render_template, url_for
from markupsafe import Markup

from webapp.core import clock
from webapp.merchants.models import Shop
from webapp.merchants.todo import Figure
from webapp.scans import queries as scans
from webapp.web.filters import WEEKDAYS
from webapp.web.languages import say, translate
from webapp.web.requests import once

from . import queries, rules
from .queries import Now
from .rules import Period


def figure(shops: list[Shop], now: datetime) -> Figure | None:
    """Slot ``merchant.figures``: today so far, rounded down as everywhere; None before there is anything to scan."""
    today = clock.day_of(now)
    ids, days = _lately(shops, today)
    if not ids:
        return None
    step = queries.exactness(today).step
    all_of_them = Now(rules.floored(days.get(today, 0), step), days.get(today - timedelta(days=1), 0))
    running = scans.by_shop(ids, today, today)
    each = {number: Now(rules.floored(running.get(number, 0), step), 0) for number in ids}
    return Figure(
        _so_far(all_of_them, step),
        say("traffic.home.today"),
        say("traffic.home.unit"),
        note=say("traffic.home.yesterday", count=f"{all_of_them.yesterday:,}"),
        url=url_for("traffic_merchant.index"),
        by_shop={number: _so_far(one, step) for number, one in each.items()},
    )


def _lately(shops: list[Shop], today: date) -> tuple[set[int], dict[date, int]]:
    """The shops that ever had a sticker, and the scans of them together by day: two finished weeks and today."""

    def read() -> tuple[set[int], dict[date, int]]:
        ids = queries.with_stickers(shop.id for shop in shops)
        first = rules.before(rules.span_of(Period.WEEK, today)).first
        return ids, scans.by_day(ids, first, today) if ids else {}

    return once(("traffic.lately", tuple(shop.id for shop in shops)), read)


def _so_far(now: Now, step: int) -> str:
    """Short, for a card: 30+, <10, or the very number where nothing is rounded."""
    if step == 1:
        return f"{now.so_far:,}"
    return f"{now.so_far:,}+" if now.so_far else f"<{step}"


def chart(shops: list[Shop], now: datetime) -> Markup | None:
    """Slot ``merchant.charts``: scans of the last seven days; None while there are none."""
    today = clock.day_of(now)
    week = rules.span_of(Period.WEEK, today)
    earlier = rules.before(week)
    days = {
        day: count for day, count in _lately(shops, today)[1].items() if earlier.first <= day <= week.last
    }
    counts = [days.get(day, 0) for day in week]
    best = rules.top(counts)
    if best is None:
        return None
    columns = [
        {
            "word": f"{day:%Y-%m-%d}",
            "value": count,
            "shown": f"{count:,}",
            "tick": translate(f"周{WEEKDAYS[day.weekday()]}"),
            "hot": place == best,
            "direct": count > 0,
        }
        for place, (day, count) in enumerate(zip(week, counts, strict=True))
    ]
    step = sum(counts) - sum(days.get(day, 0) for day in earlier)
    began = min(days) >= week.first - timedelta(days=1)
    kind = "only" if began else "more" if step > 0 else "less" if step < 0 else "same"
    title = say(f"traffic.home.week_{kind}", count=f"{sum(counts):,}", by=f"{abs(step):,}")
    return Markup(render_template("traffic/_week.html", columns=columns, title=title))  # noqa: S704 - our template
