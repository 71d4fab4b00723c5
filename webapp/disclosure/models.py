"""Disclosed cases and requests to correct or remove them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.complaints.models import Complaint
from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk

from .rules import DisclosureState


class Disclosure(Base):
    """One case as the public sees it: scrubbed words only. The complaint stays where it is."""

    __tablename__ = "disclosure"

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id", unique=True)
    state: Mapped[DisclosureState] = mapped_column(
        choice(DisclosureState, "state"), default=DisclosureState.DRAFT
    )
    story: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    reply: Mapped[str] = mapped_column(default="")
    scrubbed: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)  # what was taken out, by kind
    made_at: Mapped[Instant]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(BIG)
    corrected_at: Mapped[datetime | None]
    correction: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    removed_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    complaint: Mapped[Complaint] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class DisclosureRequest(Base):
    """Somebody concerned asks to correct or remove a disclosed case; an officer answers with a reason."""

    __tablename__ = "disclosure_request"

    id: Mapped[Id]
    disclosure_id: Mapped[int] = fk("disclosure.id")
    kind: Mapped[Code]  # correct | remove
    side: Mapped[Code]  # consumer | merchant
    text: Mapped[str]
    asked_by_id: Mapped[int | None] = mapped_column(BIG)
    asked_at: Mapped[Instant]
    granted: Mapped[bool | None]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(BIG)
    answered_at: Mapped[datetime | None]
