"""What the directory says of a shop to the search's index: promises, hearts, mall, goods that can be given back, hours.

Each is a token, so that a filter costs a search no more than a word; `narrowing.tokens` asks for them. Whoever writes
one of these rows has the shop's entry written anew in the same transaction. What ends with the calendar (the term of an
honour) is a token with its last day: nothing has to be written when the day comes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper, object_session

from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core.db import among, db
from webapp.finding import indexing
from webapp.finding.terms import Any as AnyOf
from webapp.finding.terms import Between, Term
from webapp.honours.models import Honour
from webapp.honours.queries import RETURNS
from webapp.honours.rules import HonourState
from webapp.merchants import opening_weeks
from webapp.merchants.figures import hearts_total
from webapp.merchants.models import Mall, MallTenant, Shop, ShopFigures

#: How many hearts may be asked for at least.
HEARTS: Final = (3, 4)
_FOREVER: Final = date.max


def promise(code: str) -> Term:
    """Shops whose commitment of this code stands."""
    return Term(f":promise:{code}")


def hearts(least: int) -> Term:
    """Shops whose plain mean of all hearts is `least` or more, one of `HEARTS`."""
    return Term(f":hearts:{least}")


def mall(mall_id: int) -> Term:
    """Shops in the mall."""
    return Term(f":mall:{mall_id}")


def returns(today: date) -> Between:
    """Shops that take goods back, by an honour that is published and in its term. Their code may be suspended."""
    return Between(f":returns:{today.isoformat()}", ":returns:~")


def open_in(weeks: Sequence[str]) -> AnyOf:
    """Shops whose hours are one of these weeks, as they are written."""
    return AnyOf(tuple(Term(_week(written)) for written in weeks))


@lru_cache(maxsize=4096)
def _week(written: str) -> str:
    return f":week:{hashlib.blake2b(written.encode(), digest_size=8).hexdigest()}"


def tokens_of(connection: sa.Connection, shop_ids: Sequence[int]) -> dict[int, list[str]]:
    """Of each shop what is to be said of it; one statement."""
    figures = ShopFigures
    reached = sa.case(
        *(
            (hearts_total() >= least * 5 * figures.ratings, str(least))
            for least in sorted(HEARTS, reverse=True)
        ),
        else_="0",
    )
    until = sa.func.coalesce(sa.cast(Honour.term_until, sa.Text), _FOREVER.isoformat())
    signed = sa.select(Commitment.shop_id, sa.literal("promise"), CommitmentTemplate.code)
    parts = [
        signed.join(CommitmentTemplate).where(
            among(Commitment.shop_id, shop_ids), Commitment.withdrawn_at.is_(None)
        ),
        sa.select(figures.shop_id, sa.literal("hearts"), reached).where(
            among(figures.shop_id, shop_ids), figures.ratings > 0
        ),
        sa.select(MallTenant.shop_id, sa.literal("mall"), sa.cast(MallTenant.mall_id, sa.Text))
        .join(Mall, Mall.id == MallTenant.mall_id)
        .where(among(MallTenant.shop_id, shop_ids), Mall.closed_at.is_(None)),
        sa.select(Honour.shop_id, sa.literal("returns"), until).where(
            among(Honour.shop_id, shop_ids), Honour.state == HonourState.PUBLISHED, Honour.kind.in_(RETURNS)
        ),
        sa.select(Shop.id, sa.literal("week"), opening_weeks.AS_WRITTEN).where(
            among(Shop.id, shop_ids), Shop.opening_hours.is_not(None)
        ),
    ]
    found: defaultdict[int, list[str]] = defaultdict(list)
    for shop_id, kind, said in connection.execute(sa.union_all(*parts)):
        if kind == "hearts":
            found[shop_id] += [hearts(least).token for least in HEARTS if least <= int(said)]
        else:
            found[shop_id].append(_week(said) if kind == "week" else f":{kind}:{said}")
    return found


def on_shop_rated(_sender: object, *, shop_id: int, **_news: Any) -> None:
    """Hearts were counted in or out."""
    indexing.rewrite(db.session.connection(), [shop_id])


@event.listens_for(Commitment, "after_insert")
@event.listens_for(Commitment, "after_update")
@event.listens_for(MallTenant, "after_insert")
@event.listens_for(MallTenant, "after_update")
@event.listens_for(MallTenant, "after_delete")
@event.listens_for(Honour, "after_insert")
@event.listens_for(Honour, "after_update")
@event.listens_for(ShopFigures, "after_update")
def _moved(
    _mapper: Mapper[Any], _connection: sa.Connection, row: Commitment | MallTenant | Honour | ShopFigures
) -> None:
    indexing.touch(object_session(row), row.shop_id)


@event.listens_for(Mall, "after_update")
def _mall_moved(_mapper: Mapper[Mall], connection: sa.Connection, row: Mall) -> None:
    if sa.inspect(row).attrs.closed_at.history.has_changes():
        for shop_id in connection.scalars(sa.select(MallTenant.shop_id).where(MallTenant.mall_id == row.id)):
            indexing.touch(object_session(row), shop_id)
