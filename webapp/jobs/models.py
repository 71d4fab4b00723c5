"""Leases: which worker does which recurring work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Code, Instant


class JobLease(Base):
    """One recurring job. Whoever moves `due_at` forward in one UPDATE has the turn; a crash only skips it."""

    __tablename__ = "job_lease"

    name: Mapped[Code] = mapped_column(primary_key=True)
    due_at: Mapped[Instant]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)  # how many things the last turn did
    failures: Mapped[int] = mapped_column(default=0)  # in a row
