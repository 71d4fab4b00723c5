"""One transaction for a piece of work: kept whole or undone whole, with what waits for its commit."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.policy import PolicyValue
from webapp.core.transaction import after_commit, commit, rollback, unit

pytestmark = pytest.mark.each_database


def value(key: str) -> PolicyValue:
    return PolicyValue(
        key=key, value="1", unit="days", source="test", in_force_from=date(2026, 1, 1), in_force_until=None
    )


def test_a_unit_is_kept_and_wakes_who_waits(context: Flask) -> None:
    woken: list[str] = []
    with unit():
        db.session.add(value("a"))
        after_commit(lambda: woken.append("a"))
        assert woken == []
    assert woken == ["a"]
    commit()
    assert woken == ["a"], "what waited is told once"
    assert db.session.query(PolicyValue).count() == 1


def _fail_halfway(woken: list[str]) -> None:
    with unit():
        db.session.add(value("a"))
        db.session.flush()
        after_commit(lambda: woken.append("a"))
        raise ZeroDivisionError


def test_an_error_undoes_everything(context: Flask) -> None:
    woken: list[str] = []
    with pytest.raises(ZeroDivisionError):
        _fail_halfway(woken)
    commit()
    assert woken == []
    assert db.session.query(PolicyValue).count() == 0


def test_a_broken_uniqueness_is_a_conflict(context: Flask) -> None:
    with unit():
        db.session.add(value("a"))
    db.session.add(value("a"))
    with pytest.raises(Conflict) as caught:
        commit()
    assert caught.value.code == "already_done"
    rollback()
    assert db.session.query(PolicyValue).count() == 1
