"""What is written behind the answers: counts that add up, renderings that never outlive a change."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.factories.shopfront import NOW
from webapp import feed
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.feed import stored
from webapp.feed.background import MAX_WAITING, Background
from webapp.feed.models import StoredPage
from webapp.feed.stored import Rendering, current_page
from webapp.scans import tally
from webapp.scans.models import ScanCount
from webapp.web.frontcache import FrontCache

LATER = NOW + timedelta(days=3)


@pytest.fixture
def background(app_on: Flask) -> Iterator[Background]:
    with app_on.app_context(), clock.use(NOW):
        yield Background(db.engine, FrontCache(app_on.wsgi_app, lambda: True, 9))


def publish(shop_id: int | None = 7) -> None:
    with unit():
        feed.publish("test", now=NOW, shop_id=shop_id)


def rendering(seq: int, body: bytes = b"page", **more: object) -> Rendering:
    facts = {"shop_id": 7, "variant": "v", "seq": seq, "expires_at": LATER, "etag": "e", "body": body}
    return Rendering(**(facts | more))  # type: ignore[arg-type]


def find(
    shop_id: int = 7, variant: str = "v", now: datetime = NOW
) -> sa.Row[tuple[bytes, str, object, int]] | None:
    with db.engine.connect() as connection:
        row = connection.execute(current_page(), {"shop_id": shop_id, "variant": variant}).one_or_none()
    return row if row is not None and row.expires_at > now else None


def keep(background: Background, *pages: Rendering) -> None:
    for page in pages:
        background.store(page)
    background.flush()


def test_a_page_is_found_until_its_shop_changes(background: Background) -> None:
    publish()
    keep(background, rendering(1))
    row = find()
    assert row is not None
    assert (bytes(row.body), row.etag, row.head) == (b"page", "e", 1)
    publish(8)
    row = find()
    assert row is not None
    assert row.head == 2, "known to be current up to the change of the other shop"
    publish(7)
    assert find() is None


def test_a_change_of_everything_counts(background: Background) -> None:
    keep(background, rendering(0))
    assert find() is not None
    publish(None)
    assert find() is None


def test_pages_expire(background: Background) -> None:
    keep(background, rendering(0))
    assert find(now=LATER - timedelta(seconds=1)) is not None
    assert find(now=LATER) is None


def test_an_older_rendering_does_not_replace_a_newer_one(background: Background) -> None:
    publish()
    publish()
    keep(background, rendering(2, b"new"))
    keep(background, rendering(1, b"old"))
    row = find()
    assert row is not None
    assert bytes(row.body) == b"new"


def test_a_rendering_of_another_history_is_not_written(background: Background) -> None:
    keep(background, rendering(5))
    assert find() is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredPage)) == 0


def test_old_variants_of_the_shop_go_with_the_next_writing(background: Background) -> None:
    keep(background, rendering(0, variant="old build"), rendering(0, shop_id=8))
    with clock.use(LATER):
        keep(background, rendering(0, variant="new build", expires_at=LATER + timedelta(days=1)))
    rows = db.session.execute(sa.select(StoredPage.shop_id, StoredPage.variant)).tuples().all()
    assert sorted(rows) == [(7, "new build"), (8, "v")]


def test_waiting_renderings_are_forgotten_when_their_shop_changes(background: Background) -> None:
    background.store(rendering(0))
    background.store(rendering(0, shop_id=8))
    background.changed(1, 7)
    background.flush()
    assert find() is None
    assert find(8) is not None
    background.store(rendering(0, shop_id=9))
    background.changed(2, None)
    background.flush()
    assert find(9) is None


def test_only_so_many_wait(background: Background) -> None:
    for number in range(MAX_WAITING + 10):
        background.store(rendering(0, shop_id=number + 1))
    assert len(background._waiting) == MAX_WAITING


def showed(background: Background, times: int, serial: int = 1) -> None:
    background._cache._shown.extend([(7, serial)] * times)


def counts() -> list[tuple[str, int, int]]:
    statement = sa.select(ScanCount.day, ScanCount.hour, ScanCount.count)
    with db.engine.connect() as connection:  # gone again, so that the writer need not wait for us
        return list(connection.execute(statement.order_by(ScanCount.day, ScanCount.hour)).tuples())


def test_counts_that_cannot_be_written_wait_and_keep_their_hour(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise OperationalError("insert", {}, Exception("locked"))

    showed(background, 4)
    monkeypatch.setattr(tally, "write_batch", broken)
    background.flush()
    with clock.use(NOW + timedelta(hours=1)):
        showed(background, 2)
        background.flush()
        monkeypatch.undo()
        assert counts() == []
        background.flush()
    assert counts() == [("2026-05-06", 12, 4), ("2026-05-06", 13, 2)]


def test_a_commit_that_went_through_unnoticed_counts_once(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has committed, and the connection breaks before it can say so."""
    commit = sa.engine.Transaction.commit

    def commit_and_break(transaction: sa.engine.Transaction) -> None:
        commit(transaction)
        raise OperationalError("commit", {}, Exception("connection lost"))

    showed(background, 4)
    monkeypatch.setattr(sa.engine.Transaction, "commit", commit_and_break)
    background.flush()
    monkeypatch.undo()
    assert counts() == [("2026-05-06", 12, 4)]
    showed(background, 1)
    background.flush()
    background.flush()
    assert counts() == [("2026-05-06", 12, 5)]


def test_a_fault_of_any_kind_loses_no_count(
    background: Background, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    showed(background, 4)

    def broken(*_arguments: object) -> None:
        raise RuntimeError("not the database")

    monkeypatch.setattr(stored, "write_pages", broken)
    background.flush()
    monkeypatch.undo()
    background.flush()
    assert counts() == [("2026-05-06", 12, 4)]
    assert "scan counts wait" in caplog.text


def test_stopping_writes_what_is_left(background: Background) -> None:
    background.start()
    background.store(rendering(0))
    showed(background, 1)
    background.stop()
    assert find() is not None
    assert counts() == [("2026-05-06", 12, 1)]


def test_a_statement_given_straight_to_the_driver(background: Background) -> None:
    publish()
    keep(background, rendering(1, b"\x00page"))
    statement = stored.OneStatement(stored.Readers(db.engine), current_page())
    row = statement.first(shop_id=7, variant="v")
    assert row is not None
    body, etag, expires_at, head = row
    assert (bytes(body), etag, head) == (b"\x00page", "e", 1)
    assert stored.instant(expires_at) == LATER
    assert statement.first(shop_id=8, variant="v") is None
    publish()
    assert statement.first(shop_id=7, variant="v") is None, "it sees what was committed meanwhile"


def test_a_broken_connection_is_replaced_and_all_end_with_the_engine(background: Background) -> None:
    keep(background, rendering(0))
    readers = stored.Readers(db.engine)
    statement = stored.OneStatement(readers, current_page())
    assert statement.first(shop_id=7, variant="v") is not None
    (broken,) = readers._idle
    broken[0].driver_connection.close()
    with pytest.raises(readers.errors):
        statement.first(shop_id=7, variant="v")
    assert statement.first(shop_id=7, variant="v") is not None
    (good,) = readers._idle
    assert good is not broken
    db.engine.dispose()
    assert readers._idle == []


def test_threads_at_once_read_by_connections_of_their_own(background: Background) -> None:
    keep(background, rendering(0))
    readers = stored.Readers(db.engine)
    statement = stored.OneStatement(readers, current_page())
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: statement.first(shop_id=7, variant="v"), range(200)))
    assert None not in found
    assert 1 <= len(readers._idle) <= 4
