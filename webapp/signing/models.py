"""Proposals to change the signing keys, each waiting for a second administrator. The keys' states are in the ring."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Id, Instant, choice, fk

from .rules import Action, ProposalState

__all__ = ["Action", "KeyProposal", "ProposalState"]


class KeyProposal(Base):
    """`kid` is the key that changes, or the number that the new key shall have.

    `moment` is when a created key is to begin to sign, or since when a compromised one is not to be believed; `leaf` is
    then how many leaves of the public log stand before that (None: there is no log).
    """

    __tablename__ = "key_proposal"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'refused') OR decided_by_id IS NOT NULL", name="decided_by"
        ),
        sa.CheckConstraint("action <> 'compromise' OR moment IS NOT NULL", name="compromise_moment"),
        sa.CheckConstraint(
            "leaf IS NULL OR (action = 'compromise' AND leaf >= 0)", name="leaf_of_compromise"
        ),
        sa.CheckConstraint("kid BETWEEN 0 AND 31", name="kid_u5"),
        sa.Index(
            "uq_key_proposal_open",
            "action",
            "kid",
            unique=True,
            sqlite_where=sa.text("state = 'proposed'"),
            postgresql_where=sa.text("state = 'proposed'"),
        ),
    )

    id: Mapped[Id]
    action: Mapped[Action] = mapped_column(choice(Action, "action"))
    kid: Mapped[int] = mapped_column(sa.SmallInteger)
    moment: Mapped[datetime | None]
    leaf: Mapped[int | None] = mapped_column(BIG)
    state: Mapped[ProposalState] = mapped_column(choice(ProposalState, "state"))
    reason: Mapped[str]
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
