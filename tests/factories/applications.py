"""Rows around an application: people, an operator with a shop, and what the register says of it."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from webapp.accounts.models import Account, AccountKind, OfficerPost
from webapp.applications.models import Application
from webapp.applications.rules import ApplicationState
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import MemberRole, Operator, OperatorKind, OperatorMember, Shop

from .regions import STREET, make_industry, make_street

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in China
_numbers = itertools.count(1)


def make_officer(
    role: Role,
    region: str = STREET[:6],
    name: str = "李警官",
    station_id: int | None = None,
    department: str | None = None,
) -> Account:
    """An officer with one post."""
    account = Account(
        kind=AccountKind.OFFICER, name=name, username=f"officer{next(_numbers)}", created_at=NOW
    )
    account.posts.append(
        OfficerPost(role=role, region_code=region, station_id=station_id, department_code=department)
    )
    db.session.add(account)
    db.session.flush()
    return account


def make_merchant(phone: str | None = None, name: str = "王老板") -> Account:
    """A merchant account."""
    number = next(_numbers)
    account = Account(
        kind=AccountKind.MERCHANT,
        name=name,
        phone=phone or f"+86138{number:08}",
        phone_hash=f"{number:064x}",
        created_at=NOW,
    )
    db.session.add(account)
    db.session.flush()
    return account


def make_operator(uscc: str = "91371500726715726X", name: str = "保定老槐树餐饮有限公司") -> Operator:
    """An operator as the register knows it (`facts_of`)."""
    operator = Operator(
        uscc=uscc,
        name=name,
        kind=OperatorKind.ENTERPRISE,
        legal_representative="王建国",
        registered_address="保定市莲池区裕华路1号",
        authority="保定市莲池区市场监督管理局",
        established_on=date(2015, 4, 1),
        created_at=NOW,
    )
    db.session.add(operator)
    db.session.flush()
    return operator


def facts_of(operator: Operator, **changes: object) -> RegistryFacts:
    """Register facts that agree with `operator`, but for `changes`."""
    facts: dict[str, object] = {
        "uscc": operator.uscc,
        "name": operator.name,
        "kind": operator.kind.value,
        "legal_representative": operator.legal_representative,
        "registered_address": operator.registered_address,
        "authority": operator.authority,
        "established_on": operator.established_on,
        "status": "active",
        "abnormal": False,
        "serious_violation": False,
        "as_of": date(2026, 11, 17),
    }
    return RegistryFacts(**(facts | changes))  # type: ignore[arg-type]


def make_member_shop(operator: Operator, owner: Account, name: str = "老槐树面馆") -> Shop:
    """A shop of `operator` in the test street, and `owner` a member of the operator."""
    street, industry = make_street(), make_industry()
    shop = Shop(
        operator=operator,
        name=name,
        branch="裕华路店",
        address="裕华路18号",
        region_code=street.code,
        station_id=street.station_id,
        category="eat",
        industry_code=industry.code,
        department_code=industry.department_code,
        latitude=38.87,
        longitude=115.46,
        phone="0312-5012345",
        opening_hours={"1": [["09:00", "21:00"]]},
        created_at=NOW,
        updated_at=NOW,
    )
    db.session.add(shop)
    db.session.flush()
    known = db.session.query(OperatorMember).filter_by(operator_id=operator.id, account_id=owner.id)
    if known.one_or_none() is None:
        db.session.add(
            OperatorMember(
                operator_id=operator.id, account_id=owner.id, role=MemberRole.OWNER, created_at=NOW
            )
        )
        db.session.flush()
    return shop


def make_application(
    shop: Shop, by: Account, state: ApplicationState = ApplicationState.DRAFT, **more: object
) -> Application:
    """An application row in `state`, without a history."""
    submitted = None if state is ApplicationState.DRAFT else NOW
    values = {"statement": None, "checks": [], "submitted_at": submitted, "created_at": NOW} | more
    application = Application(
        shop=shop, operator_id=shop.operator_id, state=state, created_by_id=by.id, **values
    )
    db.session.add(application)
    db.session.flush()
    return application


def merchant_of(shop: Shop, account: Account) -> Actor:
    """`account` as the actor who belongs to the shop's operator."""
    return Actor(account.id, account.name, Role.MERCHANT, operator_ids=frozenset({shop.operator_id}))
