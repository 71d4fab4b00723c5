"""Ratings (评价) with the five hearts (五心)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import BIG, Base, Code, Id, Instant, choice, fk
from webapp.files.models import StoredFile
from webapp.merchants.models import Shop

from .moderation import LIVE, CaseState, ReportState, Side
from .rules import HEARTS, hide_numbers
from .signals import SignalKind, SignalState

_LIVE = sa.text("state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(LIVE))))
_STANDING = sa.text("state = 'open'")


class Origin(enum.StrEnum):
    """How the rater came: shown beside the rating."""

    SCAN = "scan"
    COMPLAINT = "complaint"
    OTHER = "other"


class Rating(Base):
    """One rating: five hearts 1..5.

    One per device (`rater_hash`), phone (`phone_hash`, known after a complaint) and shop in a period, and one per
    complaint (`complaint_hash`): keyed hashes that name the shop, so that no two rows of two shops can be joined by
    them. `device_mark` joins the ratings of one device for the signals and is erased after `rating.mark_days`.
    `own_hand`: it came from a phone or browser that the shop's own people use. A removed one keeps its words for the
    case of an objection; the public sees the ground alone.
    """

    __tablename__ = "rating"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "rater_hash"),
        sa.UniqueConstraint("shop_id", "phone_hash"),
        sa.UniqueConstraint("complaint_hash"),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_ground IS NULL)", name="removed_on_a_ground"),
        sa.Index("ix_rating_device_mark", "device_mark"),
        sa.Index("ix_rating_created_at", "created_at"),
        *(sa.CheckConstraint(f"{heart} BETWEEN 1 AND 5", name=heart) for heart in HEARTS),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    sticker_serial: Mapped[int | None]
    origin: Mapped[Origin] = mapped_column(choice(Origin, "origin"))
    environment: Mapped[int] = mapped_column(sa.SmallInteger)
    quality: Mapped[int] = mapped_column(sa.SmallInteger)
    price: Mapped[int] = mapped_column(sa.SmallInteger)
    service: Mapped[int] = mapped_column(sa.SmallInteger)
    redress: Mapped[int] = mapped_column(sa.SmallInteger)
    text: Mapped[str] = mapped_column(default="")
    rater_hash: Mapped[str] = mapped_column(sa.String(64))
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64))
    complaint_hash: Mapped[str | None] = mapped_column(sa.String(64))
    device_mark: Mapped[str | None] = mapped_column(sa.String(32))
    own_hand: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[Instant]
    reply: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(BIG)
    removed_at: Mapped[datetime | None]
    removed_ground: Mapped[Code | None]

    shop: Mapped[Shop] = relationship(lazy="joined")
    photos: Mapped[list[RatingPhoto]] = relationship(lazy="selectin", order_by="RatingPhoto.id")

    @property
    def is_removed(self) -> bool:
        """Is it off the page?"""
        return self.removed_at is not None

    @property
    def shown_photos(self) -> list[RatingPhoto]:
        """The photos that the public sees."""
        return [] if self.is_removed else [photo for photo in self.photos if photo.hidden_at is None]

    @property
    def mean(self) -> float:
        """The mean of the five hearts."""
        total: int = sum(getattr(self, heart) for heart in HEARTS)
        return total / len(HEARTS)

    @property
    def public_text(self) -> str:
        """The words as the public sees them: without what could be a phone or identity number."""
        return hide_numbers(self.text)

    @property
    def public_reply(self) -> str:
        """The merchant's reply, likewise: it must not give away whom it answers."""
        return hide_numbers(self.reply or "")


class RatingPhoto(Base):
    """A photo of a rating. One that shows what it must not is hidden alone, on a ground; the rating stands."""

    __tablename__ = "rating_photo"
    __table_args__ = (
        sa.UniqueConstraint("file_id"),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_ground IS NULL) AND (hidden_at IS NULL) = (hidden_by_id IS NULL)",
            name="hidden_on_a_ground",
        ),
    )

    id: Mapped[Id]
    rating_id: Mapped[int] = fk("rating.id")
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    hidden_at: Mapped[datetime | None]
    hidden_ground: Mapped[Code | None]
    hidden_by_id: Mapped[int | None] = mapped_column(BIG)

    file: Mapped[StoredFile] = relationship(lazy="joined")


