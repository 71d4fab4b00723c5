"""What every application makes alike is made once per process.

Each test has an application of its own: built by ``create_app``, on a database of its own, with its own caches, tails,
limits and slots. Building it took a tenth of a second, because things are worked out afresh that cannot differ between
the applications of a process: what the files of the source tree say, and what a compiler makes of the same text.
Only such results are kept here, never an object that an application could change:

- the word catalogues (each application gets a dictionary of its own) and the mark of the source files,
- the code of Jinja's templates (immutable code objects, by name and hash of the source),
- the text of SQL statements (by SQLAlchemy's own cache key, which names every table and every literal's type).

Addresses are different: a rule's builder hangs on its application's converters, so each application compiles its own,
but when it is first asked for such an address instead of at the start.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import util
from werkzeug.routing import Rule

from webapp import App, create_app
from webapp.core.db import db
from webapp.settings import Settings
from webapp.shopfront import storage
from webapp.web import words

from . import sources


def install() -> None:
    """Let every application that is made from now on in this process use what is kept here."""
    words.load = _words(words.load)
    storage.build_mark = _mark(storage.build_mark)
    App.url_rule_class = LateRule


def application(settings: Settings) -> App:
    """``create_app(settings)``, given the compiled templates and statements of this process."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=STATEMENTS)
    for mapper in db.Model.registry.mappers:  # each keeps the INSERT and UPDATE of its table
        if not isinstance(mapper._compiled_cache, CompiledStatements):
            mapper._compiled_cache = CompiledStatements(100)
    return app


def _words(load: Callable[[Path], dict[str, str]]) -> Callable[[Path], dict[str, str]]:
    known: dict[Path, dict[str, str]] = {}

    @wraps(load)
    def read(package: Path) -> dict[str, str]:
        if package != sources.ROOT / "webapp":  # a test's own catalogues may change
            return load(package)
        if package not in known:
            known[package] = load(package)
        return dict(known[package])

    return read


def _mark(build_mark: Callable[[Settings], str]) -> Callable[[Settings], str]:
    known: dict[tuple[str, ...], str] = {}

    @wraps(build_mark)
    def mark(settings: Settings) -> str:
        names = (
            settings.platform_name,
            settings.bureau_name,
            settings.city_name,
            settings.public_scheme,
            settings.public_host,
        )
        if names not in known:
            known[names] = build_mark(settings)
        return known[names]

    return mark


class LateRule(Rule):
    """A rule that compiles its two builders of addresses when it is first asked to build one."""

    def _compile_builder(self, *how: Any) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []
        make = super()._compile_builder

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(make(*how))
            return compiled[0](rule, **values)

        return build


class CompiledTemplates(BytecodeCache):
    """The code of templates by the key that Jinja makes of name and source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is known under the bucket's key and the hash of its source."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = CompiledTemplates()


class CompiledStatements(util.LRUCache[Any, Any]):
    """SQLAlchemy's cache of statements, for all engines: in its key the dialect's name stands for the object."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What any engine of the kind compiled for this statement."""
        return super().get(_by_name(key), default)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(_by_name(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_by_name(key), value)


def _by_name(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    return dialect.name, dialect.driver, *rest


STATEMENTS = CompiledStatements(3000)
