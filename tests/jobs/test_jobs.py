"""Recurring work: one turn for one worker, failures do not spread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from webapp.core.db import db
from webapp.jobs.models import JobLease
from webapp.jobs.operations import Job, run_due
from webapp.web import slots

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def turns(app_on: Flask) -> list[datetime]:
    """Replaces the product's jobs by one that notes its turns and one that fails."""
    taken: list[datetime] = []

    def work(now: datetime) -> int:
        taken.append(now)
        return 3

    def broken(_now: datetime) -> int:
        raise ValueError("broken on purpose")

    app_on.extensions["ydym.slots"]["jobs"] = []
    slots.add(app_on, "jobs", 10, lambda: Job("broken", 60, broken))
    slots.add(app_on, "jobs", 20, lambda: Job("noting", 60, work))
    return taken


def test_each_turn_once(app_on: Flask, turns: list[datetime], freeze: Callable[[datetime], None]) -> None:
    with app_on.app_context():
        freeze(NOW)
        assert run_due() == {"broken": -1, "noting": 3}
        assert run_due() == {}
        freeze(NOW + timedelta(seconds=59))
        assert run_due() == {}
        freeze(NOW + timedelta(seconds=60))
        assert run_due() == {"broken": -1, "noting": 3}
        assert turns == [NOW, NOW + timedelta(seconds=60)]
        lease = db.session.get(JobLease, "broken")
        assert lease is not None
        assert (lease.failures, lease.finished_at) == (2, None)


def test_the_command_tells_of_failures(app_on: Flask, turns: list[datetime]) -> None:
    result = app_on.test_cli_runner().invoke(args=["jobs", "run", "--all"])
    assert result.exit_code == 1
    assert "broken: failed" in result.output
    assert "noting: 3" in result.output
    assert len(turns) == 1
