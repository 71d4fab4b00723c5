"""Campaigns (活动) of the front page."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant, Name, choice, fk

from .rules import CampaignState


class Campaign(Base):
    """`link` is a path of this site, `starts_on` and `ends_on` both count in. `decided_*`: who approved or refused."""

    __tablename__ = "campaign"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="days"),
        sa.CheckConstraint("link LIKE '/%' AND link NOT LIKE '//%'", name="own_link"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint("state <> 'approved' OR decided_by_id IS NOT NULL", name="approved_by_somebody"),
        sa.Index("ix_campaign_days", "ends_on", "starts_on"),
    )

    id: Mapped[Id]
    state: Mapped[CampaignState] = mapped_column(
        choice(CampaignState, "state"), default=CampaignState.PROPOSED
    )
    title: Mapped[Name]
    title_en: Mapped[Name]
    link: Mapped[str] = mapped_column(sa.String(200))
    region_code: Mapped[str] = mapped_column(sa.String(9))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    file_id: Mapped[int] = fk("stored_file.id")
    proposed_by_id: Mapped[int] = fk("account.id")
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = fk("account.id")
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention
