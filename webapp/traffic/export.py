"""The same figures as a table for a spreadsheet: nothing finer than the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from webapp.web.filters import WEEKDAYS
from webapp.web.words import label

from . import rules, showing
from .queries import ShopLine, ShopTraffic
from .rules import Period, Span

Row = list[str]


def shop_rows(traffic: ShopTraffic) -> Iterator[Row]:
    """One row a figure: what it counts by, what it is of, from when to when, how often, how exact it is."""
    yield [label(f"traffic.column.{name}") for name in ("by", "item", "first", "last", "count", "exact")]
    by = label("traffic.word.month" if traffic.period is Period.YEAR else "traffic.word.day")
    exact = label("traffic.exact")
    for span, count in traffic.columns:
        item = f"{span.first:%Y-%m}" if traffic.period is Period.YEAR else WEEKDAYS[span.first.weekday()]
        yield [by, item, *_days(span), str(count), exact]
    weeks, step = traffic.weeks, traffic.exactness.step
    if weeks is None or not weeks.enough:
        return
    about = label("traffic.exact_to", step=step, least=rules.least(step)) if step > 1 else exact
    for hour, count in enumerate(weeks.hours):
        yield [label("traffic.word.hour"), f"{hour:02}:00", *_days(weeks.span), str(count), about]
    for name, paper in zip(showing.paper_names(weeks.papers), weeks.papers, strict=True):
        item = f"{name} {paper.sticker.label}"
        yield [label("traffic.word.paper"), item, *_days(weeks.span), str(paper.count), about]


def list_rows(lines: list[ShopLine], week: Span) -> Iterator[Row]:
    """One row a shop: the last seven finished days and the seven before."""
    yield [label(f"traffic.column.{name}") for name in ("shop", "number", "first", "last", "count", "before")]
    for line in lines:
        yield [line.shop.full_name, str(line.shop.id), *_days(week), str(line.week), str(line.week_before)]


def _days(span: Span) -> tuple[str, str]:
    return span.first.isoformat(), span.last.isoformat()
