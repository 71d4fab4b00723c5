"""Commitments (承诺): a versioned catalogue and what merchants signed."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Code, Id, Instant, Name, fk


class CommitmentTemplate(Base):
    """One version of one pledge. A signed version is never edited: a new text is a new version."""

    __tablename__ = "commitment_template"
    __table_args__ = (sa.UniqueConstraint("code", "version"),)

    id: Mapped[Id]
    code: Mapped[Code]
    version: Mapped[int]
    title: Mapped[Name]
    summary: Mapped[str]  # one line for the public page
    body: Mapped[str]  # what is signed
    how_to_claim: Mapped[str]
    body_sha256: Mapped[str] = mapped_column(sa.String(64))
    required: Mapped[bool] = mapped_column(default=False)
    categories: Mapped[str] = mapped_column(sa.String(80), default="")  # comma separated; empty: all
    in_force_from: Mapped[date]
    in_force_until: Mapped[date | None]
    position: Mapped[int] = mapped_column(default=0)


class Commitment(Base):
    """A pledge signed for a shop."""

    __tablename__ = "commitment"
    __table_args__ = (
        sa.Index(
            "uq_commitment_standing",
            "shop_id",
            "template_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    template_id: Mapped[int] = fk("commitment_template.id")
    signed_by_id: Mapped[int] = fk("account.id")
    signed_name: Mapped[str] = mapped_column(sa.String(80))
    signed_at: Mapped[Instant]
    withdrawn_at: Mapped[datetime | None]
