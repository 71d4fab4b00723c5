"""What the samples are drawn with. Nothing of it is of anybody: it is never stored and never sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from webapp.core import clock
from webapp.files.queries import Picture
from webapp.openapi.offering import offered


class SampleForm(FlaskForm):
    """Two fields of a form class, as the adapter draws them."""

    named = StringField("店名")
    agreed = BooleanField("同意公开")


@dataclass(frozen=True)
class SampleTask:
    """Something to do, as a merchant's home shows it."""

    what: str
    tones: str
    why: str = ""
    due: datetime | None = None
    said: str = ""
    url: str = "/office/style"
    shop_id: int | None = None

    def tone(self, _now: datetime) -> str:
        """The one it was made with."""
        return self.tones


@dataclass(frozen=True)
class SampleDay:
    """A day of the calendar."""

    day: date
    mark: str


@dataclass(frozen=True)
class SampleSpot:
    """A cell of the map of an alarm, in its drawing's units."""

    x: int
    y: int
    number: int
    far: bool
    width: int = 40
    height: int = 40

    @property
    def pin(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class SamplePlot:
    """A drawn map: one district, the shop, two spots."""

    counties: tuple[str, ...] = ("M40 60L640 40L680 420L80 440z",)
    names: tuple[tuple[str, int, int], ...] = (("竞秀区", 140, 110),)
    spots: tuple[SampleSpot, ...] = (SampleSpot(320, 200, 1, far=False), SampleSpot(520, 90, 2, far=True))
    shop: tuple[float, float] = (340.0, 240.0)
    ring: float = 80.0
    scale: float = 100.0
    scale_metres: int = 500
    inset_at: tuple[int, int] | None = None
    inset: tuple[str, ...] = field(default_factory=tuple)
    inset_here: tuple[int, int, int, int] | None = None


def month() -> list[list[SampleDay | None]]:
    """October 2026 as weeks: a holiday, a worked weekend."""
    first = date(2026, 10, 1)
    days: list[SampleDay | None] = [None] * first.weekday()
    for number in range(31):
        day = first + timedelta(number)
        weekend = "weekend" if day.weekday() > 4 else ""
        days.append(SampleDay(day, "off" if day.day < 8 else "worked" if day.day == 10 else weekend))
    days += [None] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def context() -> dict[str, Any]:
    """Everything that a sample may name."""
    now, drawing = clock.now(), url_for("static", filename="img/storefront.svg")
    return {
        "here": url_for("styleguide.show"),
        "picture": drawing,
        "stored": Picture(drawing, drawing, f"{drawing} 320w, {drawing} 640w", 200, 640, 480),
        "form": SampleForm(formdata=None),
        "data": offered("red-list", ("csv", "json", "rss")),
        "now": now,
        "tasks": (
            SampleTask("回复 1 件投诉", "stop", "缺斤短两，希望退款", now, "还有 2 小时"),
            SampleTask("换食品经营许可证", "caution", "12 月 10 日到期", now + timedelta(12)),
            SampleTask("打印门口的码贴", "quiet", "还没有印过"),
        ),
        "months": [month()],
        "drawn": SamplePlot(),
    }
