"""Proof that a phone was in the filer's hand."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant


class PhoneProof(Base):
    """A one-time code sent to a phone for one form or for looking up one's records. Hashes only."""

    __tablename__ = "phone_proof"

    id: Mapped[Id]
    phone_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    form_hash: Mapped[str] = mapped_column(sa.String(64))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    sent_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    wrong: Mapped[int] = mapped_column(default=0)
    proved_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class SpentWork(Base):
    """A solved proof of work: each counts once."""

    __tablename__ = "spent_work"

    work_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[Instant] = mapped_column(index=True)
