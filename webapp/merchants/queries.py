"""Reading operators and shops."""

from __future__ import annotations

import sqlalchemy as sa

from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import Operator, OperatorMember, Shop


def operator_ids_of(account_id: int) -> frozenset[int]:
    """The operators that a merchant account acts for."""
    statement = sa.select(OperatorMember.operator_id).where(OperatorMember.account_id == account_id)
    return frozenset(db.session.scalars(statement))


def get_shop(shop_id: int) -> Shop:
    """The shop with this number; raises NotFound."""
    shop = db.session.get(Shop, shop_id)
    if shop is None:
        raise NotFound("no_such_thing")
    return shop


def get_operator(operator_id: int) -> Operator:
    """The operator with this id; raises NotFound."""
    operator = db.session.get(Operator, operator_id)
    if operator is None:
        raise NotFound("no_such_thing")
    return operator


def find_operator(uscc: str) -> Operator | None:
    """The operator with this unified social credit code, or None."""
    return db.session.scalar(sa.select(Operator).where(Operator.uscc == uscc))


def scope_of_shop(shop_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): the scope of the shop in the address."""
    return get_shop(shop_id).scope


def scope_of_operator(operator_id: int, **_rest: object) -> Scope:
    """For access rules (`on=`): the scope of the operator in the address (no region: merchants only)."""
    return Scope(operator_id=get_operator(operator_id).id)


def within(posts: tuple[Post, ...]) -> sa.ColumnElement[bool]:
    """Condition on Shop: it lies within one of `posts`. No post, nothing."""
    conditions = []
    for post in posts:
        parts: list[sa.ColumnElement[bool]] = [Shop.region_code.startswith(post.region_code, autoescape=True)]
        if post.station_id is not None:
            parts.append(Shop.station_id == post.station_id)
        if post.department_code is not None:
            parts.append(Shop.department_code == post.department_code)
        conditions.append(sa.and_(*parts))
    return sa.or_(*conditions) if conditions else sa.false()
