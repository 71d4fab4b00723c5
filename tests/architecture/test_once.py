"""What is made once per process is what each application would have made by itself, and no test can change it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from jinja2 import Environment, FileSystemLoader
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Map, Rule

from tests.support import databases, once, sources
from webapp.core.db import db
from webapp.settings import Settings
from webapp.shopfront import storage
from webapp.web import words

Make = Callable[..., Flask]


def test_words_are_the_catalogues_and_each_application_has_its_own(make_app: Make) -> None:
    first, second = (make_app().extensions["ydym.words"] for _ in range(2))
    assert first == second == words.load.__wrapped__(sources.ROOT / "webapp")
    first["error.not_found"] = "changed by a test"
    assert make_app().extensions["ydym.words"] == second


def test_the_mark_of_the_files_hangs_on_all_that_it_should(settings: Settings) -> None:
    names = ("platform_name", "bureau_name", "city_name", "public_scheme", "public_host")
    others = [databases.settings_for(settings.data_dir, "", **{name: "other.test"}) for name in names]
    marks = [storage.build_mark(each) for each in (settings, *others)]
    assert marks == [storage.build_mark.__wrapped__(each) for each in (settings, *others)]
    assert len(set(marks)) == len(marks)


def some(kind: BaseConverter) -> object:
    """A value that an address of this kind may hold."""
    if isinstance(kind, AnyConverter):
        return min(kind.items)
    return 7 if isinstance(kind, IntegerConverter) else "名 字?"


def test_a_late_rule_builds_the_addresses_of_a_plain_one(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    plain = Map(
        [Rule(rule.rule, endpoint=rule.endpoint, methods=rule.methods) for rule in rules],
        converters=app.url_map.converters,
    )
    for rule in rules:
        assert type(rule) is once.LateRule
        asked = {name: some(kind) for name, kind in rule._converters.items()} | {"more": ["1", "&"]}
        for unknown in (True, False):
            late, usual = (
                each.bind("codes.test").build(rule.endpoint, asked, append_unknown=unknown)
                for each in (app.url_map, plain)
            )
            assert late == usual
    assert len(rules) > 150


def test_a_template_is_compiled_again_when_its_source_changes(tmp_path: Path) -> None:
    for text in ("one", "two", "one"):
        (tmp_path / "page.html").write_text(text)
        environment = Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=once.TEMPLATES)
        assert environment.get_template("page.html").render() == text


def test_a_statement_is_compiled_once_for_each_kind_of_database(make_app: Make, each_database: str) -> None:
    sent: list[str] = []
    made: list[int] = []
    for ids in ([41], [703, 5, 6]):
        app = make_app()
        before = len(once.STATEMENTS)
        with app.app_context(), db.engine.connect() as connection:
            sa.event.listen(
                connection, "before_cursor_execute", lambda _c, _cursor, text, *_: sent.append(text)
            )
            statement = sa.select(sa.literal(each_database)).where(
                sa.literal("保定").ilike("%保%"), sa.literal(703).in_(ids)
            )
            assert connection.scalars(statement).all() == ([each_database] if 703 in ids else [])
        made.append(len(once.STATEMENTS) - before)
    assert made == [1, 0]
    assert ["ILIKE" in text for text in sent if text.startswith("SELECT")] == [
        each_database == "postgresql"
    ] * 2
