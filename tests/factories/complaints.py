"""Complaints for tests: filed and moved on by the real operations."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from tests.factories.codes import make_code
from tests.factories.merchants import NOW, make_account, make_member, make_operator, make_shop
from webapp.accounts.models import Account, AccountKind, OfficerPost
from webapp.complaints import intake, operations
from webapp.complaints.intake import Filing
from webapp.complaints.models import Complaint, Demand
from webapp.core import policy
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.merchants.models import Shop

#: What nobody but the handling officer may read: planted by the tests, looked for everywhere else.
NAME, PHONE = "欧阳秘密", "+8613987654321"
#: A ground of every law for the steps that ask for one.
GROUNDS = {"refuse": "already_handled", "end": "no_agreement"}
_numbers = itertools.count(1)


def make_officer(
    role: Role = Role.STATION_OFFICER, region: str = "130606", name: str = "李警官", **post: Any
) -> Account:
    """An officer with one post."""
    account = Account(
        kind=AccountKind.OFFICER, name=name, username=f"complaint-officer-{next(_numbers)}", created_at=NOW
    )
    account.posts.append(OfficerPost(role=role, region_code=region, **post))
    db.session.add(account)
    db.session.flush()
    return account


def make_merchant(shop: Shop, name: str = "陈师傅") -> Account:
    """An account that owns the shop's operator."""
    account = make_account(name)
    make_member(shop.operator, account)
    return account


def make_shop_with_policy(name: str = "老槐树面馆") -> Shop:
    """A vouched shop of an operator of its own, in a city whose policy table is filled."""
    policy.sync()
    shop = make_shop(make_operator(), name)
    make_code(shop)
    return shop


def make_filing(**more: Any) -> Filing:
    """What a consumer states, with contact and without consent to share it."""
    facts: dict[str, Any] = {
        "submission_key": f"a-random-key-of-the-form-{next(_numbers)}",
        "topic": "measure",
        "story": "两斤酱肉回家一称只有一斤七两。",
        "demand": Demand.REFUND,
        "amount_fen": 3550,
        "happened_on": None,
        "contact_name": NAME,
        "contact_phone": PHONE,
        "share_contact": False,
    }
    return Filing(**(facts | more))


def make_complaint(shop: Shop, now: datetime = NOW, **more: Any) -> Complaint:
    """A filed complaint."""
    return intake.file(shop.id, make_filing(**more), now)[0]


def move(complaint: Complaint, *steps: tuple[str, Actor], now: datetime = NOW) -> Complaint:
    """Take steps in order, each with some words."""
    for action, actor in steps:
        operations.act(
            complaint.id, action, actor, now, text=f"words for {action}", ground=GROUNDS.get(action, "")
        )
    return complaint


def merchant_actor(shop: Shop) -> Actor:
    """Somebody who acts for the shop."""
    return Actor(None, "m", Role.MERCHANT, operator_ids=frozenset({shop.operator_id}))


def answered(shop: Shop, now: datetime = NOW) -> Complaint:
    """A complaint that the merchant has answered."""
    return move(make_complaint(shop, now), ("answer", merchant_actor(shop)), now=now)


def resolved(shop: Shop, now: datetime = NOW) -> Complaint:
    """A complaint that the consumer has called resolved."""
    return move(answered(shop, now), ("confirm_resolved", CONSUMER), now=now)
