"""Fixtures for every test. The ones to know:

``app``            the application on a fresh SQLite database, migrated; no context pushed
``context``        the same with an application context pushed: for operations and queries
``client``         a browser without JavaScript for ``app``; ``make_client()`` gives more, each with its own cookies
``app_on``         ``app``, the test run once on SQLite and once on PostgreSQL (so does ``each_database``)
``make_app``       ``make_app(rate_limits=True, …)``: an application on the same database with other settings
``freeze``         ``freeze(instant)`` holds the clock until the test ends, again to move it
``redis_url``      a private Redis
``browser``        Debian's Chromium
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from playwright.sync_api import Browser, sync_playwright

from tests.support import audited, databases, once, services, turns
from tests.support.browser import CHROMIUM, FLAGS
from webapp.core import clock
from webapp.core.db import db
from webapp.settings import Settings

KINDS = ("sqlite", "postgresql")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory where there is plenty: SQLite then waits for no disk."""
    once.install()
    audited.watch()
    # A busy machine is slow, and that says nothing about the example at hand: each test has a time limit of its own.
    hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis.settings.load_profile("suite")
    gc.disable()  # hardly anything that is imported or collected is garbage
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and (memory := services.memory_folder()):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = memory


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first."""
    items.sort(key=lambda item: turns.turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> turns.Turns:
    """Who works on what, when there are several workers."""
    config.option.loadscopereorder = False
    return turns.Turns(config, log)


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that wants each database once on each."""
    wanted = "each_database" in metafunc.fixturenames or metafunc.definition.get_closest_marker(
        "each_database"
    )
    if not wanted:
        return
    if "database_kind" not in metafunc.fixturenames:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: each_database without a fixture that uses a database"
        )
    metafunc.parametrize("database_kind", KINDS, indirect=True)


@pytest.fixture(scope="session")
def _copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], databases.SqliteCopies]]:
    """Template databases of this worker, each made when first asked for."""
    made: dict[str, object] = {}
    with ExitStack() as stack:

        def get(kind: str) -> object:
            if kind not in made:
                folder = tmp_path_factory.mktemp(f"template-{kind}")
                if kind == "sqlite":
                    made[kind] = databases.SqliteCopies(folder)
                else:
                    made[kind] = databases.PostgresCopies(
                        stack.enter_context(databases.postgres_server()), folder
                    )
            return made[kind]

        yield get  # type: ignore[misc]


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, or `postgresql` in the second run of a test that wants each database."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture
def each_database(database_kind: str) -> str:
    """Ask for this to run a test on every database; its value is the kind of this run."""
    return database_kind


@pytest.fixture
def database_url(
    database_kind: str, _copies: Callable[[str], databases.SqliteCopies], tmp_path: Path
) -> Iterator[str]:
    """SQLAlchemy address of a migrated, empty database that only this test has."""
    with _copies(database_kind).fresh(tmp_path) as address:
        yield address


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of this test: its own data folder and database."""
    return databases.settings_for(tmp_path / "data", database_url)


@pytest.fixture
def make_app(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Flask]]:
    """Make applications on this test's database; keyword arguments change settings."""
    made: list[Flask] = []

    def make(**changes: object) -> Flask:
        app = once.application(databases.settings_for(tmp_path / "data", database_url, **changes))
        made.append(app)
        return app

    yield make
    for app in made:
        close(app)


def close(app: Flask) -> None:
    """Stop what an application started and give its connections back."""
    for name in ("ydym.tail", "ydym.scheduler"):
        if name in app.extensions:
            app.extensions[name].stop()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application on a database of its own."""
    return make_app()


@pytest.fixture
def app_on(each_database: str, app: Flask) -> Flask:
    """The application, once on each database."""
    return app


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed, for tests of operations and queries. Do not mix with ``client``."""
    with app.app_context():
        yield app
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without JavaScript."""
    return app.test_client()


@pytest.fixture
def make_client(app: Flask) -> Callable[[], FlaskClient]:
    """More visitors, each with cookies of their own."""
    return app.test_client


@pytest.fixture
def freeze() -> Iterator[Callable[[datetime], datetime]]:
    """Hold the clock: ``freeze(datetime(2026, 5, 1, tzinfo=UTC))``; returns the instant."""
    with ExitStack() as stack:

        def hold(instant: datetime) -> datetime:
            stack.enter_context(clock.use(instant))
            return instant

        yield hold


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of a private Redis of this run. Choose keys of your own or flush what you used."""
    with databases.redis_server() as address:
        yield address


@pytest.fixture(autouse=True)
def _quiet_alembic() -> None:
    """Alembic tells every revision it runs; nobody reads that here."""
    logging.getLogger("alembic").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once per worker: Playwright allows one of itself in a process."""
    if not os.access(CHROMIUM, os.X_OK):
        pytest.fail(f"{CHROMIUM} is missing: run `make test` once as root, or `apt-get install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()
