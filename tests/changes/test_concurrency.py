"""Two press at the same moment: one of them is told, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from webapp.changes import operations
from webapp.changes.models import ShopChange
from webapp.changes.rules import ChangeState, Part
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.merchants.models import Shop

pytestmark = pytest.mark.each_database
NAMES = ("老槐树饺子馆", "老槐树面庄")


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[str]:
    """Run each deed in a thread and transaction of its own, started together; "done" or the error's code of each."""
    gate = threading.Barrier(len(deeds))
    results = [""] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait(timeout=30)
            try:
                with unit():
                    deed()
                results[place] = "done"
            except DomainError as error:
                results[place] = error.code

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_two_officers_decide_and_the_merchant_withdraws(app: Flask, site: Town) -> None:
    with app.app_context(), unit():
        owner = site.actor(site.merchant)
        first, second = site.actor(site.station), site.actor(site.bureau)
        change = operations.request(site.shop, Part.NAME, {"name": NAMES[0], "branch": ""}, owner, NOW)
        number, version = change.id, change.version
    results = at_once(
        app,
        lambda: operations.decide(number, "approve", first, NOW, version, "seen_on_site"),
        lambda: operations.decide(number, "refuse", second, NOW, version, "misleading"),
        lambda: operations.withdraw(number, owner, NOW),
    )
    assert results.count("done") == 1, results
    assert set(results) <= {"done", "changed_meanwhile", "change_decided"}
    with app.app_context():
        kept = db.session.get_one(ShopChange, number)
        ends = (ChangeState.APPROVED, ChangeState.REFUSED, ChangeState.WITHDRAWN)
        assert kept.state is ends[results.index("done")]
        assert (db.session.get_one(Shop, site.shop).name == NAMES[0]) is (kept.state is ChangeState.APPROVED)


def test_two_requests_for_one_part_are_one(app: Flask, site: Town) -> None:
    with app.app_context():
        owner = site.actor(site.merchant)
    results = at_once(
        app,
        *(
            lambda name=name: operations.request(
                site.shop, Part.NAME, {"name": name, "branch": ""}, owner, NOW
            )
            for name in NAMES
        ),
    )
    assert sorted(results) == ["change_waits", "done"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(ShopChange.id))) == 1
