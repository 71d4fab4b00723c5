"""The watch that holds every deed of a request to the audit trail (tests/support/audited.py) sees what it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.merchants import make_operator, make_shop
from tests.support import audited
from webapp import audit
from webapp.complaints.models import AnswerTemplate
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import Base, db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop
from webapp.web import access


def _silently(shop_id: int) -> None:
    db.session.get_one(Shop, shop_id).phone = "03125901234"


def _by_statement(shop_id: int) -> None:
    db.session.execute(sa.update(Shop).where(Shop.id == shop_id).values(phone="03125901234"))


def _through_a_savepoint(shop_id: int) -> None:
    with db.session.begin_nested():
        _silently(shop_id)


def _recorded_too_late(shop_id: int) -> None:
    with unit():
        _silently(shop_id)
    audit.record(SYSTEM, "shop.edit", "shop", shop_id, now=clock.now())


def _recorded(shop_id: int) -> None:
    audit.record(SYSTEM, "shop.edit", "shop", shop_id, now=clock.now())
    _through_a_savepoint(shop_id)


def _nothing(_shop_id: int) -> None:
    pass


WAYS = {
    "silently": (_silently, True),
    "by statement": (_by_statement, True),
    "through a savepoint": (_through_a_savepoint, True),
    "recorded too late": (_recorded_too_late, True),
    "recorded": (_recorded, False),
    "nothing": (_nothing, False),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_deed_without_a_record_breaks_the_test_that_does_it(app: Flask, way: str) -> None:
    deed, breaks = WAYS[way]

    def do(shop_id: int) -> str:
        deed(shop_id)
        return "done"

    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/do/<int:shop_id>", "do", access.public(do), methods=["POST"])
    with app.app_context():
        shop_id = make_shop(make_operator()).id
        db.session.commit()
    client = app.test_client()
    if not breaks:
        assert client.post(f"/do/{shop_id}").text == "done"
        return
    with pytest.raises(AssertionError, match="POST do changes shop and records nothing"):
        client.post(f"/do/{shop_id}")


def test_excuses_are_for_tables_that_there_are_and_say_why(app: Flask) -> None:
    assert set(audited.EXCUSED) <= set(Base.metadata.tables)
    assert all(len(reason) > 15 for reason in audited.EXCUSED.values())
    assert AnswerTemplate.__tablename__ not in audited.EXCUSED


def test_every_suite_is_watched() -> None:
    conftest = Path(__file__).parents[1].joinpath("conftest.py").read_text(encoding="utf-8")
    assert re.search(r"^    audited\.watch\(\)$", conftest, re.MULTILINE)


@pytest.mark.parametrize(
    ("written", "told", "missing"),
    [
        ({"complaint", "clock", "complaint_message"}, {"complaint"}, set()),
        ({"complaint", "account"}, {"complaint"}, {"account"}),
        ({"shop"}, {"complaint"}, {"shop"}),
        ({"shop_change"}, {"change"}, set()),
        ({"audit_event", "log_leaf"}, {"shop"}, set()),
    ],
)
def test_a_record_of_one_thing_does_not_excuse_another(
    written: set[str], told: set[str], missing: set[str]
) -> None:
    assert audited.untold(written, told) == missing


def test_a_statement_that_meets_nothing_is_no_deed(app: Flask) -> None:
    def do() -> str:
        db.session.execute(sa.update(Shop).where(Shop.id == -1).values(phone="03125901234"))
        db.session.execute(sa.delete(AnswerTemplate).where(AnswerTemplate.id == -1))
        return "done"

    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/do", "do", access.public(do), methods=["POST"])
    assert app.test_client().post("/do").text == "done"


def test_blueprints_that_are_held_to_it_table_by_table_are_there(app: Flask) -> None:
    assert set(app.blueprints) >= audited.BY_TABLE
    assert set().union(*audited.ALSO.values()) <= set(Base.metadata.tables)
