"""Requests to change what the bureau vouches for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Id, Instant, Json, choice, fk
from webapp.merchants.models import Shop

from .rules import ChangeState, Part

_WAITING = sa.text("state = 'waiting'")


class ShopChange(Base):
    """A merchant's request to change one part of a shop. Until it is approved the shop's row holds the old facts.

    `new` holds the stated facts that differ (fields of ``rules.FIELDS``; `photos` a list of file ids in order), `old`
    what stood when it was asked, and from the decision on what stood then. `version` lets one of two officers decide.
    """

    __tablename__ = "shop_change"
    __table_args__ = (
        sa.Index(
            "uq_shop_change_waiting",
            "shop_id",
            "part",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        sa.Index("ix_shop_change_queue", "state", "due_on"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    operator_id: Mapped[int] = fk("operator.id")
    part: Mapped[Part] = mapped_column(choice(Part, "part"))
    state: Mapped[ChangeState] = mapped_column(choice(ChangeState, "state"), default=ChangeState.WAITING)
    old: Mapped[Json]
    new: Mapped[Json]
    note: Mapped[str] = mapped_column(default="")  # the merchant's words to the officer
    requested_by_id: Mapped[int] = fk("account.id")
    requested_at: Mapped[Instant]
    due_on: Mapped[date]  # by when the office answers (working days, policy)
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    reason_code: Mapped[str | None] = mapped_column(sa.String(60))
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention
