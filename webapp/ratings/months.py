"""Stars by calendar month in China, for the merchant's own eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from webapp.core import clock
from webapp.core.db import db

from .models import Rating
from .rules import HEARTS

MONTHS: Final = 12
LATELY: Final = 3


@dataclass(frozen=True)
class Month:
    """The ratings of the month that begins on `first`: how many, and the sum of all their hearts."""

    first: date
    count: int
    total: int

    @property
    def mean(self) -> float | None:
        """The mean of the five hearts, None without a rating."""
        return self.total / self.count / len(HEARTS) if self.count else None


@dataclass(frozen=True)
class Turn:
    """`all`: the mean of the whole time; `lately`: of the last three months, None without a rating in them; `step`: to
    that from the months before, one decimal, None where there is nothing to compare.
    """

    all: float
    lately: float | None
    step: float | None


def firsts(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the last `count` months, this one as the last."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def turn(months: Sequence[Month]) -> Turn:
    """How the last three months stand to the earlier ones. Some month must have a rating."""
    late, early = _mean(months[-LATELY:]), _mean(months[:-LATELY])
    step = None if late is None or early is None else round(round(late, 1) - round(early, 1), 1)
    return Turn(_mean(months) or 0.0, late, step)


def _mean(months: Sequence[Month]) -> float | None:
    count = sum(month.count for month in months)
    return sum(month.total for month in months) / count / len(HEARTS) if count else None


def of_shops(shop_ids: Sequence[int], today: date) -> list[Month]:
    """The last twelve months of these shops together, one query."""
    begins = firsts(today)
    hearts = sum((getattr(Rating, heart) for heart in HEARTS[1:]), getattr(Rating, HEARTS[0]))
    bounds = [clock.end_of_day(first - timedelta(days=1)) for first in begins]
    columns = []
    for number, start in enumerate(bounds):
        within = Rating.created_at >= start
        if number + 1 < len(bounds):
            within = sa.and_(within, Rating.created_at < bounds[number + 1])
        columns += [
            sa.func.sum(sa.case((within, 1), else_=0)),
            sa.func.sum(sa.case((within, hearts), else_=0)),
        ]
    statement = sa.select(*columns).where(
        Rating.shop_id.in_(shop_ids), Rating.created_at >= bounds[0], Rating.removed_at.is_(None)
    )
    row = [int(value or 0) for value in db.session.execute(statement).one()]
    return [Month(first, row[2 * n], row[2 * n + 1]) for n, first in enumerate(begins)]
