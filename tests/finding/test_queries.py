"""The index in the database: written with the shop, asked within the filters, never kinder than the trust code."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.merchants import make_shop
from tests.factories.shopfront import make_vouched
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.finding import indexing, queries
from webapp.merchants.models import Shop

pytestmark = pytest.mark.each_database


def found(typed: str, **more: object) -> list[str]:
    ids = queries.find(typed, **more).ids  # type: ignore[arg-type]
    return [db.session.get_one(Shop, shop_id).name for shop_id in ids]


def test_the_entry_follows_the_shop(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    assert found("老槐") == found("lhs") == found("面店") == ["老槐树面馆"]
    with unit():
        db.session.get_one(Shop, vouched.shop_id).name = "新柳饭庄"
    assert found("老槐") == []
    assert found("新柳") == ["新柳饭庄"]


def test_what_is_undone_is_not_indexed(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    with unit():
        db.session.get_one(Shop, vouched.shop_id).name = "新柳饭庄"
        db.session.flush()
        assert found("新柳") == ["新柳饭庄"]
        db.session.rollback()
    assert found("老槐") == ["老槐树面馆"]
    assert found("新柳") == []


def test_only_what_may_be_seen(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    with unit():
        make_shop(name="老槐树未申报店")
    assert found("老槐") == ["老槐树面馆"]
    assert found("老槐", trusted=True) == ["老槐树面馆"]
    with unit():
        db.session.query(TrustCode).filter_by(shop_id=vouched.shop_id).one().state = CodeState.SUSPENDED
    assert found("老槐") == ["老槐树面馆"]
    assert found("老槐", trusted=True) == []


def test_a_revoked_shop_is_found_by_what_the_public_knows(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    with unit():
        code = db.session.query(TrustCode).filter_by(shop_id=vouched.shop_id).one()
        code.state, code.revoked_at, code.revoked_ground = CodeState.REVOKED, clock.now(), "shop_closed"
        from webapp.merchants import operations

        operations.keep_shown(vouched.shop_id)
    with unit():
        db.session.get_one(Shop, vouched.shop_id).name = "新柳饭庄"
    assert found("老槐") == ["新柳饭庄"]  # its present name; the list shows the one that was approved
    assert found("新柳") == []
    with unit():
        codes.issue(vouched.shop_id, SYSTEM, clock.now())
    assert found("新柳") == ["新柳饭庄"]
    assert found("老槐") == []


def test_order_filters_and_the_number(context: Flask, each_database: str) -> None:
    inside = make_vouched(1, "张记老槐面")
    begins = make_vouched(1, "老槐树面馆")
    street = make_vouched(1, "新柳饭庄", address="老槐街3号")
    assert found("老槐") == ["老槐树面馆", "张记老槐面", "新柳饭庄"]
    assert found("老槐", number=street.shop_id) == ["新柳饭庄", "老槐树面馆", "张记老槐面"]
    assert found("老槐", district="139999") == []
    assert found("老槐", category="stay") == []
    assert queries.find("老槐", most=2) == queries.Found([begins.shop_id, inside.shop_id], more=True)
    assert queries.find("老淮树") == queries.Found([begins.shop_id], near=True)
    assert queries.find("火锅城") == queries.Found([])


def test_the_index_is_completed_after_an_upgrade(context: Flask, each_database: str) -> None:
    make_vouched(1, "老槐树面馆")
    with unit():
        indexing.clear()
    assert found("老槐") == []
    with unit():
        indexing.complete()
        indexing.complete()
    assert found("老槐") == ["老槐树面馆"]
    assert db.session.scalar(sa.text("SELECT count(*) FROM shop_fts")) == 1
