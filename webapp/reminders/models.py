"""Consumer reminders (消费提醒) and warnings (消费警示)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Id, Instant, Name, choice, fk
from webapp.merchants.models import Shop

from .rules import ReminderKind, ReminderState


class Reminder(Base):
    """A published hint for a region, perhaps only for a consumer category, an industry or one shop.

    `region_code` is a trimmed GB/T 2260 code; `category` one of 吃住游购娱 (merchants' Category).
    """

    __tablename__ = "reminder"

    id: Mapped[Id]
    kind: Mapped[ReminderKind] = mapped_column(choice(ReminderKind, "kind"))
    title: Mapped[Name]
    body: Mapped[str]
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    category: Mapped[str | None] = mapped_column(sa.String(40))
    industry_code: Mapped[str | None] = mapped_column(sa.ForeignKey("industry.code"))
    shop_id: Mapped[int | None] = fk("shop.id")
    published_by_id: Mapped[int | None] = fk("account.id")
    published_at: Mapped[Instant]
    changed_at: Mapped[datetime | None]  # since then it says something else than at first
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def state(self) -> ReminderState:
        """Where it stands."""
        return ReminderState.PUBLISHED if self.withdrawn_at is None else ReminderState.WITHDRAWN
