"""Operators as the register has them, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.feed.models import Change
from webapp.merchants import records
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import OperatorKind

pytestmark = pytest.mark.each_database

FACTS = RegistryFacts(
    uscc="91371500726715726X",
    name="裕华面馆有限公司",
    kind="enterprise",
    legal_representative="李敏",
    registered_address="裕华路1号",
    authority="莲池区市场监督管理局",
    established_on=date(2020, 1, 2),
    status="active",
    abnormal=False,
    serious_violation=False,
    as_of=date(2026, 5, 1),
)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def test_an_operator_is_made_from_its_record_once(context: Flask) -> None:
    first = records.create_operator_from_record(FACTS, NOW)
    again = records.create_operator_from_record(replace(FACTS, name="新名面馆有限公司"), NOW)
    assert first is again
    assert first.name == "新名面馆有限公司"
    assert first.kind is OperatorKind.ENTERPRISE
    assert actions() == ["operator.create", "operator.refresh"]


def test_an_unknown_kind_is_kept_as_other(context: Flask) -> None:
    assert (
        records.create_operator_from_record(replace(FACTS, kind="state_farm"), NOW).kind is OperatorKind.OTHER
    )


def test_a_refresh_tells_every_shop_page_and_keeps_the_old_value(context: Flask) -> None:
    operator = records.create_operator_from_record(FACTS, NOW)
    shops = [merchants.make_shop(operator), merchants.make_shop(operator, "二店")]
    changed = records.refresh_from_record(
        operator, replace(FACTS, established_on=date(2021, 1, 1)), SYSTEM, NOW
    )
    db.session.commit()
    assert changed == {"established_on": "2021-01-01"}
    assert set(db.session.scalars(sa.select(Change.shop_id))) == {shop.id for shop in shops}
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "operator.refresh")).one()
    assert event.old == {"established_on": "2020-01-02"}
    assert (
        records.refresh_from_record(operator, replace(FACTS, established_on=date(2021, 1, 1)), SYSTEM, NOW)
        == {}
    )
