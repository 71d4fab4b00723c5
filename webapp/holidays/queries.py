"""Reading the calendar: the library's years with the office's notices over them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app

from webapp.accounts.models import Account
from webapp.core.actor import Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.workdays import KNOWN_YEARS, Calendar
from webapp.web import slots

from . import rules
from .models import HolidayLibrary, HolidayNotice
from .rules import Moved


def calendar() -> Calendar:
    """The calendar to reckon deadlines by. Hand it to :mod:`webapp.core.workdays` and to rules; one small query."""
    return Calendar(tuple(row.notice for row in in_force()))


def in_force() -> list[HolidayNotice]:
    """Of each year the entry that counts, by year."""
    newest: dict[int, HolidayNotice] = {}
    statement = sa.select(HolidayNotice).where(HolidayNotice.withdrawn_at.is_(None))
    for row in db.session.scalars(statement.order_by(HolidayNotice.year, HolidayNotice.revision)):
        newest[row.year] = row
    return list(newest.values())


def history(limit: int = 50) -> list[HolidayNotice]:
    """All entries, the newest first."""
    return list(db.session.scalars(sa.select(HolidayNotice).order_by(HolidayNotice.id.desc()).limit(limit)))


def get_notice(notice_id: int, *, held: bool = False) -> HolidayNotice:
    """The entry (`held`: locked, as it stands now); raises NotFound."""
    statement = sa.select(HolidayNotice).where(HolidayNotice.id == notice_id)
    if held:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = db.session.scalar(statement)
    if row is None:
        raise NotFound("no_such_thing")
    return row


def find_revision(year: int, revision: int) -> HolidayNotice | None:
    """The entry of that year with that number, or None."""
    return db.session.scalar(
        sa.select(HolidayNotice).where(HolidayNotice.year == year, HolidayNotice.revision == revision)
    )


def last_revision(year: int) -> int:
    """The number of the year's newest entry, withdrawn or not; 0 when there is none."""
    statement = sa.select(sa.func.max(HolidayNotice.revision)).where(HolidayNotice.year == year)
    return db.session.scalar(statement) or 0


def awaited_year(today: date) -> int | None:
    """The year whose notice the office must enter now, or None."""
    return rules.awaited(today, calendar())


def settled_days(today: date) -> int:
    """For how many days from today on the calendar is certain: what monitoring watches."""
    return rules.settled_days(today, calendar())


def library_until() -> int:
    """The last library year by which deadlines were reckoned; what it knows now when none were yet."""
    row = db.session.get(HolidayLibrary, 1)
    return row.until_year if row is not None else KNOWN_YEARS[1]


def moves(before: Calendar, after: Calendar, since: date) -> list[Moved]:
    """Every running deadline that `after` moves or settles, as the features tell (slot ``holidays.moves``).

    `since`: the first day whose judgement may differ; what is due before it stays. Soonest first.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    found = slots.collect(app, "holidays.moves", before=before, after=after, since=since)
    return sorted(
        (move for told in found for move in told),
        key=lambda move: (move.before or date.max, move.kind, move.name),
    )


def names_of(account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of accounts by id."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows: Any = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())


def scope_of_calendar(**_address: object) -> Scope:
    """For access rules: there is one calendar for the whole city."""
    return Scope(region_code=current_app.extensions["ydym.settings"].city_region)


def scope_of_notice(notice_id: int, **_rest: object) -> Scope:
    """For access rules."""
    get_notice(notice_id)
    return scope_of_calendar()
