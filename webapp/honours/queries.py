"""Reading honours. For public registers and open data: :func:`published`, :func:`published_counts`, :func:`chains`.

    published("demonstration", region="130606", category="eat", text="面馆") -> Select[Honour]   newest first
    published("no_reason_return") / published("cross_shop_return")
    published_counts(today) -> {HonourKind: int}
    public_of_shop(shop_id, today) -> list[Honour]      what a shop's page says
    returns_of(shop_ids, today) -> {shop_id: [(kind, days)]}
    chains(today) -> list[(ReturnChain, number of shops)]

Visible is what is published, in its term, of a shop whose trust code is active: the conditions stand in the query, so
that an end takes effect in every worker with the commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from flask import current_app

from webapp.accounts.models import Account
from webapp.core import clock
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within
from webapp.web import slots

from .models import Honour, Nomination, ReturnChain, ReturnRecord
from .rules import HonourKind, HonourState, NominationState

# --- for everybody ----------------------------------------------------------------------------------------------------


#: The kinds that mean that goods can be given back.
RETURNS = (HonourKind.NO_REASON_RETURN, HonourKind.CROSS_SHOP_RETURN)


def published(
    *kinds: HonourKind | str,
    region: str = "",
    category: str = "",
    text: str = "",
    sector: str = "",
    chain_id: int | None = None,
    today: date | None = None,
) -> sa.Select[tuple[Honour]]:
    """A public register (of one kind or several), newest first. `region` is a trimmed GB/T 2260 code, `category`
    吃住游购娱, `text` a part of name or branch, or the shop's number. Each row has `.shop`, `.sector`, `.standard`,
    `.days`, `.terms`, `.chain`, `.published_at`, `.term_until`.
    """
    conditions = [Honour.kind.in_([HonourKind(kind) for kind in kinds]), *visible(today or clock.today())]
    if region:
        conditions.append(Shop.region_code.startswith(region, autoescape=True))
    if category:
        conditions.append(Shop.category == category)
    if sector:
        conditions.append(Honour.sector == sector)
    if chain_id is not None:
        conditions.append(Honour.chain_id == chain_id)
    if text:
        conditions.append(_named(text))
    return (
        sa.select(Honour).join(Shop).where(*conditions).order_by(Honour.published_at.desc(), Honour.id.desc())
    )


def published_counts(today: date) -> dict[HonourKind, int]:
    """How many each public register has."""
    statement = (
        sa.select(Honour.kind, sa.func.count()).join(Shop).where(*visible(today)).group_by(Honour.kind)
    )
    return dict.fromkeys(HonourKind, 0) | dict(db.session.execute(statement).tuples().all())


def public_of_shop(shop_id: int, today: date) -> list[Honour]:
    """What the public sees of a shop."""
    statement = sa.select(Honour).join(Shop).where(Honour.shop_id == shop_id, *visible(today))
    return list(db.session.scalars(statement.order_by(Honour.id)))


def returns_of(shop_ids: Iterable[int], today: date) -> dict[int, list[tuple[HonourKind, int]]]:
    """By shop where goods can be given back: each kind with its days, as the public sees them."""
    statement = (
        sa.select(Honour.shop_id, Honour.kind, Honour.days)
        .join(Shop, Shop.id == Honour.shop_id)
        .where(Honour.shop_id.in_(list(shop_ids)), Honour.kind.in_(RETURNS), *visible(today))
        .order_by(Honour.id)
    )
    found: dict[int, list[tuple[HonourKind, int]]] = {}
    for shop_id, kind, days in db.session.execute(statement).tuples():
        found.setdefault(shop_id, []).append((kind, days or 0))
    return found


def chains(today: date) -> list[tuple[ReturnChain, int]]:
    """Chains that take back each other's goods, with the number of their shops that the public sees, by name."""
    statement = (
        sa.select(ReturnChain, sa.func.count(Honour.id))
        .join(Honour, Honour.chain_id == ReturnChain.id)
        .join(Shop, Shop.id == Honour.shop_id)
        .where(ReturnChain.ended_at.is_(None), *visible(today))
        .group_by(ReturnChain.id)
        .order_by(ReturnChain.name)
    )
    return list(db.session.execute(statement).tuples())


def visible(today: date) -> list[sa.ColumnElement[bool]]:
    """The conditions of being public, on Honour joined with Shop."""
    in_term = sa.or_(Honour.term_until.is_(None), Honour.term_until >= today)
    active = slots.collect(current_app, "shop.vouched") or [sa.false()]
    return [Honour.state == HonourState.PUBLISHED, in_term, *active]


# --- for officers and merchants ---------------------------------------------------------------------------------------


def get(honour_id: int) -> Honour:
    """The honour; raises NotFound."""
    honour = db.session.get(Honour, honour_id)
    if honour is None:
        raise NotFound("no_such_thing")
    return honour


