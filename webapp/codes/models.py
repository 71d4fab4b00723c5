"""Trust codes, the grounds on which they are suspended, and revocations that wait for a second person."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk

from .rules import CodeState, ProposalState

_STANDING = sa.text("state <> 'revoked'")


class TrustCode(Base):
    """A shop's standing right to show stickers. At most one that is not revoked per shop."""

    __tablename__ = "trust_code"
    __table_args__ = (
        sa.Index(
            "uq_trust_code_standing",
            "shop_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_when"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    state: Mapped[CodeState] = mapped_column(choice(CodeState, "state"))
    issued_at: Mapped[Instant]
    issued_by_id: Mapped[int | None] = fk("account.id")
    changed_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None]
    revoked_ground: Mapped[str | None] = mapped_column(sa.String(60))
    version: Mapped[int] = mapped_column(default=1)

    grounds: Mapped[list[SuspensionGround]] = relationship(order_by="SuspensionGround.id", lazy="selectin")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class SuspensionGround(Base):
    """One reason for being suspended. The code is active again when all its grounds have ended."""

    __tablename__ = "suspension_ground"
    __table_args__ = (
        sa.Index(
            "uq_suspension_ground_standing",
            "trust_code_id",
            "ground",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    trust_code_id: Mapped[int] = fk("trust_code.id")
    ground: Mapped[Code]
    reason: Mapped[str]  # in words, public
    started_at: Mapped[Instant]
    started_by_id: Mapped[int | None] = mapped_column(BIG)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(BIG)
    ended_reason: Mapped[str | None]


class Revocation(Base):
    """An officer's proposal to revoke; another officer confirms or refuses it, or the proposer withdraws it."""

    __tablename__ = "revocation"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.Index(
            "uq_revocation_open",
            "trust_code_id",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[Id]
    trust_code_id: Mapped[int] = fk("trust_code.id")
    shop_id: Mapped[int] = fk("shop.id")
    state: Mapped[ProposalState] = mapped_column(choice(ProposalState, "state"))
    ground: Mapped[Code]
    reason: Mapped[str]
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
