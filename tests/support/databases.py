"""Fast private databases: migrated once per worker and kind, then copied for each test (about 30 ms)."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa

from webapp import create_app
from webapp.core import migrations
from webapp.core.db import db
from webapp.settings import Settings

from . import services

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret for tests only, never for a city"
PUBLIC_HOST = "codes.test"


def settings_for(data_dir: Path, database_url: str, **changes: object) -> Settings:
    """Settings of a test: its own data folder and database, no rate limits unless asked for."""
    values: dict[str, object] = {
        "env": "test",
        "data_dir": data_dir,
        "database_url": database_url,
        "public_host": PUBLIC_HOST,
        "secret_keys": (SECRET,),
        "rate_limits": False,
        "feed_poll_ms": 0,  # no threads: a test polls the feed when it wants to
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


def migrate(database_url: str, data_dir: Path) -> None:
    """Bring an empty database to the newest revision, by the same migrations as in production."""
    app = create_app(settings_for(data_dir, database_url))
    migrations.install(app)
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()


class SqliteCopies:
    """Databases that are copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite"
        migrate(f"sqlite:///{self.template}", folder)
        with sqlite3.connect(self.template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """Yield the address of a new copy in `folder`."""
        target = folder / "ydym.sqlite"
        shutil.copyfile(self.template, target)
        yield f"sqlite:///{target}"


class PostgresCopies:
    """Databases that are copies of one migrated template on the private server at `server`."""

    def __init__(self, server: str, folder: Path) -> None:
        self._server = sa.make_url(server)
        self._admin = sa.create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        self._prefix = f"t{os.getpid()}"
        self._numbers = itertools.count(1)
        self.template = f"{self._prefix}_template"
        self._run(f'CREATE DATABASE "{self.template}"')
        migrate(self.address(self.template), folder)

    def address(self, name: str) -> str:
        """SQLAlchemy address of the database called `name`."""
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))

    @contextmanager
    def fresh(self, _folder: Path) -> Iterator[str]:
        """Yield the address of a new copy; drop it afterwards, whoever is still connected."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY FILE_COPY')
        try:
            yield self.address(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def postgres_server() -> Iterator[str]:
    """The run's PostgreSQL, or one of our own when pytest was started without the wrapper."""
    running = os.environ.get(services.PG_VARIABLE)
    if running:
        yield running
    else:
        with services.postgres() as address:
            yield address


@contextmanager
def redis_server() -> Iterator[str]:
    """The run's Redis, or one of our own when pytest was started without the wrapper."""
    running = os.environ.get(services.REDIS_VARIABLE)
    if running:
        yield running
    else:
        with services.redis() as address:
            yield address
