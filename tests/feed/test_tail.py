"""Following the feed: in order, from a known beginning, and noticing another history."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.shopfront import NOW
from webapp import feed
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.feed import tail as tail_module
from webapp.feed.models import Change
from webapp.feed.tail import Tail

Told = list[tuple[int, "int | None"]]


class Undone(Exception):
    """Takes back what was begun."""


def publish(*shop_ids: int | None) -> None:
    with unit():
        for shop_id in shop_ids:
            feed.publish("test", now=NOW, shop_id=shop_id)


@pytest.fixture
def follow(app_on: Flask) -> tuple[Tail, Told]:
    with app_on.app_context():
        tail = Tail(db.engine, 0.2)
    told: Told = []
    tail.listen(lambda seq, shop_id: told.append((seq, shop_id)))
    return tail, told


def test_the_first_reading_forgets_everything_before(app_on: Flask, follow: tuple[Tail, Told]) -> None:
    tail, told = follow
    with app_on.app_context():
        publish(1, 2)
        tail.poll()
        assert told == [(2, None)]
        assert tail.seq == 2


def test_changes_are_told_once_and_in_order(app_on: Flask, follow: tuple[Tail, Told]) -> None:
    tail, told = follow
    with app_on.app_context():
        tail.poll()
        publish(5, None)
        publish(6)
        tail.poll()
        tail.poll()
    assert told == [(0, None), (1, 5), (2, None), (3, 6)]


def test_more_than_one_batch(
    app_on: Flask, follow: tuple[Tail, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "BATCH", 3)
    tail, told = follow
    with app_on.app_context():
        tail.poll()
        publish(*range(1, 12))
        tail.poll()
    assert [shop for _, shop in told[1:]] == list(range(1, 12))


def test_a_rolled_back_change_is_never_told(app_on: Flask, follow: tuple[Tail, Told]) -> None:
    tail, told = follow
    with app_on.app_context():
        tail.poll()
        with suppress(Undone), unit():
            feed.publish("test", now=NOW, shop_id=1)
            raise Undone
        publish(2)
        tail.poll()
    assert [shop for _, shop in told[1:]] == [2]


def test_a_savepoint_takes_only_its_own_changes_with_it(app_on: Flask, follow: tuple[Tail, Told]) -> None:
    tail, told = follow
    with app_on.app_context():
        tail.poll()
        with unit():
            feed.publish("test", now=NOW, shop_id=1)
            with db.session.begin_nested():
                feed.publish("test", now=NOW, shop_id=2)
            with suppress(Undone), db.session.begin_nested():
                feed.publish("test", now=NOW, shop_id=3)
                with db.session.begin_nested():
                    feed.publish("test", now=NOW, shop_id=4)
                raise Undone
            feed.publish("test", now=NOW, shop_id=5)
        tail.poll()
    assert [shop for _, shop in told[1:]] == [1, 2, 5]


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_restored_database_starts_anew(app_on: Flask, follow: tuple[Tail, Told], left: int) -> None:
    tail, told = follow
    with app_on.app_context():
        publish(1, 2, 3)
        tail.poll()
        with unit():
            db.session.execute(sa.delete(Change).where(Change.seq > left))
        told.clear()
        tail.poll()
        assert told == [(left, None)]
        assert tail.seq == left


def test_another_history_of_the_same_length_is_noticed(app_on: Flask, follow: tuple[Tail, Told]) -> None:
    tail, told = follow
    with app_on.app_context():
        publish(1, 2)
        tail.poll()
        with unit():
            db.session.execute(
                sa.update(Change).where(Change.seq == 2).values(at=NOW + timedelta(seconds=1), shop_id=9)
            )
        told.clear()
        tail.poll()
    assert told == [(2, None)]


def test_freshness_counts_from_the_beginning_of_the_last_good_reading(
    app_on: Flask, follow: tuple[Tail, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    tail, _ = follow
    at = [100.0]
    monkeypatch.setattr("webapp.feed.tail.time.monotonic", lambda: at[0])
    assert not tail.fresh()
    with app_on.app_context():
        tail.poll()
    at[0] += tail_module.FRESH_FOR - 0.01
    assert tail.fresh()
    at[0] += 0.02
    assert not tail.fresh()


def test_starting_twice_is_one_thread_and_stopping_ends_it(follow: tuple[Tail, Told]) -> None:
    tail, _ = follow
    tail.start()
    thread = tail._thread
    tail.start()
    assert tail._thread is thread
    tail.stop()
    assert thread is not None
    assert not thread.is_alive()
