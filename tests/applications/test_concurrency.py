"""Two officers press at the same moment: exactly one decision is taken, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from tests.applications.conftest import NOW, Bureau
from webapp.applications import operations
from webapp.applications.models import Application, ApplicationDecision
from webapp.applications.rules import ApplicationState as S
from webapp.codes.models import TrustCode
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit

pytestmark = pytest.mark.each_database


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


def deciding(application_id: int, version: int, action: str, actor: Actor, code: str, **more: object):
    def deed() -> None:
        operations.decide(application_id, action, actor, NOW, version, code, "写明理由", **more)

    return deed


def test_two_approve_at_once(app: Flask, town: Bureau) -> None:
    application = town.passed_on()
    number, version = application.id, application.version
    actors = [town.bureau.actor(), town.bureau2.actor()]
    db.session.commit()
    results = at_once(
        app, *(deciding(number, version, "approve", actor, "requirements_met") for actor in actors)
    )
    assert sorted(results) == ["changed_meanwhile", "done"]
    assert db.session.query(TrustCode).count() == 1
    assert db.session.query(ApplicationDecision).filter_by(action="approve").count() == 1


def test_one_approves_while_another_rejects_and_the_merchant_withdraws(app: Flask, town: Bureau) -> None:
    application = town.passed_on()
    number, version = application.id, application.version
    approver, rejecter, merchant = town.bureau.actor(), town.bureau2.actor(), town.merchant
    db.session.commit()
    results = at_once(
        app,
        deciding(number, version, "approve", approver, "requirements_met"),
        deciding(number, version, "reject", rejecter, "false_material"),
        lambda: operations.withdraw(number, merchant, NOW),
    )
    assert results.count("done") == 1, results
    assert set(results) <= {"done", "changed_meanwhile", "step_refused"}
    kept = db.session.get(Application, number, populate_existing=True)
    assert kept is not None
    assert kept.state is (S.APPROVED, S.REJECTED, S.WITHDRAWN)[results.index("done")]
    assert db.session.query(TrustCode).count() == (kept.state is S.APPROVED)


def test_two_batches_that_overlap_do_not_wait_for_each_other(app: Flask, town: Bureau) -> None:
    from tests.factories import applications as make

    chosen = []
    first = town.passed_on()
    chosen.append((first.id, first.version))
    for name in ("二店", "三店", "四店"):
        shop = make.make_member_shop(town.shop.operator, town.owner, name=name)
        one = operations.submit(operations.start(shop.id, town.merchant, NOW).id, town.merchant, NOW)
        operations.decide(one.id, "pass_on", town.station.actor(), NOW, one.version, "documents_match")
        chosen.append((one.id, one.version))
    actors = [town.bureau.actor(), town.bureau2.actor()]
    db.session.commit()
    told: list[list[operations.BulkResult]] = []

    def batch(pairs: list[tuple[int, int]], actor: Actor):
        return lambda: told.append(operations.bulk_approve(pairs, actor, NOW, "requirements_met"))

    assert at_once(app, batch(chosen, actors[0]), batch(chosen[::-1], actors[1])) == ["done", "done"]
    errors = [result.error.code if result.error else "done" for results in told for result in results]
    assert sorted(errors) == ["changed_meanwhile"] * 4 + ["done"] * 4
    assert db.session.query(TrustCode).count() == 4


def test_two_start_at_once(app: Flask, town: Bureau) -> None:
    shop, merchant = town.shop.id, town.merchant
    db.session.commit()
    results = at_once(app, *(lambda: operations.start(shop, merchant, NOW) for _ in range(2)))
    assert results == ["done", "done"]
    assert db.session.query(Application).count() == 1
