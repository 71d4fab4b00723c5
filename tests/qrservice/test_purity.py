"""The library stays a library: no framework, database, environment, clock, network or application code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import qrservice

FOLDER = Path(qrservice.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
ALLOWED = {
    *(
        "__future__",
        "abc",
        "base64",
        "binascii",
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
    ),
    *(
        "hashlib",
        "html",
        "importlib",
        "io",
        "itertools",
        "json",
        "math",
        "pathlib",
        "re",
        "string",
        "struct",
        "threading",
    ),
    *("typing", "xml", "zlib", "cryptography", "fontTools", "nacl", "PIL", "qrcode", "qrservice"),
}
FORBIDDEN_CALLS = {"now", "utcnow", "today", "getenv", "environ", "print", "time", "input", "urlopen"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_imports_and_calls(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name.partition(".")[0] for alias in node.names} <= ALLOWED
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module.partition(".")[0] in ALLOWED
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in {("os", "environ"), ("sys", "stdout")}
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in FORBIDDEN_CALLS


def test_modules_are_short() -> None:
    for module in MODULES:
        assert len(module.read_text("utf-8").splitlines()) < 300, module.name


def test_checking_codes_loads_no_drawing() -> None:
    program = (
        "import sys, qrservice, qrservice.links\n"
        "heavy = {'PIL', 'fontTools', 'qrcode', 'flask', 'sqlalchemy', 'webapp'} & set(sys.modules)\n"
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_public_names_exist() -> None:
    for name in qrservice.__all__:
        assert getattr(qrservice, name) is not None
    with pytest.raises(AttributeError):
        _ = qrservice.no_such_name
