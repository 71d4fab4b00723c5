"""The demo city in a database: whole, consistent, the same for the same seed, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from webapp.accounts.models import Account
from webapp.accounts.queries import phone_hash
from webapp.applications.models import Application
from webapp.applications.rules import ApplicationState
from webapp.changes.models import ShopChange
from webapp.changes.queries import count_waiting
from webapp.changes.rules import ChangeState
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.demo import live, writer
from webapp.demo.people_writer import SECOND_PHONE, write_people
from webapp.merchants.models import OperatorMember, Shop, ShopFigures
from webapp.ratings.models import Rating
from webapp.stickers.keys import store
from webapp.stickers.models import Sticker
from webapp.stickers.reading import read
from webapp.web import slots

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SHOPS = 120


@pytest.fixture
def city(app_on: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[writer.Written]:
    """A small city with pictures drawn for a few waiting applications only: drawing is what takes time."""
    monkeypatch.setattr(live, "WAITING_MOST", 5)
    with app_on.app_context(), clock.use(NOW):
        store().ensure(NOW)
        with unit():
            policy.sync()
            slots.collect(app_on, "reference")
        with unit():
            people = write_people(NOW)
            written = writer.write_city(7, SHOPS, people, NOW)
            live.write_live(7, written, people, NOW, pictures=0)
        yield written


def test_a_whole_city(city: writer.Written) -> None:
    assert city.shops == SHOPS == db.session.scalar(sa.select(sa.func.count(Shop.id)))
    tokens = list(db.session.execute(sa.select(Sticker.token, Sticker.shop_id, Sticker.serial)))
    assert tokens
    assert all(
        (read(token).shop_number, read(token).serial) == (shop, serial) for token, shop, serial in tokens
    )
    states = set(db.session.scalars(sa.select(Application.state)))
    assert {ApplicationState.APPROVED, ApplicationState.STATION_REVIEW} <= states
    waiting = db.session.scalars(
        sa.select(Application).where(Application.state == ApplicationState.STATION_REVIEW)
    ).all()
    assert all(application.statement and application.checks and application.due_on for application in waiting)
    figures = db.session.execute(
        sa.select(ShopFigures.shop_id, ShopFigures.ratings, sa.func.count(Rating.id))
        .join(Rating, Rating.shop_id == ShopFigures.shop_id, isouter=True)
        .group_by(ShopFigures.shop_id, ShopFigures.ratings)
    )
    assert all(counted == there for _, counted, there in figures)
    # The next shop gets a number of its own: PostgreSQL's sequence was moved behind the given ones.
    with unit():
        last = db.session.scalar(sa.select(sa.func.max(TrustCode.id))) or 0
        shop = db.session.scalars(sa.select(Shop).where(Shop.id.not_in(sa.select(TrustCode.shop_id)))).first()
        assert shop is not None
        code = TrustCode(shop_id=shop.id, state="active", issued_at=NOW, changed_at=NOW)
        db.session.add(code)
        db.session.flush()
        assert code.id == last + 1


def test_a_second_run_changes_nothing(city: writer.Written, app_on: Flask) -> None:
    result = app_on.test_cli_runner().invoke(args=["demo", "--shops", "500"])
    assert "nothing to do" in result.output
    assert db.session.scalar(sa.select(sa.func.count(Shop.id))) == city.shops


def test_the_second_merchant_sees_a_suspension_and_a_change_waits(city: writer.Written) -> None:
    second = Account.phone_hash == phone_hash("+86" + SECOND_PHONE)
    operators = sa.select(OperatorMember.operator_id).join(Account).where(second)
    states = sa.select(TrustCode.state).join(Shop, Shop.id == TrustCode.shop_id)
    mine = set(db.session.scalars(states.where(Shop.operator_id.in_(operators))))
    assert {CodeState.SUSPENDED, CodeState.ACTIVE} <= mine
    change = db.session.scalars(sa.select(ShopChange)).one()
    assert change.state is ChangeState.WAITING
    assert change.shop.name != change.new["name"]
    zhan = db.session.scalars(sa.select(Account).where(Account.username == "zhan")).one()
    assert count_waiting(zhan.actor()) == 1
    assert city.shops
