"""Holiday notices as the office entered them. Rows are added and withdrawn, never changed: the history is the proof."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Id, Instant, Name, fk
from webapp.core.workdays import Notice


class HolidayNotice(Base):
    """One entry for a year. In force is the year's entry with the highest `revision` that is not withdrawn.

    `days_off` and `made_up` are ISO dates in order; besides days of the year, the last week of the year before.
    """

    __tablename__ = "holiday_notice"
    __table_args__ = (
        sa.UniqueConstraint("year", "revision"),
        sa.CheckConstraint("year BETWEEN 2020 AND 2199", name="year"),
        sa.CheckConstraint("revision >= 1", name="revision"),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"
            " AND (withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name="withdrawn",
        ),
    )

    id: Mapped[Id]
    year: Mapped[int] = mapped_column(sa.SmallInteger)
    revision: Mapped[int] = mapped_column(sa.SmallInteger)
    days_off: Mapped[list[Any]] = mapped_column(sa.JSON)
    made_up: Mapped[list[Any]] = mapped_column(sa.JSON)
    title: Mapped[Name]
    number: Mapped[Name]
    url: Mapped[str]
    entered_by_id: Mapped[int] = fk("account.id")
    entered_at: Mapped[Instant]
    withdrawn_by_id: Mapped[int | None] = fk("account.id")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]

    @property
    def notice(self) -> Notice:
        """The days, for a calendar."""
        return Notice(self.year, _days(self.days_off), _days(self.made_up))


class HolidayLibrary(Base):
    """One row: the last year that the library knew when deadlines were last reckoned by it."""

    __tablename__ = "holiday_library"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[Id]
    until_year: Mapped[int] = mapped_column(sa.SmallInteger)


def _days(texts: list[Any]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)
