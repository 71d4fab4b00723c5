"""What is kept of people's reports and positions, and the alarms that came of it."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Code, Id, Instant, Json, choice, fk
from webapp.merchants.models import Shop

from .geography import Cell
from .rules import AlarmKind, AlarmState, Remedy


class EvidenceKind(enum.StrEnum):
    """What somebody gave."""

    REPORT = "report"  # 「这不是这家店」
    SIGHTING = "sighting"  # 「我在这家店吗？」, position kept with consent


class CopySalt(Base):
    """The secret of one day in China: with it a device's mark is made. Deleted the day after; then no mark can be made
    again, not even by us.
    """

    __tablename__ = "copy_salt"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class CopyEvidence(Base):
    """One report, or one position as a cell. All that is kept: which sticker, the minute, the day's mark, the cell."""

    __tablename__ = "copy_evidence"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'sighting') = (cell_south IS NOT NULL)", name="sighting_has_cell"),
        sa.CheckConstraint(
            "(cell_south IS NULL) = (cell_west IS NULL) AND (cell_south IS NULL) = (cell_size IS NULL)",
            name="whole_cell",
        ),
        sa.Index("ix_copy_evidence_sticker", "shop_id", "serial", "at"),
        sa.Index(
            "uq_copy_evidence_report",
            "shop_id",
            "serial",
            "day",
            "device",
            unique=True,
            sqlite_where=sa.text("kind = 'report'"),
            postgresql_where=sa.text("kind = 'report'"),
        ),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id", index=False)
    serial: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[EvidenceKind] = mapped_column(choice(EvidenceKind, "kind"))
    at: Mapped[Instant] = mapped_column(index=True)  # to the minute
    day: Mapped[date]
    device: Mapped[str] = mapped_column(sa.String(32))
    cell_south: Mapped[int | None]
    cell_west: Mapped[int | None]
    cell_size: Mapped[int | None]

    @property
    def cell(self) -> Cell | None:
        """The cell, of a sighting."""
        if self.cell_south is None or self.cell_west is None or self.cell_size is None:
            return None
        return Cell(self.cell_south, self.cell_west, self.cell_size)


_STANDING = sa.text("state IN ('open', 'looking')")


class CopyAlarm(Base):
    """A task for an officer: this sticker is used as if it had been copied. One at a time of a sticker and kind.

    `facts` is the evidence without any mark of a device (see :mod:`facts`), added up from `evidence_from` on.
    """

    __tablename__ = "copy_alarm"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('open', 'looking')) = (ended_at IS NULL)", name="ended_when_not_standing"
        ),
        sa.CheckConstraint("(state = 'confirmed') = (remedy IS NOT NULL)", name="confirmed_with_remedy"),
        sa.CheckConstraint("state <> 'looking' OR handled_by_id IS NOT NULL", name="looked_at_by"),
        sa.CheckConstraint("state <> 'confirmed' OR ended_by_id IS NOT NULL", name="confirmed_by"),
        sa.Index(
            "uq_copy_alarm_standing",
            "shop_id",
            "serial",
            "kind",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index("ix_copy_alarm_state_due", "state", "due_on", "id"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    serial: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[AlarmKind] = mapped_column(choice(AlarmKind, "kind"))
    state: Mapped[AlarmState] = mapped_column(choice(AlarmState, "state"), default=AlarmState.OPEN)
    facts: Mapped[Json]
    evidence_from: Mapped[Instant]
    opened_at: Mapped[Instant]
    latest_at: Mapped[Instant]
    due_on: Mapped[date]
    handled_by_id: Mapped[int | None] = fk("account.id")
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = fk("account.id")
    reason_code: Mapped[Code | None]
    reason: Mapped[str | None]
    remedy: Mapped[Remedy | None] = mapped_column(choice(Remedy, "remedy"))
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def label(self) -> str:
        """The printed number of its sticker, 000123-04."""
        return f"{self.shop_id:06d}-{self.serial:02d}"
