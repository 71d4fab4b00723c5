"""Two at the same moment, on both databases: one task, one record, one winner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.codes import Town
from tests.factories.copies import fix_beside, make_alarm, phone, report
from tests.factories.merchants import NOW
from webapp.copies import devices, gathering, operations
from webapp.copies.models import CopyAlarm, CopyEvidence, CopySalt
from webapp.copies.operations import Decision
from webapp.copies.rules import AlarmState
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.merchants.queries import get_shop
from webapp.stickers import operations as stickers
from webapp.stickers.models import StickerState
from webapp.stickers.queries import get

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


def test_reports_that_come_together_open_one_task(app: Flask, town: Town, paper: str) -> None:
    marks = [phone() for _ in range(4)]

    def deed(mark: str) -> Callable[[], object]:
        return lambda: gathering.report(get(town.shop, 1), mark, NOW)

    assert at_once(app, *map(deed, marks)) == ["done"] * 4
    with app.app_context():
        (alarm,) = db.session.scalars(sa.select(CopyAlarm))
        assert alarm.facts["devices"]["most"] == 4


def test_the_same_form_sent_twice_is_one_report(app: Flask, town: Town, paper: str) -> None:
    mark = phone()
    results = at_once(app, *(lambda: gathering.report(get(town.shop, 1), mark, NOW) for _ in range(3)))
    assert results == ["done"] * 3
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(CopyEvidence.id))) == 1


def test_the_days_secret_is_made_once(app: Flask, town: Town, paper: str) -> None:
    marks: list[str] = []
    results = at_once(
        app, *(lambda: marks.append(devices.mark("network", "a browser", NOW)) for _ in range(3))
    )
    assert results == ["done"] * 3
    assert len(set(marks)) == 1
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CopySalt)) == 1


def test_two_officers_decide(app: Flask, town: Town, paper: str) -> None:
    with app.app_context(), unit():
        first, second = town.actor(town.station), town.actor(town.bureau)
        alarm = make_alarm(get(town.shop, 1), state=AlarmState.LOOKING, handled_by_id=town.station)
        number, version = alarm.id, alarm.version
    confirm = Decision(version, NOW, "seen", remedy="suspend")
    dismiss = Decision(version, NOW, "position")
    results = at_once(
        app,
        lambda: operations.act(number, "confirm", confirm, first, NOW),
        lambda: operations.act(number, "dismiss", dismiss, second, NOW),
    )
    assert sorted(results) == ["changed_meanwhile", "done"]
    with app.app_context():
        confirmed = results[0] == "done"
        assert (db.session.get_one(CopyAlarm, number).state is AlarmState.CONFIRMED) is confirmed
        assert (get(town.shop, 1).state is StickerState.SUSPENDED) is confirmed


def test_a_decision_evidence_and_the_merchant_do_not_wait_for_each_other(
    app: Flask, town: Town, paper: str
) -> None:
    """Whoever judges a shop's stickers holds the shop first, then the alarm, then the sticker: no deadlock."""
    with app.app_context(), unit():
        officer, owner = town.actor(town.station), town.actor(town.merchant)
        report(get(town.shop, 1), 2)
        alarm = db.session.scalars(sa.select(CopyAlarm)).one()
        operations.act(alarm.id, "look", Decision(alarm.version), officer, NOW)
        number, version = alarm.id, alarm.version
        fix = fix_beside(get_shop(town.shop), 4000)
    later = NOW + timedelta(minutes=1)
    decision = Decision(version, NOW, "seen", remedy="suspend")
    results = at_once(
        app,
        lambda: operations.act(number, "confirm", decision, officer, later),
        lambda: gathering.report(get(town.shop, 1), phone(), later),
        lambda: gathering.keep_position(get(town.shop, 1), fix, phone(), later),
        lambda: stickers.report_lost(town.shop, 1, "lost", owner, later),
    )
    assert results[1:3] == ["done", "done"]
    assert "done" in (results[0], results[3])
    assert set(results) <= {"done", "step_refused"}
