"""The index in the database: written with the shop, asked within the filters, never kinder than the trust code."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pyroaring import BitMap

from tests.factories.merchants import make_shop
from tests.factories.shopfront import make_vouched
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.finding import indexing, lists, merging, queries
from webapp.finding.models import FreshEntry, ShopEntry
from webapp.merchants.models import Shop

pytestmark = pytest.mark.each_database


def found(typed: str, **more: Any) -> list[str]:
    ids = queries.find(typed, **more).ids(50)
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
    assert queries.find("老槐").ids(2) == [begins.shop_id, inside.shop_id]
    assert queries.find("老槐").ids(2, 1) == [inside.shop_id, street.shop_id]
    assert queries.find("老槐").ids(2, 3) == []
    assert (len(queries.find("老槐")), queries.find("老槐").near) == (3, False)
    meant = queries.find("老淮树")
    assert (meant.ids(9), meant.near) == ([begins.shop_id], True)
    assert queries.find("火锅城") == queries.Found()
    assert found("") == ["新柳饭庄", "老槐树面馆", "张记老槐面"]
    assert found("%") == []
    assert set(queries.matching("老槐")) == {begins.shop_id, inside.shop_id, street.shop_id}
    assert not queries.matching("老淮树")
    assert not queries.matching("%")
    make_vouched(1, "老淮饭庄", category="stay")
    assert queries.find("老淮", category="stay").ids(9) != []
    # It is written somewhere, only not here: nothing merely similar is offered in its place.
    assert queries.find("老淮", category="eat") == queries.Found()


def test_the_index_is_completed_after_an_upgrade(context: Flask, each_database: str) -> None:
    make_vouched(1, "老槐树面馆")
    with unit():
        indexing.clear()
    assert found("老槐") == []
    with unit():
        indexing.complete()
        indexing.complete()
    assert found("老槐") == ["老槐树面馆"]
    assert db.session.query(ShopEntry).count() == 1


# --- fresh and listed -------------------------------------------------------------------------------------------------


def merge(most: int | None = None) -> int:
    with unit():
        return merging.merge(db.session.connection(), most)


def test_a_listed_shop_that_changes_is_found_by_what_it_is_now(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    other = make_vouched(1, "老槐书店")
    assert merge() == 2
    assert merge() == 0
    assert found("老槐") == ["老槐书店", "老槐树面馆"]
    with unit():
        db.session.get_one(Shop, vouched.shop_id).name = "新柳饭庄"
    assert found("老槐") == ["老槐书店"]
    assert found("新柳") == ["新柳饭庄"]
    assert merge() == 1
    assert found("老槐") == ["老槐书店"]
    assert found("新柳") == ["新柳饭庄"]
    assert lists.read(db.session.connection(), ["n槐树", "n老槐"]) == {"n老槐": BitMap([other.shop_id])}


def test_what_is_written_as_it_stands_is_not_fresh(context: Flask, each_database: str) -> None:
    vouched = make_vouched(1, "老槐树面馆")
    merge()
    with unit():
        indexing.rewrite(db.session.connection(), [vouched.shop_id])
    assert db.session.query(FreshEntry).count() == 0


def test_the_lists_are_written_when_enough_is_fresh(
    context: Flask, each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "ENOUGH", 2)
    make_vouched(1, "老槐树面馆")
    with unit():
        assert merging.work(clock.now()) == 0
    make_vouched(1, "新柳饭庄")
    with unit():
        assert merging.work(clock.now()) == 2
    assert db.session.query(FreshEntry).count() == 0
    assert found("老槐") == ["老槐树面馆"]


def test_an_entry_written_while_the_lists_are_stays_fresh(context: Flask, each_database: str) -> None:
    """The lists are written from what was read; a newer version of the entry is not thrown away with the older."""
    vouched = make_vouched(1, "老槐树面馆")
    with unit():
        connection = db.session.connection()
        [(tokens, version)] = db.session.query(FreshEntry.tokens, FreshEntry.version)
        merging.put_fresh(connection, {vouched.shop_id: tokens.replace("n老槐", "n新柳")})
        assert db.session.query(FreshEntry.version).scalar() == version + 1
        merging.drop_taken(connection, [(vouched.shop_id, version)])
    assert found("新柳") == ["老槐树面馆"]


def test_nobody_waits_for_the_lists_but_who_writes_them(context: Flask, each_database: str) -> None:
    """A shop is written while another transaction holds the lists (SQLite: one writer at a time anyway)."""
    if db.engine.dialect.name == "sqlite":
        return
    vouched, other = make_vouched(1, "老槐树面馆"), make_vouched(1, "新柳饭庄")
    merge()
    with unit():
        db.session.get_one(Shop, other.shop_id).name = "新柳书店"
    with db.engine.connect() as writer:
        merging.merge(writer)  # not committed
        with unit():
            db.session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
            db.session.get_one(Shop, vouched.shop_id).name = "老槐书店"
        assert found("书店") == ["新柳书店", "老槐书店"]
        writer.commit()
    assert found("书店") == ["新柳书店", "老槐书店"]
