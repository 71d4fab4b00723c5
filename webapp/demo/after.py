"""What happens in the demo city once shops are vouched for, seen from the second merchant's side."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from webapp.accounts.models import Account
from webapp.changes import operations as changes
from webapp.changes.rules import Part
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.demo import words
from webapp.merchants.models import MemberRole, OperatorMember, Shop

from .people_writer import OFFICERS, People

#: The district of the first station officer, in whose queue the request waits.
DISTRICT = OFFICERS["zhan"][2]


def suspended_shop(people: People, now: datetime) -> None:
    """The second merchant owns a suspended shop; where the city has none of its own, an officer suspends one."""
    shop = _first(people, CodeState.SUSPENDED)
    if shop is None:
        shop = _first(people, CodeState.ACTIVE)
        if shop is None:
            return
        _own(shop, people, now)  # first, so that the merchant is told
        reason = words.phrases()["suspended_reason"]
        codes.suspend(shop.id, "inspection_failed", reason, people.bureau, now - timedelta(days=2))
    _own(shop, people, now)


def change_request(people: People, now: datetime) -> None:
    """A shop of the second merchant in the first station officer's district asks for a new name."""
    shop = _first(people, CodeState.ACTIVE, DISTRICT)
    if shop is None:
        return
    _own(shop, people, now)
    account = db.session.get_one(Account, people.second_owner_id)
    owner = Actor(account.id, account.name, Role.MERCHANT, (), frozenset({shop.operator_id}))
    phrases = words.phrases()
    stated = {"name": shop.name + phrases["change_name_suffix"], "branch": shop.branch}
    asked_at = now - timedelta(days=1)
    changes.request(shop.id, Part.NAME, stated, owner, asked_at, note=phrases["change_note"])


def _first(people: People, state: CodeState, district: str = "") -> Shop | None:
    """The shop with the lowest number whose code is in `state`, of an operator that is not the first merchant's."""
    taken = sa.select(OperatorMember.operator_id).where(OperatorMember.account_id == people.owner_id)
    statement = (
        sa.select(Shop)
        .join(TrustCode, TrustCode.shop_id == Shop.id)
        .where(TrustCode.state == state, Shop.operator_id.not_in(taken))
        .where(Shop.region_code.startswith(district, autoescape=True))
    )
    return db.session.scalar(statement.order_by(Shop.id).limit(1))


def _own(shop: Shop, people: People, now: datetime) -> None:
    known = {"operator_id": shop.operator_id, "account_id": people.second_owner_id}
    if db.session.scalar(sa.select(OperatorMember.id).filter_by(**known)) is None:
        db.session.add(OperatorMember(**known, role=MemberRole.OWNER, created_at=now))
        db.session.flush()
