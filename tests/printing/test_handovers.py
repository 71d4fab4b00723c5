"""Handing files over by counted links: on each database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.printing.conftest import Order
from webapp.audit.models import AuditEvent
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.transaction import unit
from webapp.printing import handovers, limits, queries, runner
from webapp.printing.models import Handover, HandoverDownload, PrintJob, PrintState
from webapp.printing.rules import Wanted

pytestmark = pytest.mark.each_database
S = PrintState


@pytest.fixture
def made(here: Town, papers: list[str], order: Order) -> PrintJob:
    job = order(here, here.bureau)
    runner.run_all()
    return queries.get_job(job.id, fresh=True)


def test_a_link_is_kept_as_a_hash(here: Town, made: PrintJob) -> None:
    link, secret = handovers.hand_over(made.id, "  城东 图文 ", 2, 7, here.actor(here.bureau), NOW)
    assert (link.recipient, link.downloads_most, link.expires_at) == ("城东 图文", 2, NOW + timedelta(days=7))
    assert secret not in str(vars(link))
    assert len(secret) >= 32
    assert handovers.find_link(secret).id == link.id
    for wrong in ("", secret[:-1], secret.upper(), "密", "a" * 200):
        with pytest.raises(NotFound):
            handovers.find_link(wrong)
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="print.hand_over")).one()
    assert secret not in str(event.new)
    assert "城东" not in str(event.new)


def test_links_that_cannot_be(here: Town, made: PrintJob, order: Order) -> None:
    actor = here.actor(here.bureau)
    for name, count, days, field in (
        ("", 1, 7, "recipient"),
        ("长" * 61, 1, 7, "recipient"),
        ("x", 0, 7, "downloads"),
        ("x", 21, 7, "downloads"),
        ("x", 1, 2, "days"),
    ):
        with pytest.raises(Invalid) as caught:
            handovers.hand_over(made.id, name, count, days, actor, NOW)
        assert caught.value.field == field
    with pytest.raises(Forbidden):
        handovers.hand_over(made.id, "x", 1, 7, here.actor(here.elsewhere), NOW)
    waiting = order(here, here.bureau, Wanted(only_new=False))
    with pytest.raises(Conflict):
        handovers.hand_over(waiting.id, "x", 1, 7, actor, NOW)


def test_only_open_links_count_towards_the_most(
    here: Town, made: PrintJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "links_most", lambda _now: 2)
    actor = here.actor(here.bureau)
    links = [handovers.hand_over(made.id, "x", 1, days, actor, NOW)[0] for days in (1, 7)]
    with pytest.raises(Conflict, match="print_links_most"):
        handovers.hand_over(made.id, "x", 1, 7, actor, NOW)
    handovers.revoke(made.id, links[1].id, actor, NOW)
    handovers.hand_over(made.id, "x", 1, 7, actor, NOW)
    handovers.hand_over(made.id, "x", 1, 7, actor, NOW + timedelta(days=1))  # the first has expired


def test_downloads_are_counted(here: Town, made: PrintJob) -> None:
    link, _ = handovers.hand_over(made.id, "x", 2, 1, here.actor(here.bureau), NOW)
    assert handovers.take(link, NOW)
    assert handovers.take(link, NOW + timedelta(hours=1))
    assert not handovers.take(link, NOW + timedelta(hours=2))
    assert queries.downloads(made.id) == {link.id: [(NOW, False), (NOW + timedelta(hours=1), False)]}
    late, _ = handovers.hand_over(made.id, "x", 2, 1, here.actor(here.bureau), NOW)
    assert not handovers.take(late, NOW + timedelta(days=1))
    handovers.revoke(made.id, late.id, here.actor(here.bureau), NOW)
    assert not handovers.take(late, NOW)
    with pytest.raises(NotFound):
        handovers.revoke(made.id + 1, late.id, SYSTEM, NOW)


def test_what_broke_off_is_given_back_once(here: Town, made: PrintJob) -> None:
    link, _ = handovers.hand_over(made.id, "x", 1, 7, here.actor(here.bureau), NOW)
    taken = handovers.take(link, NOW)
    assert taken is not None
    assert handovers.take(link, NOW) is None
    assert handovers.give_back(taken.id, NOW)
    assert not handovers.give_back(taken.id, NOW), "closed twice is one download"
    again = handovers.take(link, NOW + timedelta(minutes=1))
    assert again is not None
    assert handovers.take(link, NOW) is None
    assert queries.downloads(made.id) == {link.id: [(NOW, True), (NOW + timedelta(minutes=1), False)]}
    assert not handovers.give_back(999_999, NOW)


def test_of_two_at_once_one_gets_the_last_download(
    app: Flask, town: Town, papers: list[str], order: Order
) -> None:
    with app.app_context():
        job_id = order(town, town.bureau).id
        runner.run_all()
        link, _ = handovers.hand_over(job_id, "x", 1, 7, town.actor(town.bureau), NOW)
        link_id = link.id
        db.session.commit()
    barrier, got = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            barrier.wait(timeout=20)
            with unit():
                got.append(handovers.take(db.session.get_one(Handover, link_id), NOW) is not None)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(got) == [False, True]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(HandoverDownload.id))) == 1
