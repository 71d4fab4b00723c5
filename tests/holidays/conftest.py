"""An administrator, and running deadlines of two features: reviews of applications and a change request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from flask import Flask

from tests.factories import accounts
from tests.factories import applications as make
from webapp.applications.models import Application, ApplicationDecision
from webapp.applications.rules import ApplicationState
from webapp.changes.models import ShopChange
from webapp.changes.rules import Part
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.transaction import unit

#: 3 February 2027, 15:00 in China: the notice of 2027 is overdue.
NOW = datetime(2027, 2, 3, 15, tzinfo=clock.SHANGHAI)


@dataclass
class Desk:
    """Ids of who and what is there."""

    administrator: int
    county_administrator: int
    station: int
    owner: int
    #: name of the shop → number of the application or change, due as the library says
    application: int
    early: int
    change: int

    def actor(self, account_id: int) -> Actor:
        return db.session.get_one(make.Account, account_id).actor()


def review(shop_name: str, began: datetime, due_on: date, owner: make.Account) -> Application:
    """An application in the station's review since `began`."""
    operator = db.session.query(make.Operator).first() or make.make_operator()
    shop = make.make_member_shop(operator, owner, shop_name)
    application = make.make_application(
        shop, owner, ApplicationState.STATION_REVIEW, submitted_at=began, due_on=due_on
    )
    application.decisions.append(
        ApplicationDecision(
            action="submit", from_state="draft", to_state="station_review", by_id=owner.id, at=began
        )
    )
    db.session.flush()
    return application


def build() -> Desk:
    """Five working days each. Without a notice the weekends of February 2027 are all that is off."""
    policy.sync()
    administrator = accounts.make_administrator()
    owner = make.make_merchant()
    late = review("老槐树面馆", NOW, date(2027, 2, 10), owner)  # 4 5 8 9 10; with the notice 4 15 16 17 18
    began = datetime(2027, 1, 28, 9, tzinfo=clock.SHANGHAI)
    early = review("早点铺", began, date(2027, 2, 4), owner)  # 29 1 2 3 4; with the notice 29 31 1 2 3
    review("去年的店", datetime(2026, 12, 14, 9, tzinfo=clock.SHANGHAI), date(2026, 12, 21), owner)
    change = ShopChange(
        shop=late.shop,
        operator_id=late.operator_id,
        part=Part.NAME,
        old={"name": "老槐树面馆"},
        new={"name": "老槐树饺子馆"},
        requested_by_id=owner.id,
        requested_at=NOW,
        due_on=date(2027, 2, 10),
    )
    db.session.add(change)
    db.session.flush()
    return Desk(
        administrator=administrator.id,
        county_administrator=accounts.make_administrator("130606").id,
        station=accounts.make_officer().id,
        owner=owner.id,
        application=late.id,
        early=early.id,
        change=change.id,
    )


@pytest.fixture
def desk(app: Flask, freeze: Callable[[datetime], datetime]) -> Desk:
    """The rows are committed; the clock stands at :data:`NOW`."""
    freeze(NOW)
    with app.app_context(), unit():
        return build()
