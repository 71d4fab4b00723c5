"""What ratings give the merchant's home: words to reply to, the stars, and how they went."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import render_template, url_for
from markupsafe import Markup

from webapp.core import clock
from webapp.core.db import db
from webapp.merchants.models import Shop, ShopFigures
from webapp.merchants.todo import ANSWER, Figure, Task
from webapp.web.languages import said_day, say

from . import months, queries, signals
from .models import Rating
from .rules import HEARTS

#: Words older than this are no news to anybody.
PRAISED_WITHIN = timedelta(days=90)


def tasks(shops: list[Shop], now: datetime) -> list[Task]:
    """Slot ``merchant.tasks``: ratings with words that nobody replied to, one task for all."""
    del now
    statement = sa.select(sa.func.count(Rating.id), sa.func.min(Rating.created_at)).where(
        Rating.shop_id.in_([shop.id for shop in shops]),
        Rating.reply.is_(None),
        Rating.text != "",
        Rating.removed_at.is_(None),
    )
    count, oldest = db.session.execute(statement).one()
    if not count:
        return []
    one = shops[0].id if len(shops) == 1 else None
    return [
        Task(
            say("rating.task.reply", count=count),
            url_for("ratings_merchant.index", unanswered=1, shop=one),
            say("rating.task.reply.why", day=said_day(oldest)),
            say("rating.task.reply.go"),
            rank=ANSWER,
            shop_id=one,
        )
    ]


def stars(shops: list[Shop], now: datetime) -> Figure:
    """Slot ``merchant.figures``: the mean of all hearts, the same that the public sees."""
    del now
    statement = sa.select(ShopFigures).where(ShopFigures.shop_id.in_([shop.id for shop in shops]))
    found = {row.shop_id: row for row in db.session.scalars(statement)}
    means = {shop_id: queries.summary(row).mean for shop_id, row in found.items()}
    count = sum(row.ratings for row in found.values())
    total = sum(int(getattr(row, f"hearts_{heart}")) for row in found.values() for heart in HEARTS)
    return Figure(
        f"{total / count / len(HEARTS):.1f}" if count else "—",
        say("rating.figure.words"),
        say("rating.figure.unit") if count else "",
        note=say("rating.figure.count", count=f"{count:,}") if count else say("rating.figure.none"),
        url=url_for("ratings_merchant.index"),
        by_shop={shop_id: f"{mean:.1f}" for shop_id, mean in means.items() if mean is not None},
    )


def praise(shops: list[Shop]) -> Markup | None:
    """Slot ``merchant.home``: the newest kind words of the last months; None where nobody has any."""
    ids = [shop.id for shop in shops]
    rating = queries.newest_praise(ids, clock.now() - PRAISED_WITHIN, signals.HIGH) if ids else None
    if rating is None:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template("ratings/_merchant_praise.html", rating=rating, several=len(shops) > 1)
    )


def chart(shops: list[Shop], now: datetime) -> Markup | None:
    """Slot ``merchant.charts``: the mean of each of the last twelve months; None before there are two."""
    today: date = clock.day_of(now)
    found = months.of_shops([shop.id for shop in shops], today)
    points = [month for month in found if month.mean is not None]
    if len(points) < 2:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template("ratings/_months.html", months=found, title=_title(months.turn(found)))
    )


def _title(turn: months.Turn) -> str:
    """What the drawing says: the last three months against those before."""
    if turn.lately is None:
        return say("rating.chart.silent", mean=f"{turn.all:.1f}")
    if turn.step is None:
        return say("rating.chart.lately", mean=f"{turn.lately:.1f}")
    kind = "same" if not turn.step else "up" if turn.step > 0 else "down"
    return say(f"rating.chart.{kind}", mean=f"{turn.lately:.1f}", step=f"{abs(turn.step):.1f}")
