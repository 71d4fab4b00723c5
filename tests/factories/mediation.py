"""Mediating bodies, their people and mediations for tests, made by the real operations."""

from __future__ import annotations

import itertools
from typing import Any

from tests.factories import complaints as make
from tests.factories.merchants import NOW, make_account
from webapp.accounts.models import Account
from webapp.complaints.models import Complaint
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.mediation.models import BodyArea, MediationBody, Mediator
from webapp.mediation.rules import Area, MediatorKind
from webapp.merchants.models import Shop

_numbers = itertools.count(1)


def make_body(name: str = "", region: str = "130606", **more: Any) -> MediationBody:
    """A service station that is at work."""
    area = more.pop("area", Area(regions=frozenset({region})))
    body = MediationBody(
        kind=more.pop("kind", MediatorKind.STATION),
        name=name or f"裕华路消费维权服务站{next(_numbers)}",
        region_code=region,
        created_at=NOW,
        **more,
    )
    body.areas = [BodyArea(region_code=code) for code in sorted(area.regions)]
    body.areas += [BodyArea(mall_id=mall_id) for mall_id in sorted(area.malls)]
    db.session.add(body)
    db.session.flush()
    return body


def make_mediator(body: MediationBody, name: str = "孙调解") -> Account:
    """A phone account that acts for the body."""
    account = make_account(name)
    db.session.add(Mediator(account_id=account.id, body_id=body.id, added_at=NOW))
    db.session.flush()
    return account


def accepted(shop: Shop, officer: Actor, **more: Any) -> Complaint:
    """A complaint in the authority's mediation; its consumer lets a body mediate."""
    complaint = make.make_complaint(shop, **({"consent_entrust": True} | more))
    return make.move(complaint, ("refer", officer), ("accept", officer))
