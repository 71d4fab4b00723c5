"""Clocks and everything that moved them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk

from .laws import Kind, Unit
from .rules import What


class ClockRow(Base):
    """One promised date of `subject` (complaint, tip) number `subject_id`: a :class:`rules.Clock` that is kept.

    `due_at` is the last instant in time (None while it stands still) and `due_on` its day in China, as promised when
    the clock started or was last moved; `provisional` while a holiday notice to come may move it. `ended_how` is
    meet, stop or transfer; `late`: what was judged when it ended.
    """

    __tablename__ = "clock"
    __table_args__ = (
        sa.Index("ix_clock_subject", "subject", "subject_id"),
        sa.Index("ix_clock_due", "ended_at", "due_at"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="end_if_ended"),
        sa.CheckConstraint("term_value > 0", name="term"),
    )

    id: Mapped[Id]
    subject: Mapped[Code]
    subject_id: Mapped[int] = mapped_column(BIG)
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    term_value: Mapped[int]
    term_unit: Mapped[Unit] = mapped_column(choice(Unit, "term_unit"))
    term_source: Mapped[str]
    started_at: Mapped[Instant]
    due_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[What | None] = mapped_column(choice(What, "ended_how"))
    late: Mapped[bool] = mapped_column(default=False)

    events: Mapped[list[ClockEvent]] = relationship(order_by="ClockEvent.id", lazy="selectin")

    def is_late(self, now: datetime) -> bool:
        """True when it ended late, or runs past its due instant."""
        if self.ended_at is not None:
            return self.late
        return self.due_at is not None and now > self.due_at


class ClockEvent(Base):
    """What happened to a clock after its start: an event of the rules, or ``recompute`` by a new calendar. Append-only.

    `ground` is a lawful one (laws.GROUNDS), `reason` free words that all sides may read; `count` units of an extension.
    """

    __tablename__ = "clock_event"

    id: Mapped[Id]
    clock_id: Mapped[int] = fk("clock.id")
    what: Mapped[Code]
    at: Mapped[Instant]
    by_id: Mapped[int | None] = mapped_column(BIG)
    ground: Mapped[str] = mapped_column(sa.String(60), default="")
    reason: Mapped[str] = mapped_column(default="")
    count: Mapped[int] = mapped_column(default=0)
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]
