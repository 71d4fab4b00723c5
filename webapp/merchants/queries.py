"""Reading operators and shops."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from webapp.accounts import memberships
from webapp.core.actor import Actor, Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound

from .models import MemberRole, Operator, OperatorMember, Recusal, Shop, ShopFigures

#: Largest shop number that a code can carry (u32).
NUMBER_MOST = 0xFFFFFFFF


def operator_ids_of(account_id: int) -> frozenset[int]:
    """The operators that a merchant account acts for."""
    statement = sa.select(OperatorMember.operator_id).where(OperatorMember.account_id == account_id)
    return frozenset(db.session.scalars(statement))


def aside_from(account_id: int) -> frozenset[int]:
    """The operators on which this officer must not decide (回避): those it belongs to, and those declared."""
    member = sa.select(OperatorMember.operator_id).where(OperatorMember.account_id == account_id)
    declared = sa.select(Recusal.operator_id).where(Recusal.account_id == account_id)
    return frozenset(db.session.scalars(member.union_all(declared)))


def not_aside(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition on Shop: it is of no operator from which this actor must stand aside."""
    return Shop.operator_id.not_in(actor.aside_from)


memberships.provide(operator_ids_of, aside_from)


def get_shop(shop_id: int) -> Shop:
    """The shop with this number; raises NotFound, also for one that no shop can have (a form's, an address's)."""
    shop = db.session.get(Shop, shop_id) if 1 <= shop_id <= NUMBER_MOST else None
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
    return covered(posts, Shop.region_code, Shop.station_id, Shop.department_code)


def covered(
    posts: tuple[Post, ...],
    region: sa.SQLColumnExpression[str],
    station: sa.SQLColumnExpression[int | None],
    department: sa.SQLColumnExpression[str | None],
) -> sa.ColumnElement[bool]:
    """Condition on the columns that say where a thing belongs: one of `posts` covers it. No post, nothing."""
    conditions = []
    for post in posts:
        parts: list[sa.ColumnElement[bool]] = [region.startswith(post.region_code, autoescape=True)]
        if post.station_id is not None:
            parts.append(station == post.station_id)
        if post.department_code is not None:
            parts.append(department == post.department_code)
        conditions.append(sa.and_(*parts))
    return sa.or_(*conditions) if conditions else sa.false()


def shop_ids_of(operator_id: int) -> list[int]:
    """The numbers of an operator's shops."""
    return list(
        db.session.scalars(sa.select(Shop.id).where(Shop.operator_id == operator_id).order_by(Shop.id))
    )


def shops_of(operator_ids: frozenset[int]) -> list[Shop]:
    """The shops of these operators with operator and photos, by operator and number."""
    statement = (
        sa.select(Shop)
        .where(Shop.operator_id.in_(operator_ids))
        .options(selectinload(Shop.operator), selectinload(Shop.photos))
        .order_by(Shop.operator_id, Shop.id)
    )
    return list(db.session.scalars(statement))


def operators(operator_ids: frozenset[int]) -> list[Operator]:
    """These operators, in the order in which they came."""
    return list(
        db.session.scalars(sa.select(Operator).where(Operator.id.in_(operator_ids)).order_by(Operator.id))
    )


def find_member(operator_id: int, account_id: int) -> OperatorMember | None:
    """What this account is to the operator, or None."""
    statement = sa.select(OperatorMember).where(
        OperatorMember.operator_id == operator_id, OperatorMember.account_id == account_id
    )
    return db.session.scalar(statement)


def members_of(operator_id: int) -> list[OperatorMember]:
    """Everybody who acts for the operator, owners first."""
    statement = sa.select(OperatorMember).where(OperatorMember.operator_id == operator_id)
    return sorted(
        db.session.scalars(statement), key=lambda member: (member.role is not MemberRole.OWNER, member.id)
    )


def owner_ids(operator_id: int) -> frozenset[int]:
    """The accounts that own the operator."""
    statement = sa.select(OperatorMember.account_id).where(
        OperatorMember.operator_id == operator_id, OperatorMember.role == MemberRole.OWNER
    )
    return frozenset(db.session.scalars(statement))


def figures_of(shop_id: int) -> ShopFigures:
    """The shop's public counts; all zero when nothing was counted yet."""
    return db.session.get(ShopFigures, shop_id) or ShopFigures(
        shop_id=shop_id,
        **{column.key: 0 for column in ShopFigures.__mapper__.column_attrs if column.key != "shop_id"},
    )
