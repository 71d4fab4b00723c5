"""Applications, the decisions on them and the officers' notes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Code, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import OPEN, ApplicationState

_OPEN = sa.text("state IN (" + ", ".join(f"'{state.value}'" for state in sorted(OPEN)) + ")")


class Application(Base):
    """A merchant's request that the bureau vouch for one shop.

    `statement` is what was stated at the last submission (JSON, for showing what changed on resubmission), `previous`
    the one before. `checks` as in Licence, `checks_passed` when every one of them passed (for the queue's filter).
    `version` lets only one of two officers decide.
    """

    __tablename__ = "application"
    __table_args__ = (
        sa.Index("uq_application_open", "shop_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_application_queue", "state", "due_on"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    operator_id: Mapped[int] = fk("operator.id")
    state: Mapped[ApplicationState] = mapped_column(
        choice(ApplicationState, "state"), default=ApplicationState.DRAFT
    )
    created_by_id: Mapped[int] = fk("account.id")
    created_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]  # by when the office answers (working days, policy)
    deferred_until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    statement: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    previous: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    checks: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    checks_passed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")
    decisions: Mapped[list[ApplicationDecision]] = relationship(order_by="ApplicationDecision.id")
    notes: Mapped[list[ApplicationNote]] = relationship(order_by="ApplicationNote.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class ApplicationDecision(Base):
    """One step taken, with its reason from the catalogue and in words. The merchant sees these."""

    __tablename__ = "application_decision"

    id: Mapped[Id]
    application_id: Mapped[int] = fk("application.id")
    action: Mapped[Code]
    from_state: Mapped[Code]
    to_state: Mapped[Code]
    by_id: Mapped[int | None] = fk("account.id")
    reason_code: Mapped[str | None] = mapped_column(sa.String(60))
    reason: Mapped[str] = mapped_column(default="")
    fields: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # what the merchant is asked to mend
    at: Mapped[Instant]


class ApplicationNote(Base):
    """An officers' internal note; the merchant never sees it."""

    __tablename__ = "application_note"

    id: Mapped[Id]
    application_id: Mapped[int] = fk("application.id")
    by_id: Mapped[int] = fk("account.id")
    by_name: Mapped[str] = mapped_column(sa.String(80))
    text: Mapped[str]
    at: Mapped[Instant]
