"""The audit trail's table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Id, Instant, Name


class AuditEvent(Base):
    """Who did what, when, old value, new value, reason. Append-only: triggers refuse update and delete.

    `subject_type` is a table's name, `subject_id` its key. `old` and `new` hold no personal data of consumers.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_subject", "subject_type", "subject_id", "id"),
        sa.Index("ix_audit_event_action", "action", "id"),
    )

    id: Mapped[Id]
    at: Mapped[Instant] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(BIG, index=True)
    actor_name: Mapped[Name]
    actor_role: Mapped[Code]
    action: Mapped[Code]
    subject_type: Mapped[Code]
    subject_id: Mapped[int] = mapped_column(BIG)
    shop_id: Mapped[int | None] = mapped_column(BIG, index=True)
    operator_id: Mapped[int | None] = mapped_column(BIG, index=True)
    old: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    new: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    reason_code: Mapped[str | None] = mapped_column(sa.String(60))
    reason: Mapped[str | None]
    public: Mapped[bool] = mapped_column(default=False)
    #: Whence: a signed-in person's address, ``job:name@machine``, ``command:words@machine``; "" for visitors (whose
    #: address is not kept), None where it was written before this was.
    origin: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    request_id: Mapped[str | None] = mapped_column(sa.String(32), index=True)
