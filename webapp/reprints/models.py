"""Tasks to print a shop's stickers anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import ReprintState

_STANDING = sa.text("state IN ('open', 'asked')")


class ReprintTask(Base):
    """One shop's task. `causes`: [{"cause", "old", "new", "on"}]; `serials` of the papers that stood when it began.

    `reminded` is the last reminder that went out (rules.stage), None before the first. `asked_*` is the shop's word
    that nothing has to be printed; it stays when an officer insists, beside the officer's `answer`.
    """

    __tablename__ = "reprint_task"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('open', 'asked')) = (ended_at IS NULL)", name="ended_when_not_standing"
        ),
        sa.CheckConstraint(
            "state <> 'waived' OR (ended_by_id IS NOT NULL AND answer IS NOT NULL)", name="waived_by_somebody"
        ),
        sa.CheckConstraint("state <> 'asked' OR asked_reason IS NOT NULL", name="asked_with_reason"),
        sa.Index("ix_reprint_task_state_due", "state", "due_on", "id"),
        sa.Index(
            "uq_reprint_task_standing",
            "shop_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    state: Mapped[ReprintState] = mapped_column(choice(ReprintState, "state"), default=ReprintState.OPEN)
    causes: Mapped[list[Any]] = mapped_column(sa.JSON)
    serials: Mapped[list[Any]] = mapped_column(sa.JSON)
    opened_at: Mapped[Instant]
    due_on: Mapped[date]
    reminded: Mapped[int | None]
    asked_reason: Mapped[str | None] = mapped_column(sa.String(40))
    asked_note: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    asked_by_id: Mapped[int | None] = fk("account.id")
    answer: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = fk("account.id")
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention
