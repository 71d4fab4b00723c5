"""Reading accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.core.identifiers import normalise_phone
from webapp.core.secrets import keyed_hash
from webapp.regions.models import Department, Region, Station

from . import rules
from .models import Account, AccountKind, LoginSession, OfficerPost


def phone_hash(phone: str) -> str:
    """What an E.164 number is looked up by."""
    return keyed_hash("phone", phone)


def get_account(account_id: int) -> Account:
    """The account with this id; raises NotFound."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound("no_such_thing")
    return account


def find_account(account_id: int) -> Account | None:
    """The account with this id, or None."""
    return db.session.get(Account, account_id)


def find_merchant(phone: str) -> Account | None:
    """The merchant account of an E.164 phone number."""
    statement = sa.select(Account).where(
        Account.kind == AccountKind.MERCHANT, Account.phone_hash == phone_hash(phone)
    )
    return db.session.scalar(statement)


def find_officer(username: str) -> Account | None:
    """The officer with this username (lower case)."""
    statement = sa.select(Account).where(Account.kind == AccountKind.OFFICER, Account.username == username)
    return db.session.scalar(statement)


def find_by_subject(issuer: str, subject: str) -> Account | None:
    """The officer that a single sign-on subject was tied to."""
    statement = sa.select(Account).where(Account.oidc_issuer == issuer, Account.oidc_subject == subject)
    return db.session.scalar(statement)


def scope_of_account(account_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): the smallest region that holds all of an officer's posts.

    An account without posts, and every merchant's, belongs to the whole city.
    """
    return scope_of(get_account(account_id))


def scope_of(account: Account) -> Scope:
    """See :func:`scope_of_account`."""
    if not account.posts:
        return Scope(city_code())
    return Scope(rules.common_region(post.region_code for post in account.posts))


def officers_over(scope: Scope, roles: frozenset[Role]) -> list[Account]:
    """The officers in service who hold one of `roles` over `scope` and need not stand aside from it, by id."""
    prefixes = [scope.region_code[:length] for length in range(len(scope.region_code) + 1)]
    posted = sa.select(OfficerPost.account_id).where(
        OfficerPost.role.in_(roles), OfficerPost.region_code.in_(prefixes)
    )
    statement = sa.select(Account).where(
        Account.kind == AccountKind.OFFICER, Account.disabled_at.is_(None), Account.id.in_(posted)
    )
    found = []
    for account in db.session.scalars(statement.order_by(Account.id)):
        actor = account.actor()
        if actor.holds(roles, scope) and not actor.must_stand_aside(scope):
            found.append(account)
    return found


def city_code() -> str:
    """The GB/T 2260 prefix of the city: the shortest region that is a city."""
    shortest = sa.select(Region.code).where(sa.func.length(Region.code) == 4).order_by(Region.code).limit(1)
    return db.session.scalar(shortest) or ""


def sessions_of(account_id: int, now: datetime) -> list[LoginSession]:
    """The account's sessions that are open at `now`, the one used last first."""
    statement = (
        sa.select(LoginSession)
        .where(
            LoginSession.account_id == account_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
        )
        .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
    )
    return list(db.session.scalars(statement))


def accounts(kind: AccountKind, text: str, actor: Actor) -> sa.Select[tuple[Account]]:
    """Accounts of a kind that `actor` manages, narrowed by name, username or a whole phone number (for paging)."""
    statement = (
        sa.select(Account).where(Account.kind == kind, _within(kind, actor)).order_by(Account.id.desc())
    )
    words = text.strip()
    if not words:
        return statement
    matches = [
        Account.name.contains(words, autoescape=True),
        Account.username.contains(words.lower(), autoescape=True),
    ]
    phone = normalise_phone(words)
    if phone is not None:
        matches.append(Account.phone_hash == phone_hash(phone))
    return statement.where(sa.or_(*matches))


def _within(kind: AccountKind, actor: Actor) -> sa.ColumnElement[bool]:
    """The same as the access rule says of one account: no post outside all of the administrator's regions."""
    regions = administered(actor)
    whole_city = city_code().startswith(tuple(regions)) if regions else False
    if kind is AccountKind.MERCHANT:
        return sa.true() if whole_city else sa.false()
    mine = sa.exists().where(OfficerPost.account_id == Account.id)
    outside = mine.where(
        sa.not_(
            sa.or_(
                sa.false(), *(OfficerPost.region_code.startswith(code, autoescape=True) for code in regions)
            )
        )
    )
    inside = sa.and_(mine, sa.not_(outside))
    return sa.or_(inside, sa.not_(mine)) if whole_city else inside


def administered(actor: Actor) -> list[str]:
    """The region codes that `actor` is an administrator of."""
    return [post.region_code for post in actor.posts if post.role is Role.ADMINISTRATOR]


def region_choices(actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of the city and its counties that `actor` may give posts in."""
    statement = sa.select(Region.code, Region.name).where(sa.func.length(Region.code).in_((4, 6)))
    codes = administered(actor)
    rows = db.session.execute(statement.order_by(Region.code)).tuples()
    return [(code, name) for code, name in rows if any(code.startswith(mine) for mine in codes)]


def station_choices(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """(county, [(id, station)]) within the regions that `actor` may give posts in."""
    names = dict(region_choices(actor))
    groups: dict[str, list[tuple[str, str]]] = {}
    for station in db.session.scalars(sa.select(Station).order_by(Station.region_code, Station.id)):
        county = station.region_code[:6]
        if county in names:
            groups.setdefault(names[county], []).append((str(station.id), station.name))
    return list(groups.items())


def department_choices() -> list[tuple[str, str]]:
    """(code, name) of the departments."""
    return list(
        db.session.execute(sa.select(Department.code, Department.name).order_by(Department.code)).tuples()
    )


def place_names(codes: set[str]) -> dict[str, str]:
    """Names of regions by code."""
    return dict(
        db.session.execute(sa.select(Region.code, Region.name).where(Region.code.in_(codes))).tuples().all()
    )


def post_places(posts: Iterable[OfficerPost]) -> dict[int, str]:
    """Where each post is held, in words: its station, else its region. By the post's id."""
    held = list(posts)
    regions = place_names({post.region_code for post in held})
    wanted = {post.station_id for post in held if post.station_id is not None}
    stations = dict(
        db.session.execute(sa.select(Station.id, Station.name).where(Station.id.in_(wanted))).tuples().all()
    )
    return {
        post.id: stations.get(post.station_id or 0) or regions.get(post.region_code, post.region_code)
        for post in held
    }


def names_of(account_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of accounts by id, for showing officers who did what."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())
