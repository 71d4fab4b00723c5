"""Every field that an operation writes down has a name for those who read the trail."""

from __future__ import annotations

import ast

from tests.support.databases import ROOT
from webapp.audit import wording
from webapp.web import words


def written(tree: ast.AST) -> set[str]:
    """The fields of dictionaries that stand in a call as ``old`` or ``new``: of ``audit.record`` or of who calls it."""
    return {
        key.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg in ("old", "new") and isinstance(word.value, ast.Dict)
        for key in word.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def test_fields_have_names() -> None:
    known = words.load(ROOT / "webapp")
    found = {
        field
        for path in (ROOT / "webapp").rglob("*.py")
        for field in written(ast.parse(path.read_text("utf-8")))
    }
    assert len(found) >= 40
    shown = {field for field in found if not field.endswith(wording._DIGESTS)}
    assert sorted(field for field in shown if f"audit.field.{field}" not in known) == []
