"""A small bureau: one shop, its merchant, officers of both levels, and a register that can be told what to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from flask import Flask

from tests.factories import applications as make
from webapp.accounts.models import Account
from webapp.applications import operations, views_office
from webapp.applications.models import Application
from webapp.core import policy
from webapp.core.actor import Actor, Role
from webapp.core.checks import Check
from webapp.core.db import db, may_write
from webapp.merchants import lookup
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import Shop
from webapp.stickers.keys import store

NOW = make.NOW


@dataclass
class Register:
    """What the register says, by credit code."""

    facts: dict[str, RegistryFacts] = field(default_factory=dict)

    def say(self, uscc: str, **changes: object) -> None:
        """Change what it says of an operator."""
        self.facts[uscc] = replace(self.facts[uscc], **changes)


@dataclass
class Bureau:
    """The people and the shop. Actors are built afresh from the accounts."""

    owner: Account
    station: Account
    station2: Account
    bureau: Account
    bureau2: Account
    department: Account
    elsewhere: Account
    shop: Shop
    register: Register
    extra_checks: list[Check]

    @property
    def merchant(self) -> Actor:
        """The shop's owner."""
        return make.merchant_of(self.shop, self.owner)

    def submitted(self, now: datetime = NOW) -> Application:
        """A fresh application, handed in."""
        application = operations.start(self.shop.id, self.merchant, now)
        return operations.submit(application.id, self.merchant, now)

    def passed_on(self, now: datetime = NOW) -> Application:
        """One that the station has passed on to the bureau."""
        application = self.submitted(now)
        return operations.decide(
            application.id, "pass_on", self.station.actor(), now, application.version, "documents_match"
        )


@pytest.fixture
def slots_of_others(app: Flask) -> Iterator[list[Check]]:
    """Other features' checks and sections are replaced by a list that the test fills."""
    slots = app.extensions.setdefault("ydym.slots", {})
    extra: list[Check] = []
    slots["application.checks"] = [(1, lambda shop: list(extra))]  # noqa: ARG005
    for name in ("application.statement", "application.review"):
        slots[name] = []
    slots["office.menu"] = [pair for pair in slots["office.menu"] if pair[1] is views_office.menu]
    return extra


def build(app: Flask, monkeypatch: pytest.MonkeyPatch, extra: list[Check]) -> Bureau:
    """Make the rows in the pushed context."""
    policy.sync()
    store(app).ensure(NOW)
    operator, owner = make.make_operator(), make.make_merchant()
    shop = make.make_member_shop(operator, owner)
    register = Register({operator.uscc: make.facts_of(operator)})
    monkeypatch.setattr(lookup, "_provider", register.facts.get)
    station = {"role": Role.STATION_OFFICER, "station_id": shop.station_id}
    return Bureau(
        owner=owner,
        station=make.make_officer(**station, name="所里小李"),
        station2=make.make_officer(**station, name="所里小张"),
        bureau=make.make_officer(Role.BUREAU_OFFICER, name="局里老陈"),
        bureau2=make.make_officer(Role.BUREAU_OFFICER, name="局里老周"),
        department=make.make_officer(
            Role.DEPARTMENT_OFFICER, department="market_supervision", name="部门小赵"
        ),
        elsewhere=make.make_officer(Role.BUREAU_OFFICER, region="130602", name="外区老吴"),
        shop=shop,
        register=register,
        extra_checks=extra,
    )


@pytest.fixture
def bureau(context: Flask, slots_of_others: list[Check], monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """For tests of operations and queries: the context stays pushed, nothing is committed."""
    return build(context, monkeypatch, slots_of_others)


@pytest.fixture
def town(app: Flask, slots_of_others: list[Check], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bureau]:
    """For tests of views: the rows are committed; use the accounts' ids."""
    token = may_write.set(True)
    with app.app_context():
        made = build(app, monkeypatch, slots_of_others)
        db.session.commit()
        yield made
    may_write.reset(token)
