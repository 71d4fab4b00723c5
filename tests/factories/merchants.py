"""Operators, merchants and shops for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from tests.factories.regions import STREET, make_industry, make_street
from webapp.accounts.models import Account, AccountKind
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.identifiers import make_uscc
from webapp.core.secrets import keyed_hash
from webapp.merchants.models import (
    Category,
    MemberRole,
    Operator,
    OperatorKind,
    OperatorMember,
    Shop,
    ShopFigures,
)

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_account(name: str = "王芳", phone: str | None = None, **more: Any) -> Account:
    """A merchant account without a password."""
    number = phone or f"+86139{next(_numbers):08}"
    account = Account(
        kind=AccountKind.MERCHANT,
        name=name,
        phone=number,
        phone_hash=keyed_hash("phone", number),
        created_at=NOW,
        **more,
    )
    db.session.add(account)
    db.session.flush()
    return account


def make_operator(name: str = "老槐树餐饮有限公司", uscc: str | None = None, **more: Any) -> Operator:
    """An enterprise with a valid credit code."""
    facts: dict[str, Any] = {
        "uscc": uscc or make_uscc(f"91130606MA{next(_numbers):07}"),
        "name": name,
        "kind": OperatorKind.ENTERPRISE,
        "legal_representative": "王建国",
        "registered_address": "保定市莲池区裕华东路128号",
        "authority": "莲池区市场监督管理局",
        "established_on": date(2019, 3, 1),
        "created_at": NOW,
    }
    operator = Operator(**(facts | more))
    db.session.add(operator)
    db.session.flush()
    return operator


def make_member(operator: Operator, account: Account, role: MemberRole = MemberRole.OWNER) -> OperatorMember:
    """Let the account act for the operator."""
    member = OperatorMember(operator_id=operator.id, account_id=account.id, role=role, created_at=NOW)
    db.session.add(member)
    db.session.flush()
    return member


def make_shop(operator: Operator | None = None, name: str = "老槐树面馆", **more: Any) -> Shop:
    """A shop with everything stated, in a street with a station, of an industry with a department."""
    street = make_street(more.pop("region_code", STREET))
    industry = make_industry(more.pop("industry_code", "6220"))
    facts: dict[str, Any] = {
        "operator_id": (operator or make_operator()).id,
        "name": name,
        "address": "裕华东路128号",
        "region_code": street.code,
        "station_id": street.station_id,
        "category": Category(industry.category),
        "industry_code": industry.code,
        "department_code": industry.department_code,
        "latitude": 38.8621,
        "longitude": 115.4932,
        "phone": "+8613800138000",
        "opening_hours": {str(day): [["09:00", "21:00"]] for day in range(1, 8)},
        "created_at": NOW,
        "updated_at": NOW,
    }
    shop = Shop(**(facts | more))
    db.session.add(shop)
    db.session.flush()
    db.session.add(ShopFigures(shop_id=shop.id))
    db.session.flush()
    return shop


def actor_of(account: Account, *operators: Operator) -> Actor:
    """The account as an actor: of the operators given, or of those it belongs to."""
    if operators:
        return Actor(account.id, account.name, Role.MERCHANT, operator_ids=frozenset(o.id for o in operators))
    return account.actor()