class RatingReport(Base):
    """Somebody says that a rating breaks a rule. Without names: `reporter_hash` tells one reporter of a rating only."""

    __tablename__ = "rating_report"
    __table_args__ = (
        sa.UniqueConstraint("rating_id", "reporter_hash"),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_when_closed"),
    )

    id: Mapped[Id]
    rating_id: Mapped[int] = fk("rating.id")
    side: Mapped[Side] = mapped_column(choice(Side, "side"))
    ground: Mapped[Code]
    words: Mapped[str] = mapped_column(default="")
    reporter_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[Instant]
    state: Mapped[ReportState] = mapped_column(choice(ReportState, "state"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(BIG)
    answer: Mapped[str | None]

    rating: Mapped[Rating] = relationship(lazy="joined")


class RatingCase(Base):
    """A proposal to take a rating off the page. Two people remove; a third hears an objection."""

    __tablename__ = "rating_case"
    __table_args__ = (
        sa.Index("uq_rating_case_live", "rating_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
            name="two_people",
        ),
        sa.CheckConstraint(
            "state <> 'upheld' OR (judged_by_id <> proposed_by_id AND judged_by_id <> decided_by_id)",
            name="third_person",
        ),
        # Without an objection whoever removed it may undo that.
        sa.CheckConstraint(
            "state <> 'restored' OR objection IS NULL OR (judged_by_id IS NOT NULL AND judged_by_id <> proposed_by_id"
            " AND judged_by_id <> decided_by_id)",
            name="restored_by_a_third",
        ),
        sa.CheckConstraint("state <> 'objected' OR objection IS NOT NULL", name="objection_in_words"),
    )

    id: Mapped[Id]
    rating_id: Mapped[int] = fk("rating.id")
    state: Mapped[CaseState] = mapped_column(choice(CaseState, "state"))
    ground: Mapped[Code]
    reason: Mapped[str]
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(BIG)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    objection: Mapped[str | None]
    objected_at: Mapped[datetime | None]
    objected_own: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    judged_by_id: Mapped[int | None] = mapped_column(BIG)
    judged_at: Mapped[datetime | None]
    judgement: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way

    rating: Mapped[Rating] = relationship(lazy="joined")


class RatingOwnMark(Base):
    """The mark of a browser in which an operator's own people answer: praise of themselves is told by it."""

    __tablename__ = "rating_own_mark"

    operator_id: Mapped[int] = mapped_column(
        sa.ForeignKey("operator.id"), primary_key=True, autoincrement=False
    )
    mark: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    seen_on: Mapped[date]


class RatingSignal(Base):
    """Something that looks as if ratings of a shop were made up: a task for an officer, never a removal."""

    __tablename__ = "rating_signal"
    __table_args__ = (
        sa.Index(
            "uq_rating_signal_open",
            "shop_id",
            "kind",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_when_closed"),
    )

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    kind: Mapped[SignalKind] = mapped_column(choice(SignalKind, "kind"))
    state: Mapped[SignalState] = mapped_column(choice(SignalState, "state"))
    since: Mapped[Instant]
    found_at: Mapped[Instant]
    latest_at: Mapped[Instant]
    facts: Mapped[dict[str, Any]]
    rating_ids: Mapped[list[Any]]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(BIG)
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way

    shop: Mapped[Shop] = relationship(lazy="joined")


class RatingScore(Base):
    """How a shop is ranked by its ratings, as the day's open data say (``score.py``). Thousandths of a heart."""

    __tablename__ = "rating_score"
    __table_args__ = (sa.Index("ix_rating_score_rank", "score", "shop_id"),)

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), primary_key=True, autoincrement=False)
    score: Mapped[int]
    count: Mapped[int]


class RatingSnapshot(Base):
    """The day's open data of ratings: rows and scores, gzipped, with their SHA-256."""

    __tablename__ = "rating_snapshot"

    day: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[Instant]
    rows: Mapped[int]
    csv: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    scores: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    csv_sha256: Mapped[str] = mapped_column(sa.String(64))
    scores_sha256: Mapped[str] = mapped_column(sa.String(64))
