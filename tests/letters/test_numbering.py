"""Numbers under fire: many issue at once, some of them undo it; none is given twice and none is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.letters.conftest import Office
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.letters import drawing, operations
from webapp.letters.models import Letter, LetterSeries
from webapp.letters.rules import Subject

pytestmark = pytest.mark.each_database
THREADS, EACH = 6, 5


class Undone(Exception):
    """The officer's step fails after the number was taken."""


def undo(*, unless: bool) -> None:
    if not unless:
        raise Undone


def test_no_gap_and_no_twin(
    app: Flask, make_office: Callable[[], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations.drawing, "draw", lambda *_: drawing.Drawn(b"%PDF-", 1, 0))
    with app.app_context(), unit():
        office = make_office()
    gate, faults = threading.Barrier(THREADS), []

    def run(place: int) -> None:
        with app.app_context():
            gate.wait(timeout=30)
            for turn in range(EACH):
                try:
                    with unit():
                        office.issue(subject=Subject("complaint", place * 100 + turn))
                        undo(unless=(place + turn) % 3 != 0)
                except Undone:
                    continue
                except Exception as fault:  # noqa: BLE001 - told below
                    faults.append(fault)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    kept = sum((place + turn) % 3 != 0 for place in range(THREADS) for turn in range(EACH))
    with app.app_context():
        serials = list(db.session.scalars(sa.select(Letter.serial).order_by(Letter.serial)))
        assert serials == list(range(1, kept + 1))
        assert db.session.scalars(sa.select(LetterSeries.last)).one() == kept


def test_two_withdraw_at_once(app: Flask, make_office: Callable[[], Office]) -> None:
    from tests.letters.samples import NOW
    from webapp.core.errors import DomainError

    with app.app_context(), unit():
        office = make_office()
        number = office.issue().id
    gate, results = threading.Barrier(2), []

    def run() -> None:
        with app.app_context():
            gate.wait(timeout=30)
            try:
                with unit():
                    operations.withdraw(number, "写错", office.officer, NOW, scope=office.scope, version=1)
                results.append("done")
            except DomainError as error:
                results.append(error.code)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) in (["changed_meanwhile", "done"], ["busy", "done"])
