"""Reading who looked at personal data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from webapp.core import clock, policy
from webapp.core.actor import Actor, Post
from webapp.core.db import db

from . import queries
from .models import PersonalView
from .rules import Seen

PAGE = queries.PAGE
COUNT_MOST = queries.COUNT_MOST
#: Rows that one turn of the job takes away.
AT_ONCE = 20_000


@dataclass(frozen=True)
class Search:
    """What is searched for; empty means any. Days are China's, both included. `whence` as in the history's search."""

    who: str = ""
    account: int | None = None
    subject: str = ""
    number: int | None = None
    seen: Seen | None = None
    shop: int | None = None
    since: date | None = None
    until: date | None = None
    whence: str = ""


def _conditions(wanted: Search) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    exact = {
        PersonalView.actor_id: wanted.account,
        PersonalView.subject_type: wanted.subject or None,
        PersonalView.subject_id: wanted.number,
        PersonalView.seen: wanted.seen,
        PersonalView.shop_id: wanted.shop,
    }
    found += [column == value for column, value in exact.items() if value is not None]
    if wanted.who:
        found.append(PersonalView.actor_name.contains(wanted.who, autoescape=True))
    if wanted.since is not None:
        found.append(PersonalView.at >= queries.start_of(wanted.since))
    if wanted.until is not None:
        found.append(PersonalView.at < clock.end_of_day(wanted.until))
    if wanted.whence:
        found.append(queries.came_from(PersonalView.origin, PersonalView.request_id, wanted.whence))
    return found


def search(
    wanted: Search, posts: tuple[Post, ...], actor: Actor, before: int | None = None, limit: int = PAGE
) -> tuple[list[PersonalView], int | None]:
    """Views that match and may be read, newest first, and the number to go on before (None at the end)."""
    statement = sa.select(PersonalView).where(
        queries.readable(posts, actor, PersonalView), *_conditions(wanted)
    )
    if before is not None:
        statement = statement.where(PersonalView.id < before)
    rows = list(db.session.scalars(statement.order_by(PersonalView.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def count(wanted: Search, posts: tuple[Post, ...], actor: Actor) -> int:
    """How many views match and may be read, counted up to :data:`COUNT_MOST` + 1."""
    matching = sa.select(PersonalView.id).where(
        queries.readable(posts, actor, PersonalView), *_conditions(wanted)
    )
    counted = sa.select(sa.func.count()).select_from(matching.limit(COUNT_MOST + 1).subquery())
    return db.session.scalar(counted) or 0


def walk(wanted: Search, posts: tuple[Post, ...], actor: Actor, most: int) -> Iterator[PersonalView]:
    """All matching views, newest first, at most `most`, read a batch at a time."""
    before: int | None = None
    left = most
    while left > 0:
        rows, before = search(wanted, posts, actor, before, min(left, 1000))
        yield from rows
        left -= len(rows)
        if before is None:
            return


def of_record(subject_type: str, subject_id: int, limit: int = 50) -> list[PersonalView]:
    """Who looked at one record, newest first: for the person whom it is about."""
    statement = (
        sa.select(PersonalView)
        .where(PersonalView.subject_type == subject_type, PersonalView.subject_id == subject_id)
        .order_by(PersonalView.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def subjects() -> list[str]:
    """Every kind of record that somebody looked at."""
    return queries.known_values(PersonalView.subject_type)


def keep_days(on: date) -> int | None:
    """How many days a trace is kept (policy ``sight.keep_days``); None when nothing says when it may go."""
    try:
        return policy.get_int("sight.keep_days", on)
    except policy.NoPolicy:
        return None


def forget_old(now: datetime) -> int:
    """Delete the traces whose time is past; how many went. A day's grace: the database reckons its day in UTC."""
    last = clock.day_of(now) - timedelta(days=1)
    old = (
        sa.select(PersonalView.id)
        .where(PersonalView.keep_until < last)
        .order_by(PersonalView.id)
        .limit(AT_ONCE)
    )
    statement = sa.delete(PersonalView).where(PersonalView.id.in_(old))
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]
