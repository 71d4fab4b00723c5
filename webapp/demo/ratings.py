"""Ratings (评价) by the five hearts, over the year before today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from webapp.demo import words
from webapp.demo.city import DemoShop
from webapp.demo.draw import Draw

HEARTS = ("environment", "quality", "price", "service", "redress")
_MOODS = ("good",) * 72 + ("mixed",) * 19 + ("bad",) * 9
# The lowest and highest heart of each mood.
_RANGE = {"good": (4, 5), "mixed": (3, 5), "bad": (1, 3)}
_ORIGINS = ("scan",) * 7 + ("other",) * 2 + ("complaint",)
# A shop that a dispute was settled with is rated by the consumer as "complaint"; Chinese day hours in UTC.
_OPEN_UTC_HOURS = (0, 14)


@dataclass(frozen=True, slots=True)
class DemoRating:
    """One consumer's judgement: five whole numbers 1 to 5 (环境舒心 质量放心 价格诚心 服务贴心 维权省心).

    `origin`: "scan", "complaint" or "other". `reply` is the merchant's answer or None, `replied_at` with it.
    Instants UTC.
    """

    environment: int
    quality: int
    price: int
    service: int
    redress: int
    text: str
    origin: str
    created_at: datetime
    reply: str | None
    replied_at: datetime | None


@cache
def _texts(category: str, mood: str) -> tuple[str, ...]:
    return tuple(
        row["text"]
        for row in words.table("ratings.csv")
        if (row["category"], row["mood"]) == (category, mood)
    )


def draw_instant(draw: Draw, today: date, newest_days: int = 0, oldest_days: int = 365) -> datetime:
    """A moment of the day in China, between so many days before `today`; always before `today` begins in
    UTC.
    """
    day = today - timedelta(days=1 + draw.between(newest_days, oldest_days))
    return datetime.combine(day, time(draw.between(*_OPEN_UTC_HOURS), draw.below(60), draw.below(60)), UTC)


def draw_count(draw: Draw) -> int:
    """How many ratings a shop has: most a handful, few many."""
    return draw.below(1 + draw.below(1 + draw.below(40)))


def ratings_for(seed: int, shop: DemoShop, today: date) -> tuple[DemoRating, ...]:
    """The shop's ratings, oldest first."""
    draw = Draw(seed, "rating", shop.index)
    made = [_make(draw, shop.category, today) for _ in range(draw_count(draw))]
    return tuple(sorted(made, key=lambda rating: rating.created_at))


def _make(draw: Draw, category: str, today: date) -> DemoRating:
    mood = draw.choice(_MOODS)
    low, high = _RANGE[mood]
    created_at = draw_instant(draw, today)
    replied_at = created_at + timedelta(minutes=draw.between(30, 2800)) if draw.chance(300) else None
    if replied_at and replied_at.date() >= today:
        replied_at = None
    return DemoRating(
        environment=draw.between(low, high),
        quality=draw.between(low, high),
        price=draw.between(low, high),
        service=draw.between(low, high),
        redress=draw.between(low, high),
        text=draw.choice(_texts(category, mood)) if draw.chance(700) else "",
        origin=draw.choice(_ORIGINS),
        created_at=created_at,
        reply=draw.choice(words.lines("replies.txt")) if replied_at else None,
        replied_at=replied_at,
    )
