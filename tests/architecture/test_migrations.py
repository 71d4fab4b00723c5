"""Migrations: readable numbered names, one line of descent, no models, up and down on both databases, no drift."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from tests.support import sources
from webapp.core import migrations
from webapp.core.db import db

FOLDER = sources.ROOT / "migrations"
NAME = re.compile(r"^(\d{4})_[a-z][a-z0-9_]{5,60}\.py$")


def files() -> list[Path]:
    return sorted((FOLDER / "versions").glob("*.py"))


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


def test_names_are_numbered_without_a_gap_and_readable() -> None:
    numbers = []
    for path in files():
        match = NAME.match(path.name)
        assert match, f"{path.name}: name it 0007_add_complaint_deadlines.py"
        numbers.append(int(match.group(1)))
    assert numbers == list(range(1, len(numbers) + 1))


def test_there_is_one_head_and_the_numbers_follow_the_descent() -> None:
    assert len(scripts().get_heads()) == 1
    descent = [Path(str(revision.path)).name for revision in scripts().walk_revisions()]
    assert descent[::-1] == [path.name for path in files()]


def test_migrations_import_nothing_of_the_application() -> None:
    """A model changes later; what a migration did must not."""
    found = []
    for path in files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            found += [
                f"{path.name}: {name}" for name in names if name.split(".")[0] in {"webapp", "qrservice"}
            ]
    assert found == []


@pytest.fixture
def connection(app_on: Flask) -> Iterator[sa.Connection]:
    with app_on.app_context(), db.engine.connect() as connection:
        yield connection


def ours(difference: object) -> bool:
    """Leave out what the models do not describe: shadow tables of full-text indexes, Alembic's own table."""
    text = str(difference)
    return not any(word in text for word in ("_fts", "alembic_version", "sqlite_sequence"))


def test_the_migrated_database_is_what_the_models_say(connection: sa.Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences = [entry for entry in compare_metadata(context, db.metadata) if ours(entry)]
    assert differences == []


def test_down_to_nothing_and_up_again(app_on: Flask) -> None:
    migrations.install(app_on)
    with app_on.app_context():
        before = set(sa.inspect(db.engine).get_table_names())
        db.session.remove()
        flask_migrate.downgrade(directory=str(FOLDER), revision="base")
        assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade(directory=str(FOLDER))
        assert set(sa.inspect(db.engine).get_table_names()) == before


def test_the_name_pattern_refuses_generated_names() -> None:
    assert not NAME.match("1975ea83b712_.py")
    assert not NAME.match("0007.py")
    assert NAME.match("0007_add_complaint_deadlines.py")
