"""Entering, correcting and withdrawing holiday notices: each at once has all running deadlines reckoned again.

One administrator enters a notice: it is a published text that anybody can compare, what it moves is shown beforehand,
all of it stands in the audit trail, and a corrected entry or a withdrawal undoes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.signals import holidays_changed, send
from webapp.core.steps import permit
from webapp.core.workdays import KNOWN_YEARS, Calendar

from . import queries, rules
from .models import HolidayLibrary, HolidayNotice
from .rules import Draft

MANAGERS = frozenset({Role.ADMINISTRATOR})


def proposed(draft: Draft, now: datetime) -> Calendar:
    """The calendar as it would be with the draft in force. Raises Invalid with the field that is wrong."""
    rules.check(draft, clock.day_of(now))
    return with_notice(queries.calendar(), draft)


def with_notice(calendar: Calendar, draft: Draft) -> Calendar:
    """`calendar` with the draft's year entered or replaced."""
    others = tuple(notice for notice in calendar.notices if notice.year != draft.notice.year)
    return Calendar((*others, draft.notice), calendar.library_until)


def enter(draft: Draft, seen: int, actor: Actor, now: datetime) -> HolidayNotice:
    """Put a notice in force. `seen` is queries.last_revision of the page that was confirmed.

    The same form sent twice is one entry. Raises Invalid (``holiday_same`` when it says what is in force already),
    Forbidden, and Conflict (``changed_meanwhile``) when somebody entered another one since.
    """
    permit(actor, MANAGERS, queries.scope_of_calendar())
    if actor.account_id is None:
        raise Forbidden("no_access")
    after = proposed(draft, now)
    if (standing := queries.find_revision(draft.notice.year, seen + 1)) is not None:
        return _same(standing, draft)
    before = queries.calendar()
    if draft.notice in before.notices:
        raise Invalid("holiday_same", field="text", year=draft.notice.year)
    row = HolidayNotice(
        year=draft.notice.year,
        revision=seen + 1,
        days_off=_texts(draft.notice.days_off),
        made_up=_texts(draft.notice.made_up),
        title=draft.title.strip(),
        number=draft.number.strip(),
        url=draft.url.strip(),
        entered_by_id=actor.account_id,
        entered_at=now,
    )
    if seen != queries.last_revision(draft.notice.year):
        raise Conflict("changed_meanwhile")
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:  # somebody else took the number just now
        standing = queries.find_revision(draft.notice.year, seen + 1)
        if standing is None:
            raise Conflict("busy") from error
        return _same(standing, draft)
    _record(row, "enter", actor, now)
    _announce(row.year, before, after, actor, now)
    return row


def withdraw(notice_id: int, reason: str, actor: Actor, now: datetime) -> HolidayNotice:
    """Take the entry in force back with a reason: the year's entry before it holds again, or none.

    Raises Invalid (``reason_required``, ``reason_too_long``), Conflict (``holiday_withdrawn``; ``holiday_not_in_force``
    for one that a later entry replaced), Forbidden.
    """
    permit(actor, MANAGERS, queries.scope_of_calendar())
    row = queries.get_notice(notice_id, held=True)
    if row.withdrawn_at is not None:
        raise Conflict("holiday_withdrawn")
    before, after = queries.calendar(), without(row)
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    if len(reason.strip()) > rules.REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=rules.REASON_LONGEST)
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawn_reason = now, actor.account_id, reason.strip()
    db.session.flush()
    _record(row, "withdraw", actor, now, reason=reason.strip())
    _announce(row.year, before, after, actor, now)
    return row


def without(row: HolidayNotice) -> Calendar:
    """The calendar as it would be with the entry withdrawn. Raises Conflict (``holiday_not_in_force``)."""
    standing = queries.in_force()
    if row not in standing:
        raise Conflict("holiday_not_in_force")
    kept = [other.notice for other in standing if other is not row]
    earlier = [queries.find_revision(row.year, number) for number in range(row.revision - 1, 0, -1)]
    fallback = [one.notice for one in earlier if one is not None and one.withdrawn_at is None][:1]
    return Calendar((*kept, *fallback))


def follow_library(now: datetime) -> int:
    """Reckon again when a newer library knows more years than at the last look; returns the years that are new."""
    row = db.session.get(HolidayLibrary, 1)
    if row is None:
        db.session.add(HolidayLibrary(id=1, until_year=KNOWN_YEARS[1]))
        return 0
    old = row.until_year
    if old == KNOWN_YEARS[1]:
        return 0
    row.until_year = KNOWN_YEARS[1]
    db.session.flush()
    after = queries.calendar()
    _announce(min(old, KNOWN_YEARS[1]) + 1, Calendar(after.notices, old), after, SYSTEM, now)
    return abs(KNOWN_YEARS[1] - old)


def _same(standing: HolidayNotice, draft: Draft) -> HolidayNotice:
    if standing.notice != draft.notice or standing.withdrawn_at is not None:
        raise Conflict("changed_meanwhile")
    return standing


def _announce(year: int, before: Calendar, after: Calendar, actor: Actor, now: datetime) -> None:
    since = rules.touched_from(year)
    send(holidays_changed, before=before, after=after, since=since, actor=actor, now=now)


def _texts(days: frozenset[Any]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _record(
    row: HolidayNotice, action: str, actor: Actor, now: datetime, *, reason: str | None = None
) -> None:
    new = {
        "year": row.year,
        "number": row.number,
        "revision": row.revision,
        "days_off": row.days_off,
        "made_up": row.made_up,
    }
    audit.record(
        actor,
        f"holiday.{action}",
        "holiday_notice",
        row.id,
        now=now,
        old=new if action == "withdraw" else None,
        new=None if action == "withdraw" else new,
        reason=reason,
    )
