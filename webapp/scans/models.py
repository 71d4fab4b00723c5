"""Tables of scan counts: how often stickers were looked at. Nothing about who looked, not even a hash."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Instant


class ScanCount(Base):
    """How often a sticker was scanned in one hour of a day in China (`day` as ``2026-05-06``, `hour` 0 to 23).

    Kept for some weeks (policy ``scan.hour_days``); :class:`ScanDay` has the sums for longer.
    """

    __tablename__ = "scan_count"
    __table_args__ = (
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        sa.CheckConstraint("count > 0", name="counted"),
        sa.Index("ix_scan_count_day", "day", "hour"),
    )

    shop_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    serial: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    hour: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BIG)


class ScanDay(Base):
    """How often a sticker was scanned on a day in China: the sum of its hours, written with them."""

    __tablename__ = "scan_day"
    __table_args__ = (
        sa.CheckConstraint("count > 0", name="counted"),
        sa.Index("ix_scan_day_day", "day"),
    )

    shop_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    serial: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(BIG)


class ScanWriter(Base):
    """The last batch that a worker process has written, so that a batch written twice counts once."""

    __tablename__ = "scan_writer"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    batch: Mapped[int] = mapped_column(BIG)
    at: Mapped[Instant]
