"""Reading scan counts. Days are days in China; the last one is counted in, and may still be growing.

A scan is a sticker's page shown once, of a sticker that is in our books: also of a replaced, lost or suspended one.
Pages asked for by robots, in advance (prefetch) or by HEAD are not counted; a page opened again is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from webapp.core.db import db

from .models import ScanCount, ScanDay


class StickerHour(NamedTuple):
    """The scans of one sticker in one hour."""

    shop_id: int
    serial: int
    day: date
    hour: int
    scans: int


def by_day(shop_ids: Iterable[int], first: date, last: date) -> dict[date, int]:
    """Scans of all stickers of these shops together; days without any are left out."""
    statement = sa.select(ScanDay.day, sa.func.sum(ScanDay.count)).group_by(ScanDay.day)
    rows = db.session.execute(
        statement.where(ScanDay.shop_id.in_(list(shop_ids)), *_within(ScanDay, first, last))
    )
    return {date.fromisoformat(day): int(count) for day, count in rows}


def by_shop(shop_ids: Iterable[int], first: date, last: date) -> dict[int, int]:
    """Scans by shop; shops without any are left out."""
    statement = sa.select(ScanDay.shop_id, sa.func.sum(ScanDay.count)).group_by(ScanDay.shop_id)
    rows = db.session.execute(
        statement.where(ScanDay.shop_id.in_(list(shop_ids)), *_within(ScanDay, first, last))
    )
    return {shop_id: int(count) for shop_id, count in rows}


def by_serial(shop_id: int, first: date, last: date) -> dict[int, int]:
    """Scans of a shop by sticker; serials without any are left out."""
    statement = sa.select(ScanDay.serial, sa.func.sum(ScanDay.count)).group_by(ScanDay.serial)
    rows = db.session.execute(statement.where(ScanDay.shop_id == shop_id, *_within(ScanDay, first, last)))
    return {serial: int(count) for serial, count in rows}


def by_hour(shop_id: int, serials: Iterable[int], first: date, last: date) -> dict[int, int]:
    """Scans of these stickers together by hour of the day, of days whose hours are still kept (``scan.hour_days``)."""
    statement = sa.select(ScanCount.hour, sa.func.sum(ScanCount.count)).group_by(ScanCount.hour)
    mine = (
        ScanCount.shop_id == shop_id,
        ScanCount.serial.in_(list(serials)),
    )  # serials named: the key's order
    rows = db.session.execute(statement.where(*mine, *_within(ScanCount, first, last)))
    return {hour: int(count) for hour, count in rows}


def first_day(shop_id: int) -> date | None:
    """The first day of which scans of the shop are kept."""
    day = db.session.scalar(sa.select(sa.func.min(ScanDay.day)).where(ScanDay.shop_id == shop_id))
    return None if day is None else date.fromisoformat(day)


def busy_hours(at_least: int, first: date, first_hour: int = 0) -> list[StickerHour]:
    """Hours since `first` (from `first_hour` on) in which one sticker was scanned at least so often, in the whole city.

    In order of time. What lies before is not read: a city of a million shops writes a million hours in two.
    """
    since = sa.tuple_(ScanCount.day, ScanCount.hour) >= sa.tuple_(
        sa.literal(first.isoformat()), sa.literal(first_hour)
    )
    statement = (
        sa.select(ScanCount.shop_id, ScanCount.serial, ScanCount.day, ScanCount.hour, ScanCount.count)
        .where(since, ScanCount.count >= at_least)
        .order_by(ScanCount.day, ScanCount.hour, ScanCount.shop_id, ScanCount.serial)
    )
    return [
        StickerHour(shop_id, serial, date.fromisoformat(day), hour, count)
        for shop_id, serial, day, hour, count in db.session.execute(statement)
    ]


def hours_of(shop_id: int, serial: int, first: date, last: date) -> dict[tuple[date, int], int]:
    """One sticker's scans by (day, hour), in order; hours without any are left out."""
    statement = sa.select(ScanCount.day, ScanCount.hour, ScanCount.count).where(
        ScanCount.shop_id == shop_id, ScanCount.serial == serial, *_within(ScanCount, first, last)
    )
    rows = db.session.execute(statement.order_by(ScanCount.day, ScanCount.hour))
    return {(date.fromisoformat(day), hour): count for day, hour, count in rows}


def days_of(papers: Iterable[tuple[int, int]], first: date) -> dict[tuple[int, int], dict[date, int]]:
    """Scans since `first` of these stickers (shop, serial), by day; stickers without any are left out."""
    wanted = sa.tuple_(ScanDay.shop_id, ScanDay.serial).in_(list(papers))
    statement = sa.select(ScanDay.shop_id, ScanDay.serial, ScanDay.day, ScanDay.count).where(
        wanted, ScanDay.day >= first.isoformat()
    )
    found: dict[tuple[int, int], dict[date, int]] = defaultdict(dict)
    for shop_id, serial, day, count in db.session.execute(statement.order_by(ScanDay.day)):
        found[shop_id, serial][date.fromisoformat(day)] = count
    return dict(found)


def _within(table: type[ScanCount | ScanDay], first: date, last: date) -> tuple[sa.ColumnElement[bool], ...]:
    return table.day >= first.isoformat(), table.day <= last.isoformat()
