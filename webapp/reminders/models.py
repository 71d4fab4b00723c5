"""Consumer reminders (消费提醒) and warnings (消费警示)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, Name, choice, fk
from webapp.merchants.models import Shop

from .rules import ReminderKind, ReminderState

_WAITING = sa.text("replaces_id IS NOT NULL AND state IN ('draft', 'proposed', 'refused')")


class Reminder(Base):
    """A hint for a region, perhaps only for a consumer category or an industry, or about the shops that it names.

    `region_code` is a trimmed GB/T 2260 code; `category` one of 吃住游购娱 (merchants' Category). `figures` are those
    of the hot spot that it was drafted from (:mod:`webapp.oversight.hotspots`). `replaces_id`: the published one whose
    place it takes. `before_two`: published when one officer could.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.CheckConstraint(
            "decided_by_id IS NULL OR ((proposed_by_id IS NULL OR decided_by_id <> proposed_by_id)"
            " AND (written_by_id IS NULL OR decided_by_id <> written_by_id))",
            name="two_people",
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'replaced', 'expired', 'withdrawn') OR before_two"
            " OR (decided_by_id IS NOT NULL AND proposed_by_id IS NOT NULL AND written_by_id IS NOT NULL)",
            name="published_by_two",
        ),
        sa.CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_at_some_time"),
        sa.CheckConstraint("state <> 'withdrawn' OR ended_reason IS NOT NULL", name="withdrawn_for_a_reason"),
        sa.Index(
            "uq_reminder_successor",
            "replaces_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        sa.Index("ix_reminder_state_term_until", "state", "term_until"),
    )

    id: Mapped[Id]
    kind: Mapped[ReminderKind] = mapped_column(choice(ReminderKind, "kind"))
    state: Mapped[ReminderState] = mapped_column(choice(ReminderState, "state"))
    title: Mapped[Name]
    body: Mapped[str]
    ground: Mapped[Code]
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    category: Mapped[str | None] = mapped_column(sa.String(40))
    industry_code: Mapped[str | None] = mapped_column(sa.ForeignKey("industry.code"))
    term_until: Mapped[date]
    figures: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    replaces_id: Mapped[int | None] = fk("reminder.id", index=False)
    written_by_id: Mapped[int | None] = fk("account.id", index=False)
    written_at: Mapped[Instant]
    proposed_by_id: Mapped[int | None] = fk("account.id", index=False)
    proposed_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = fk("account.id", index=False)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]  # when one officer still could say it differently in place
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    before_two: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    version: Mapped[int] = mapped_column(default=1)

    named: Mapped[list[ReminderShop]] = relationship(
        order_by="ReminderShop.id", cascade="all, delete-orphan", back_populates="reminder"
    )
    replaces: Mapped[Reminder | None] = relationship(remote_side="Reminder.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def shops(self) -> list[Shop]:
        """The shops that it is about; none: everybody of its region and trade."""
        return [row.shop for row in self.named]


class ReminderShop(Base):
    """A shop that a reminder names. It has its own leaf in the public log, which is sealed when the reminder ends."""

    __tablename__ = "reminder_shop"
    __table_args__ = (sa.UniqueConstraint("reminder_id", "shop_id"),)

    id: Mapped[Id]
    reminder_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("reminder.id", ondelete="CASCADE"))
    shop_id: Mapped[int] = fk("shop.id")

    reminder: Mapped[Reminder] = relationship(back_populates="named")
    shop: Mapped[Shop] = relationship(lazy="joined")
