"""Consumer reminders (消费提醒) and warnings (消费警示)."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant, Name, choice, fk


class ReminderKind(enum.StrEnum):
    """A hint, or a warning."""

    REMINDER = "reminder"
    WARNING = "warning"


class Reminder(Base):
    """A published hint for a region, perhaps one industry or one shop."""

    __tablename__ = "reminder"

    id: Mapped[Id]
    kind: Mapped[ReminderKind] = mapped_column(choice(ReminderKind, "kind"))
    title: Mapped[Name]
    body: Mapped[str]
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    industry_code: Mapped[str | None] = mapped_column(sa.ForeignKey("industry.code"))
    shop_id: Mapped[int | None] = fk("shop.id")
    published_by_id: Mapped[int | None] = fk("account.id")
    published_at: Mapped[Instant]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
