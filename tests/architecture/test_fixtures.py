"""The ground that the tests stand on: databases of their own, a held clock, services that stop with their run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support import services, sources
from webapp.core import clock
from webapp.core.db import db


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_a_database_of_its_own(app_on: Flask, turn: str) -> None:
    """The first turn leaves a table behind; the second must not find it."""
    with app_on.app_context(), db.engine.begin() as connection:
        assert not sa.inspect(connection).has_table("left_behind"), turn
        assert sa.inspect(connection).has_table("shop")
        connection.execute(sa.text("CREATE TABLE left_behind (id INTEGER)"))


def test_each_database_is_the_database(each_database: str, app: Flask) -> None:
    with app.app_context():
        assert db.engine.dialect.name == each_database


def test_postgresql_compares_chinese_by_characters(app: Flask, each_database: str) -> None:
    if each_database == "sqlite":
        return
    with app.app_context(), db.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT length('保定'), lower('Ａ')")).one() == (2, "ａ")


def test_freeze_holds_and_moves_the_clock(freeze: Callable[[datetime], datetime]) -> None:
    first = freeze(datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert clock.now() == first == datetime(2026, 5, 1, 9, tzinfo=UTC)
    freeze(datetime(2026, 5, 2, tzinfo=UTC))
    assert clock.now() == datetime(2026, 5, 2, tzinfo=UTC)


WAITING = """
import json, os, sys, time
print(json.dumps([os.environ["YDYM_TEST_POSTGRESQL"], os.environ["YDYM_TEST_REDIS"]]), flush=True)
sys.stdin.read()
sys.exit(3)
"""


def wrapper() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.services", "--", sys.executable, "-c", WAITING]
    return subprocess.Popen(
        command, cwd=sources.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def redis_answers(address: str) -> bool:
    return services._redis_answers(int(address.rpartition(":")[2].partition("/")[0]))


@pytest.mark.parametrize("end", ["by itself", "by a signal"])
def test_services_stop_with_their_run(end: str) -> None:
    with wrapper() as process:
        assert process.stdin
        assert process.stdout
        postgresql, redis = json.loads(process.stdout.readline())
        folder = Path(postgresql.partition("host=")[2])
        assert folder.is_dir()
        assert redis_answers(redis)
        if end == "by a signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        code = process.wait(timeout=60)
        assert code == (3 if end == "by itself" else 128 + signal.SIGTERM)
    assert not folder.exists()
    assert not redis_answers(redis)


def test_a_service_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_PG_FOLDERS", ())
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(services.ServiceError, match="apt-get install postgresql"):
        services.postgres_program("initdb")
    with pytest.raises(services.ServiceError, match="apt-get install redis-server"), services.redis():
        pass
