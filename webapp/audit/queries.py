"""Reading the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from webapp.core import clock
from webapp.core.actor import Actor, Post, Role
from webapp.core.db import Base, db

from .models import AuditEvent

PAGE = 50
#: A search's hits are counted up to here; the trail never shrinks, and nobody reads so far.
COUNT_MOST = 10_000
#: What a shop's page keeps from those who may read the shop and not the thing: who reports a violation is protected.
CONFIDENTIAL = frozenset({"tip"})


def head() -> int:
    """The newest row's number, 0 when there is none: while it stands still, nobody has changed anything."""
    return db.session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0


def history(subject_type: str, subject_id: int, limit: int = 200) -> list[AuditEvent]:
    """What happened to one thing, newest first."""
    statement = (
        sa.select(AuditEvent)
        .where(AuditEvent.subject_type == subject_type, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def shop_history(shop_id: int, *, public_only: bool = False, limit: int = 200) -> list[AuditEvent]:
    """What happened to a shop and everything of it but what is confidential, newest first."""
    told, of_shop, public = is_public_of(shop_id)
    statement = sa.select(AuditEvent).where(told, of_shop)
    if public_only:
        statement = statement.where(public)
    return list(db.session.scalars(statement.order_by(AuditEvent.id.desc()).limit(limit)))


def is_public_of(
    shop_id: int,
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Conditions of a shop's public history: not confidential, of the shop, public."""
    return (
        AuditEvent.subject_type.not_in(CONFIDENTIAL),
        AuditEvent.shop_id == shop_id,
        AuditEvent.public.is_(True),
    )


@dataclass(frozen=True)
class Search:
    """What the history is searched for; empty means any. Days are China's, both included. `action` may be a prefix.

    `reason` is looked for in what people wrote; `reason_codes` are the catalogue's grounds whose words have it.
    `whence` is the number of a request, or how an address, a job's or a command's name begins.
    """

    who: str = ""
    action: str = ""
    subject: str = ""
    shop: int | None = None
    since: date | None = None
    until: date | None = None
    reason: str = ""
    reason_codes: frozenset[str] = frozenset()
    whence: str = ""


def _within(post: Post, shop: sa.FromClause) -> sa.ColumnElement[bool]:
    """Condition: the event's shop lies in the post's reach. The audit trail stands below the merchants' feature."""
    parts: list[sa.ColumnElement[bool]] = [shop.c.region_code.startswith(post.region_code, autoescape=True)]
    if post.station_id is not None:
        parts.append(shop.c.station_id == post.station_id)
    if post.department_code is not None:
        parts.append(shop.c.department_code == post.department_code)
    return sa.and_(*parts)


def readable(posts: tuple[Post, ...], actor: Actor, of: Any = AuditEvent) -> sa.ColumnElement[bool]:
    """Condition on AuditEvent (or PersonalView): what may be read by `posts`; one's own deeds one may always read.

    Of what is about no shop and no operator, an administrator reads what is about accounts of the region: those whose
    posts all lie in its subtree, as on the accounts' own page. The rest (merchants' accounts, settings, imports) is of
    the whole city and for its administrators.
    """
    shop = Base.metadata.tables["shop"]
    shops = sa.select(shop.c.id).where(sa.or_(sa.false(), *(_within(post, shop) for post in posts)))
    operators = sa.select(shop.c.operator_id).where(
        sa.or_(sa.false(), *(_within(post, shop) for post in posts))
    )
    conditions = [
        of.shop_id.in_(shops),
        sa.and_(of.shop_id.is_(None), of.operator_id.in_(operators)),
        of.actor_id == actor.account_id,
    ]
    regions = [post.region_code for post in posts if post.role is Role.ADMINISTRATOR]
    if regions:
        of_nobody = sa.and_(of.shop_id.is_(None), of.operator_id.is_(None))
        city: str = current_app.extensions["ydym.settings"].city_region
        whole = city.startswith(tuple(regions))
        conditions.append(of_nobody if whole else sa.and_(of_nobody, _about_accounts(regions, of)))
    return sa.or_(*conditions)


def _about_accounts(regions: list[str], of: Any) -> sa.ColumnElement[bool]:
    """Condition: the event is about an officer none of whose posts lies outside `regions`."""
    post = Base.metadata.tables["officer_post"]
    inside = sa.or_(*(post.c.region_code.startswith(code, autoescape=True) for code in regions))
    mine, outside = sa.select(post.c.account_id), sa.select(post.c.account_id).where(sa.not_(inside))
    return sa.and_(
        of.subject_type == "account",
        of.subject_id.in_(mine),
        of.subject_id.not_in(outside),
    )


def start_of(day: date) -> datetime:
    """The first instant of `day` in China."""
    return datetime.combine(day, datetime.min.time(), clock.SHANGHAI)


def _conditions(wanted: Search) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.who:
        found.append(AuditEvent.actor_name.contains(wanted.who, autoescape=True))
    if wanted.action:
        found.append(AuditEvent.action.startswith(wanted.action, autoescape=True))
    if wanted.subject:
        kind, _, number = wanted.subject.partition(":")
        found.append(AuditEvent.subject_type == kind)
        if number.isascii() and number.isdigit():
            found.append(AuditEvent.subject_id == int(number[:18]))
    if wanted.shop is not None:
        found.append(AuditEvent.shop_id == wanted.shop)
    if wanted.since is not None:
        found.append(AuditEvent.at >= start_of(wanted.since))
    if wanted.until is not None:
        found.append(AuditEvent.at < clock.end_of_day(wanted.until))
    if wanted.reason:
        written = AuditEvent.reason.icontains(wanted.reason, autoescape=True)
        found.append(sa.or_(written, AuditEvent.reason_code.in_(sorted(wanted.reason_codes))))
    if wanted.whence:
        found.append(came_from(AuditEvent.origin, AuditEvent.request_id, wanted.whence))
    return found


def came_from(origin: Any, request_id: Any, whence: str) -> sa.ColumnElement[bool]:
    """Condition: `whence` is the request's number, or how the address, the job's or the command's name begins."""
    begins = (origin.startswith(kind + whence, autoescape=True) for kind in ("", "job:", "command:"))
    return sa.or_(request_id == whence.lower(), *begins)


def search(
    wanted: Search, posts: tuple[Post, ...], actor: Actor, before: int | None = None, limit: int = PAGE
) -> tuple[list[AuditEvent], int | None]:
    """Events that match and may be read, newest first, and the number to go on before (None at the end)."""
    statement = sa.select(AuditEvent).where(readable(posts, actor), *_conditions(wanted))
    if before is not None:
        statement = statement.where(AuditEvent.id < before)
    rows = list(db.session.scalars(statement.order_by(AuditEvent.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def count(wanted: Search, posts: tuple[Post, ...], actor: Actor) -> int:
    """How many events match and may be read, counted up to :data:`COUNT_MOST` + 1."""
    matching = sa.select(AuditEvent.id).where(readable(posts, actor), *_conditions(wanted))
    statement = sa.select(sa.func.count()).select_from(matching.limit(COUNT_MOST + 1).subquery())
    return db.session.scalar(statement) or 0


def walk(wanted: Search, posts: tuple[Post, ...], actor: Actor, most: int) -> Iterator[AuditEvent]:
    """All matching events, newest first, at most `most`, read a batch at a time."""
    before: int | None = None
    left = most
    while left > 0:
        rows, before = search(wanted, posts, actor, before, min(left, 1000))
        yield from rows
        left -= len(rows)
        if before is None:
            return


def actions() -> list[str]:
    """Every action that has been recorded, by name."""
    return known_values(AuditEvent.action)


def subjects() -> list[str]:
    """Every kind of thing that something has been recorded about."""
    return known_values(AuditEvent.subject_type)


def known_values(column: Any) -> list[str]:
    """The values of an indexed column, found by one step in its index each: the trail has millions of rows of few."""
    first = sa.select(sa.func.min(column).label("value")).cte("known", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > first.c.value).scalar_subquery()
    known = first.union_all(sa.select(following).where(first.c.value.is_not(None)))
    return list(db.session.scalars(sa.select(known.c.value).where(known.c.value.is_not(None))))
