"""The demo city in a database: whole, consistent, the same for the same seed, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import KINDS, close
from tests.support import databases, once
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


@pytest.fixture(scope="module", params=KINDS)
def built(
    request: pytest.FixtureRequest,
    _copies: Callable[[str], databases.SqliteCopies],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Flask, writer.Written]]:
    """A small city for the whole module, with pictures drawn for a few waiting applications only, and those once."""
    folder = tmp_path_factory.mktemp("city")
    with (
        _copies(request.param).fresh(folder) as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        app = once.application(databases.settings_for(folder / "data", url))
        patch.setattr(live, "WAITING_MOST", 5)
        patch.setattr(live, "_draw_all", drawn_once)
        with app.app_context(), clock.use(NOW):
            store().ensure(NOW)
            with unit():
                policy.sync()
                slots.collect(app, "reference")
            with unit():
                people = write_people(NOW)
                written = writer.write_city(7, SHOPS, people, NOW)
                live.write_live(7, written, people, NOW, pictures=0)
        yield app, written
        close(app)


@cache
def _drawn(jobs: tuple[live.Job, ...]) -> dict[live.Job, bytes]:
    return _draw_all(list(jobs), lambda _done, _all: None)


_draw_all = live._draw_all


def drawn_once(jobs: list[live.Job], _progress: object) -> dict[live.Job, bytes]:
    """The same pictures for the city on either database: drawing is what takes time."""
    return _drawn(tuple(jobs))


@pytest.fixture
def app_of_city(built: tuple[Flask, writer.Written]) -> Iterator[Flask]:
    """The city's application with its context pushed; what a test writes is undone."""
    app = built[0]
    with app.app_context(), clock.use(NOW):
        yield app
        db.session.rollback()


@pytest.fixture
def city(built: tuple[Flask, writer.Written], app_of_city: Flask) -> writer.Written:
    """What was written."""
    return built[1]


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
        .join(
            Rating,
            sa.and_(Rating.shop_id == ShopFigures.shop_id, Rating.removed_at.is_(None)),
            isouter=True,
        )
        .group_by(ShopFigures.shop_id, ShopFigures.ratings)
    )
    assert all(counted == there for _, counted, there in figures)
    # The next shop gets a number of its own: PostgreSQL's sequence was moved behind the given ones.
    last = db.session.scalar(sa.select(sa.func.max(TrustCode.id))) or 0
    shop = db.session.scalars(sa.select(Shop).where(Shop.id.not_in(sa.select(TrustCode.shop_id)))).first()
    assert shop is not None
    code = TrustCode(shop_id=shop.id, state="active", issued_at=NOW, changed_at=NOW)
    db.session.add(code)
    db.session.flush()
    assert code.id == last + 1


def test_a_second_run_changes_nothing(city: writer.Written, app_of_city: Flask) -> None:
    result = app_of_city.test_cli_runner().invoke(args=["demo", "--shops", "500"])
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