def scope_of(honour_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop."""
    return get(honour_id).shop.scope


def standing(shop_id: int, kind: HonourKind) -> Honour | None:
    """The honour of that kind that is proposed or published, or None."""
    return db.session.scalar(
        sa.select(Honour).where(
            Honour.shop_id == shop_id,
            Honour.kind == kind,
            Honour.state.in_([HonourState.PROPOSED, HonourState.PUBLISHED]),
        )
    )


def of_shop(shop_id: int) -> list[Honour]:
    """All honours of a shop, whatever their state, newest first."""
    return list(
        db.session.scalars(sa.select(Honour).where(Honour.shop_id == shop_id).order_by(Honour.id.desc()))
    )


def office_list(
    posts: tuple[Post, ...],
    *,
    kind: str = "",
    state: str = "",
    text: str = "",
    review_by: date | None = None,
) -> sa.Select[tuple[Honour]]:
    """Honours within an officer's reach for paging, those that wait first; with `review_by` only return shops that
    have to be looked at anew by that day, the longest due first."""
    conditions = [within(posts)]
    if review_by is not None:
        due = [Honour.state == HonourState.PUBLISHED, Honour.review_on <= review_by, within(posts)]
        return sa.select(Honour).join(Shop).where(*due).order_by(Honour.review_on, Honour.id)
    if kind in set(HonourKind):
        conditions.append(Honour.kind == kind)
    if state in set(HonourState):
        conditions.append(Honour.state == state)
    if text:
        conditions.append(_named(text))
    waiting_first = sa.case((Honour.state == HonourState.PROPOSED, 0), else_=1)
    return sa.select(Honour).join(Shop).where(*conditions).order_by(waiting_first, Honour.id.desc())


def waiting(posts: tuple[Post, ...]) -> int:
    """How many proposals within reach wait for a second person."""
    statement = (
        sa.select(sa.func.count(Honour.id))
        .join(Shop)
        .where(Honour.state == HonourState.PROPOSED, within(posts))
    )
    return int(db.session.scalar(statement) or 0)


def ended_terms(today: date, limit: int = 500) -> list[Honour]:
    """Published honours whose term has passed."""
    statement = sa.select(Honour).where(Honour.state == HonourState.PUBLISHED, Honour.term_until < today)
    return list(db.session.scalars(statement.order_by(Honour.term_until, Honour.id).limit(limit)))


def records_of(honour_id: int) -> list[ReturnRecord]:
    """The records of a return shop, newest first."""
    statement = sa.select(ReturnRecord).where(ReturnRecord.honour_id == honour_id)
    return list(db.session.scalars(statement.order_by(ReturnRecord.until.desc())))


def reviews_due(posts: tuple[Post, ...], by: date) -> int:
    """How many return shops within reach have to be looked at anew by that day."""
    statement = (
        sa.select(sa.func.count(Honour.id))
        .join(Shop)
        .where(Honour.state == HonourState.PUBLISHED, Honour.review_on <= by, within(posts))
    )
    return int(db.session.scalar(statement) or 0)


def get_chain(chain_id: int) -> ReturnChain:
    """The chain; raises NotFound."""
    chain = db.session.get(ReturnChain, chain_id)
    if chain is None:
        raise NotFound("no_such_thing")
    return chain


def of_chain(chain_id: int) -> list[Honour]:
    """The published members of a chain."""
    statement = sa.select(Honour).where(Honour.chain_id == chain_id, Honour.state == HonourState.PUBLISHED)
    return list(db.session.scalars(statement.order_by(Honour.id)))


def scope_of_chain(chain_id: int, **_rest: object) -> Scope:
    """For access rules: the chain's place."""
    return Scope(get_chain(chain_id).region_code)


def open_chains() -> list[ReturnChain]:
    """Chains that shops can be named to belong to."""
    return list(
        db.session.scalars(
            sa.select(ReturnChain).where(ReturnChain.ended_at.is_(None)).order_by(ReturnChain.name)
        )
    )


def nominations(posts: tuple[Post, ...]) -> sa.Select[tuple[Nomination]]:
    """Open nominations for the red list within reach, the best rated first, for paging."""
    return (
        sa.select(Nomination)
        .join(Shop)
        .where(Nomination.state == NominationState.OPEN, within(posts))
        .order_by(Nomination.nominated_at.desc(), Nomination.shop_id)
    )


def nominated(posts: tuple[Post, ...]) -> int:
    """How many nominations within reach wait for an officer."""
    statement = sa.select(sa.func.count()).select_from(nominations(posts).order_by(None).subquery())
    return int(db.session.scalar(statement) or 0)


def get_nomination(shop_id: int) -> Nomination:
    """The shop's nomination; raises NotFound."""
    found = db.session.get(Nomination, shop_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of_nomination(shop_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the nominated shop."""
    return get_nomination(shop_id).shop.scope


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Officers' names by account."""
    wanted = {one for one in ids if one is not None}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())


def _named(text: str) -> sa.ColumnElement[bool]:
    matches = [Shop.name.contains(text, autoescape=True), Shop.branch.contains(text, autoescape=True)]
    if text.isascii() and text.isdigit() and len(text) <= 10:
        matches.append(Shop.id == int(text))
    return sa.or_(*matches)
