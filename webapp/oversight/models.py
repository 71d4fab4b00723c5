"""Talks, orders to correct, requests for more time, proposals to suspend."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk
from webapp.merchants.models import Shop

from .rules import ExtensionState, OrderState, ProposalState, Source, TalkState, Unit

TWO_PEOPLE = "decided_by_id IS NULL OR decided_by_id <> proposed_by_id"


def only_one(name: str, columns: tuple[str, ...], where: str) -> sa.Index:
    """Among rows for which `where` holds these columns are unique."""
    text = sa.text(where)
    return sa.Index(name, *columns, unique=True, sqlite_where=text, postgresql_where=text)


class Case:
    """What a talk and an order have in common: one officer proposes, another decides.

    `source` and `source_ref` (a number, officers only) say where it comes from. `facts`: what the merchant is told;
    `public_summary`: what everybody reads while it is public (`published_at`, not after `shown_until`, not from
    `unpublished_at` on).
    """

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    source: Mapped[Source] = mapped_column(choice(Source, "source"))
    source_ref: Mapped[str] = mapped_column(sa.String(80), default="")
    ground: Mapped[Code]
    facts: Mapped[str]
    public_summary: Mapped[str]
    proposed_by_id: Mapped[int] = fk("account.id", index=False)
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id", index=False)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    office_region: Mapped[str | None] = mapped_column(sa.String(9))
    published_at: Mapped[datetime | None]
    shown_until: Mapped[date | None]
    unpublished_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    #: What it is called in the catalogue of grounds, in addresses and words.
    kind: ClassVar[str]

    @declared_attr
    def shop(self) -> Mapped[Shop]:
        """The shop that it is about."""
        return relationship(Shop, lazy="joined")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy calls it with the class
        return {"version_id_col": cls.version}

    def is_public(self, today: date) -> bool:
        """Does everybody see it on `today`? The last day counts."""
        on = self.published_at is not None and self.unpublished_at is None
        return on and (self.shown_until is None or self.shown_until >= today)


class Talk(Case, Base):
    """约谈告诫: an invitation with place and time, what was said, the admonition."""

    __tablename__ = "talk"
    __table_args__ = (
        sa.CheckConstraint(TWO_PEOPLE, name="two_people"),
        sa.CheckConstraint(
            "state IN ('proposed', 'cancelled', 'refused') OR decided_by_id IS NOT NULL",
            name="invited_by_two",
        ),
        sa.CheckConstraint("published_at IS NULL OR decided_by_id IS NOT NULL", name="published_by_two"),
        sa.CheckConstraint(
            "state <> 'held' OR (minutes IS NOT NULL AND admonition IS NOT NULL)", name="held_with_minutes"
        ),
        only_one("uq_talk_ahead", ("shop_id",), "state IN ('proposed', 'invited', 'confirmed')"),
    )
    kind = "talk"

    state: Mapped[TalkState] = mapped_column(choice(TalkState, "state"))
    place: Mapped[str] = mapped_column(sa.String(120))
    talk_at: Mapped[Instant] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(BIG)
    comes: Mapped[str | None] = mapped_column(sa.String(80))  # who will come, in the merchant's words
    attended: Mapped[str | None] = mapped_column(sa.String(200))
    minutes: Mapped[str | None]
    admonition: Mapped[str | None]
    held_by_id: Mapped[int | None] = mapped_column(BIG)
    held_at: Mapped[datetime | None]


class Correction(Case, Base):
    """责令改正: what to correct by when, what the merchant reports, what the officer found.

    `due_on` is the last day: `days` (in `unit`) after `counted_from`. An extension counts on from the earlier last day.
    """

    __tablename__ = "correction"
    __table_args__ = (
        sa.CheckConstraint(TWO_PEOPLE, name="two_people"),
        sa.CheckConstraint(
            "state IN ('proposed', 'cancelled', 'refused') OR (decided_by_id IS NOT NULL AND due_on IS NOT NULL)",
            name="issued_by_two",
        ),
        sa.CheckConstraint("published_at IS NULL OR decided_by_id IS NOT NULL", name="published_by_two"),
        sa.CheckConstraint("days > 0", name="some_days"),
        only_one("uq_correction_running", ("shop_id", "ground"), "state IN ('proposed', 'open', 'reported')"),
    )
    kind = "order"

    state: Mapped[OrderState] = mapped_column(choice(OrderState, "state"))
    demand: Mapped[str]
    days: Mapped[int]
    unit: Mapped[Unit] = mapped_column(choice(Unit, "unit"))
    counted_from: Mapped[date | None]
    due_on: Mapped[date | None] = mapped_column(index=True)
    report: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    reported_by_id: Mapped[int | None] = mapped_column(BIG)
    finding: Mapped[str | None]
    checked_by_id: Mapped[int | None] = mapped_column(BIG)
    checked_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]

    extensions: Mapped[list[CorrectionExtension]] = relationship(
        order_by="CorrectionExtension.id", back_populates="order"
    )

    @property
    def asked_extension(self) -> CorrectionExtension | None:
        """The request for more time that waits for a decision, or None."""
        return next((one for one in self.extensions if one.state is ExtensionState.ASKED), None)


class CorrectionExtension(Base):
    """A request for `days` more, with a reason: one at a time, decided by an officer who did not ask."""

    __tablename__ = "correction_extension"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        sa.CheckConstraint("state <> 'approved' OR decided_by_id IS NOT NULL", name="approved_by_two"),
        only_one("uq_correction_extension_asked", ("order_id",), "state = 'asked'"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = fk("correction.id")
    state: Mapped[ExtensionState] = mapped_column(choice(ExtensionState, "state"))
    days: Mapped[int]
    reason: Mapped[str]
    asked_by_id: Mapped[int] = fk("account.id", index=False)
    asked_at: Mapped[Instant]
    by_merchant: Mapped[bool] = mapped_column(default=False)
    decided_by_id: Mapped[int | None] = fk("account.id", index=False)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    due_before: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Correction] = relationship(back_populates="extensions")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class OversightProposal(Base):
    """What the rule table proposes against a shop's code, for an officer other than whose decision raised it."""

    __tablename__ = "oversight_proposal"
    __table_args__ = (
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> raised_by_id", name="two_people"),
        sa.CheckConstraint("state <> 'taken' OR decided_by_id IS NOT NULL", name="taken_by_somebody"),
        only_one("uq_oversight_proposal_open", ("shop_id",), "state = 'open'"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    state: Mapped[ProposalState] = mapped_column(choice(ProposalState, "state"))
    event: Mapped[Code]
    talk_id: Mapped[int | None] = fk("talk.id", index=False)
    order_id: Mapped[int | None] = fk("correction.id", index=False)
    raised_by_id: Mapped[int] = fk("account.id", index=False)
    raised_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id", index=False)
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    shop: Mapped[Shop] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention
