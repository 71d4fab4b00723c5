"""Who may import whom inside a feature: rules, models, queries, operations, forms, views, in that order.

Who may import whom between packages is a contract of import-linter in pyproject.toml (`make check`).
"""

from __future__ import annotations

import re

import grimp
import pytest

from webapp.features import FEATURES

#: Fixed roles of a feature's modules, lowest first. A module of another name is the feature's own affair.
ROLES = ("rules", "models", "queries", "operations", "forms", "views")
_VIEWS = re.compile(r"^(views(_[a-z]+)?|api|commands)$")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("webapp", "qrservice", cache_dir=None)


#: Rules under other names: the clocks are too much for one module.
PURE = ("laws", "countdowns")


def is_pure(module: str) -> bool:
    return module.endswith(".rules") or (module.startswith("webapp.") and module.rpartition(".")[2] in PURE)


def rank(module: str) -> int | None:
    """Place of ``webapp.<feature>.<role>`` in the order, or None for a module of another name."""
    parts = module.split(".")
    if len(parts) != 3:
        return None
    role = "views" if _VIEWS.match(parts[2]) else parts[2]
    return ROLES.index(role) if role in ROLES else None


def upward(imports: list[tuple[str, str]]) -> list[str]:
    """Imports inside one feature that go from a lower role to a higher one."""
    return [
        f"{importer} -> {imported}"
        for importer, imported in imports
        if importer.split(".")[1] == imported.split(".")[1]
        and (low := rank(importer)) is not None
        and (high := rank(imported)) is not None
        and low < high
    ]


def all_imports(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    return [
        (importer, imported)
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if importer.startswith("webapp.") and imported.startswith("webapp.")
    ]


def test_inside_a_feature_imports_go_down(graph: grimp.ImportGraph) -> None:
    assert upward(all_imports(graph)) == []


def test_rules_are_pure(graph: grimp.ImportGraph) -> None:
    """rules.py imports no database and no frame of the web: only other rules and the pure part of core."""
    impure = {"webapp.core.db", "webapp.core.transaction", "webapp.core.secrets"}
    found = [
        f"{importer} -> {imported}"
        for importer, imported in all_imports(graph)
        if is_pure(importer)
        and (
            imported in impure
            or imported.startswith("webapp.web")
            or imported.endswith((".models", ".queries"))
        )
    ]
    assert found == []


def test_rules_and_the_library_import_no_framework() -> None:
    graph = grimp.build_graph("webapp", "qrservice", cache_dir=None, include_external_packages=True)
    frameworks = {
        "flask",
        "sqlalchemy",
        "flask_sqlalchemy",
        "werkzeug",
        "wtforms",
        "flask_wtf",
        "redis",
        "alembic",
    }
    pure = [name for name in graph.modules if is_pure(name) or name.split(".")[0] == "qrservice"]
    found = [
        f"{module} -> {imported}"
        for module in sorted(pure)
        for imported in sorted(graph.find_modules_directly_imported_by(module) & frameworks)
    ]
    assert found == []


def test_every_feature_is_listed(graph: grimp.ImportGraph) -> None:
    folders = {
        name.split(".")[1] for name in graph.modules if name.count(".") >= 1 and name.startswith("webapp.")
    }
    packages = {
        name
        for name in folders
        if f"webapp.{name}" in graph.modules and graph.find_children(f"webapp.{name}")
    }
    alone = {name for name in FEATURES if f"webapp.{name}" in graph.modules}
    assert packages - {"core", "web"} <= set(FEATURES), "a folder of webapp/ is missing in webapp/features.py"
    assert alone == set(FEATURES)


def test_the_walk_notices_an_upward_import() -> None:
    made_up = [
        ("webapp.shops.rules", "webapp.shops.models"),
        ("webapp.shops.queries", "webapp.shops.views_office"),
        ("webapp.shops.views_office", "webapp.shops.operations"),
        ("webapp.shops.helpers", "webapp.shops.views_office"),
    ]
    assert upward(made_up) == [
        "webapp.shops.rules -> webapp.shops.models",
        "webapp.shops.queries -> webapp.shops.views_office",
    ]
