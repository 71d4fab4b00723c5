"""Tables of inspections."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import InspectionKind, InspectionResult, InspectionState


class Inspection(Base):
    """One inspection of a shop. `summary` is public, `note` is not; `number` names its document."""

    __tablename__ = "inspection"
    __table_args__ = (
        sa.Index(
            "uq_inspection_shown",
            "shop_id",
            "number",
            unique=True,
            sqlite_where=sa.text("state = 'shown'"),
            postgresql_where=sa.text("state = 'shown'"),
        ),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_when"),
        sa.CheckConstraint("state = 'shown' OR withdrawn_reason <> ''", name="withdrawn_why"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    inspected_on: Mapped[date]
    kind: Mapped[InspectionKind] = mapped_column(choice(InspectionKind, "kind"))
    result: Mapped[InspectionResult] = mapped_column(choice(InspectionResult, "result"))
    number: Mapped[str] = mapped_column(sa.String(60))
    summary: Mapped[str] = mapped_column(sa.String(200))
    note: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[InspectionState] = mapped_column(choice(InspectionState, "state"))
    entered_by_id: Mapped[int] = fk("account.id")
    entered_at: Mapped[Instant]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(BIG)
    withdrawn_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way

    shop: Mapped[Shop] = relationship(lazy="joined")
