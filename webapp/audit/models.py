"""The audit trail's tables: what was changed, and who looked at personal data."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Id, Instant, Name, choice

from .rules import Seen


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


class PersonalView(Base):
    """Somebody signed in was shown personal data of somebody else: who, when, whence, of which record, on which page.

    Triggers refuse update, and delete until `keep_until` is past (policy ``sight.keep_days``). `subject_type` and
    `subject_id` name the record as in :class:`AuditEvent`; nothing of what was shown is kept here.
    """

    __tablename__ = "personal_view"
    __table_args__ = (
        sa.Index("ix_personal_view_subject", "subject_type", "subject_id", "id"),
        sa.Index("ix_personal_view_actor", "actor_id", "id"),
    )

    id: Mapped[Id]
    at: Mapped[Instant] = mapped_column(index=True)
    actor_id: Mapped[int] = mapped_column(BIG)
    actor_name: Mapped[Name]
    actor_role: Mapped[Code]
    seen: Mapped[Seen] = mapped_column(choice(Seen, "seen"))
    subject_type: Mapped[Code]
    subject_id: Mapped[int] = mapped_column(BIG)
    shop_id: Mapped[int | None] = mapped_column(BIG, index=True)
    operator_id: Mapped[int | None] = mapped_column(BIG, index=True)
    page: Mapped[str] = mapped_column(sa.String(80))  # the endpoint: addresses as asked carry receipts
    purpose: Mapped[str | None] = mapped_column(sa.String(40))
    origin: Mapped[str] = mapped_column(sa.String(120), index=True)
    request_id: Mapped[str] = mapped_column(sa.String(32), index=True)
    keep_until: Mapped[date] = mapped_column(index=True)
