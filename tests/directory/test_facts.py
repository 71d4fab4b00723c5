"""What the index says of a shop is what the tables say, whatever is written and however."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.commitments import make_commitment, make_template
from tests.factories.merchants import NOW, make_account
from tests.factories.shopfront import make_vouched
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.directory import facts, narrowing, queries
from webapp.directory.rules import read_query
from webapp.directory.wanted import Wanted
from webapp.finding import indexing, merging, terms
from webapp.finding.terms import Term
from webapp.honours.models import Honour
from webapp.honours.rules import HonourKind, HonourState
from webapp.merchants.figures import count
from webapp.merchants.models import Mall, MallTenant, Shop
from webapp.ratings.models import Rating
from webapp.ratings.operations import count_in
from webapp.ratings.rules import HEARTS

each = pytest.mark.each_database

HOURS = {str(day): [["08:00", "20:00"]] for day in range(1, 8)}
NIGHT = {str(day): [["20:00", "02:00"]] for day in range(1, 8)}


def rated(shop_id: int, hearts: int) -> Rating:
    """A rating as far as it is counted."""
    return Rating(shop_id=shop_id, **dict.fromkeys(HEARTS, hearts))


def wanted(mall_id: int) -> Iterator[Wanted]:
    """Every combination of the directory's filters."""
    choices: dict[str, tuple[Any, ...]] = {
        "mall": (None, mall_id),
        "promise": ("", "answer_24h"),
        "hearts": (0, 3, 4),
        "returns": (False, True),
        "open_now": (False, True),
        "trusted": (False, True),
    }
    for values in product(*choices.values()):
        yield Wanted(read_query(""), **dict(zip(choices, values, strict=True)))


def agree(mall_id: int) -> int:
    """Both ways of asking give the same shops, for every combination; how many had any."""
    some = 0
    for one in wanted(mall_id):
        by_tables = set(db.session.scalars(sa.select(Shop.id).where(*narrowing.conditions(one))))
        assert set(queries.found(one).all()) == by_tables, one
        some += bool(by_tables)
    return some


def honour(shop_id: int, until: date | None, state: HonourState = HonourState.PUBLISHED) -> Honour:
    return Honour(
        shop_id=shop_id,
        kind=HonourKind.NO_REASON_RETURN,
        state=state,
        days=7,
        terms="七日无理由退货",
        term_until=until,
        proposed_by_id=make_account().id,
        proposed_at=NOW,
        decided_by_id=make_account().id,
        decided_at=NOW,
        published_at=NOW,
    )


@each
def test_every_filter_gives_what_the_tables_have(
    context: Flask, each_database: str, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    today = clock.day_of(NOW)
    shops = [
        make_vouched(1, f"老槐{n}店", opening_hours=(HOURS, NIGHT, {})[n % 3]).shop_id for n in range(12)
    ]
    with unit():
        mall = Mall(name="裕华商场", region_code="130606", opened_by_id=1, opened_at=NOW)
        db.session.add(mall)
        db.session.flush()
        mall_id = mall.id
        template = make_template("answer_24h")
        for n, shop_id in enumerate(shops):
            if n % 2 == 0:
                make_commitment(db.session.get_one(Shop, shop_id), template, make_account())
            if n < 6:
                db.session.add(MallTenant(shop_id=shop_id, mall_id=mall_id, since=NOW, by_id=1))
            if n % 4 < 3:
                db.session.add(honour(shop_id, (None, today, today + timedelta(days=9))[n % 4]))
        db.session.query(TrustCode).filter_by(shop_id=shops[0]).one().state = CodeState.SUSPENDED
    for n, shop_id in enumerate(shops):
        with unit():
            for hearts in ((), (5, 3), (3,), (2, 5, 5))[n % 4]:
                count_in(rated(shop_id, hearts), 1)
    assert agree(mall_id) > 50
    with unit():
        merging.merge(db.session.connection())
    assert agree(mall_id) > 50

    # Everything moves the other way, and ends with the calendar.
    with unit():
        count_in(rated(shops[1], 5), -1)
        count_in(rated(shops[3], 2), -1)
        db.session.delete(db.session.get_one(MallTenant, shops[2]))
        for honoured in db.session.query(Honour).filter(Honour.shop_id.in_(shops[8:])):
            honoured.state = HonourState.ENDED
        commitments = {row.shop_id: row for row in db.session.query(narrowing.Commitment)}
        commitments[shops[4]].withdrawn_at = NOW
        db.session.get_one(Shop, shops[5]).opening_hours = NIGHT
    agree(mall_id)
    freeze(NOW + timedelta(days=3))
    agree(mall_id)
    freeze(datetime(2026, 5, 8, 17, 30, tzinfo=UTC))
    agree(mall_id)
    with unit():
        db.session.get_one(Mall, mall_id).closed_at = NOW
    agree(mall_id)


@each
def test_a_complaints_figure_leaves_the_entry_alone(context: Flask, each_database: str) -> None:
    shop_id = make_vouched(1, "老槐树面馆").shop_id
    with unit():
        merging.merge(db.session.connection())
        count(shop_id, complaints=1)
    assert db.session.query(merging.FreshEntry).count() == 0
    with unit():
        count_in(rated(shop_id, 5), 1)
    assert [row.shop_id for row in db.session.query(merging.FreshEntry)] == [shop_id]


def test_a_token_of_hours_is_short_and_its_own() -> None:
    one, other = terms.leaves(facts.open_in(['{"1": [["08:00", "20:00"]]}', "{}"]))
    assert isinstance(one, Term)
    assert one != other
    assert len(one.token) == len(":week:") + 16


@each
def test_two_who_write_of_one_shop_at_once_are_both_in_its_entry(context: Flask, each_database: str) -> None:
    """Each entry is made of all tables: the second is not made before the first is committed."""
    if db.engine.dialect.name == "sqlite":  # one writer at a time
        return
    shop_id = make_vouched(1, "老槐树面馆").shop_id
    with unit():
        mall = Mall(name="裕华商场", region_code="130606", opened_by_id=1, opened_at=NOW)
        db.session.add(mall)
        db.session.flush()
        mall_id = mall.id
        account_id, kind = make_account().id, make_template("answer_24h").id
    tenant = sa.insert(MallTenant).values(shop_id=shop_id, mall_id=mall_id, since=NOW, by_id=account_id)
    signed = sa.insert(narrowing.Commitment).values(
        shop_id=shop_id, template_id=kind, signed_by_id=account_id, signed_name="王建国", signed_at=NOW
    )
    blocked = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")
    with db.engine.connect() as first, db.engine.connect() as second:
        first.execute(tenant)
        indexing.rewrite(first, [shop_id])
        second.execute(signed)
        pid = second.scalar(sa.text("SELECT pg_backend_pid()"))

        def write() -> None:
            with context.app_context():
                indexing.rewrite(second, [shop_id])
                second.commit()

        thread = threading.Thread(target=write)
        thread.start()
        until = time.monotonic() + 30
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            while not watching.scalar(blocked, {"pid": pid}) and time.monotonic() < until:
                pass
        first.commit()
        thread.join()
    assert shop_id in queries.found(Wanted(read_query(""), mall=mall_id)).all()
    assert shop_id in queries.found(Wanted(read_query(""), promise="answer_24h")).all()
