"""Proofs of work that are spent."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Instant


class SpentWork(Base):
    """A solved proof of work: each counts once."""

    __tablename__ = "spent_work"

    work_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[Instant] = mapped_column(index=True)
