"""Disclosed cases, requests to correct or remove them, and the day's open data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.complaints.models import Complaint
from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk

from .rules import DisclosureState


class Disclosure(Base):
    """One case as the public sees it: scrubbed words only. The complaint stays where it is.

    `reply` is the merchant's, as the public sees it; `reply_waiting` a scrubbed one that no officer has looked at yet.
    `scrubbed`: how many of each kind the machine took out of story and outcome. `reply_due_at`: until then the merchant
    may reply before anything is published.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        sa.Index("ix_disclosure_state", "state", "published_at"),
        sa.CheckConstraint("published_at IS NOT NULL OR state <> 'published'", name="published_at"),
        sa.CheckConstraint("ended_reason IS NOT NULL OR state NOT IN ('removed', 'dropped')", name="ended"),
        sa.CheckConstraint("(corrected_at IS NULL) = (correction IS NULL)", name="correction"),
    )

    id: Mapped[Id]
    complaint_id: Mapped[int] = fk("complaint.id", unique=True)
    state: Mapped[DisclosureState] = mapped_column(
        choice(DisclosureState, "state"), default=DisclosureState.DRAFT
    )
    story: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    reply: Mapped[str] = mapped_column(default="")
    reply_waiting: Mapped[str | None]
    scrubbed: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    made_at: Mapped[Instant]
    reply_due_at: Mapped[Instant]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(BIG)
    corrected_at: Mapped[datetime | None]
    correction: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    complaint: Mapped[Complaint] = relationship(lazy="joined")
    requests: Mapped[list[DisclosureRequest]] = relationship(order_by="DisclosureRequest.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


_OPEN_REQUEST = sa.text("answered_at IS NULL")


class DisclosureRequest(Base):
    """Somebody concerned asks to correct or remove a disclosed case; an officer answers with a reason.

    Each side has at most one that waits.
    """

    __tablename__ = "disclosure_request"
    __table_args__ = (
        sa.Index(
            "uq_disclosure_request_open",
            "disclosure_id",
            "side",
            unique=True,
            sqlite_where=_OPEN_REQUEST,
            postgresql_where=_OPEN_REQUEST,
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (granted IS NULL) AND (answered_at IS NULL) = (answer IS NULL)",
            name="answered",
        ),
    )

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


class OpenSnapshot(Base):
    """The open data of one day, each file gzipped: the rows as CSV and as JSON, the figures counted from the CSV."""

    __tablename__ = "open_snapshot"

    day: Mapped[date] = mapped_column(primary_key=True)  # rows received before this day
    made_at: Mapped[Instant]
    rows: Mapped[int]
    csv: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    json: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    figures: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    csv_sha256: Mapped[str] = mapped_column(sa.String(64))
    json_sha256: Mapped[str] = mapped_column(sa.String(64))
    figures_sha256: Mapped[str] = mapped_column(sa.String(64))


class OpenFigure(Base):
    """The newest snapshot's figures of one group, for the pages. `kind` all | regions | industries | shops | trades.

    `scans`: how often codes of the group were scanned in the same year, so that counts stand beside volume.
    """

    __tablename__ = "open_figure"

    kind: Mapped[Code] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    scans: Mapped[int] = mapped_column(BIG, default=0)
