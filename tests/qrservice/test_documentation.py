"""docs/qrservice.md runs as it stands there, every public name explains itself, and the library can be taken alone."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import qrservice
from tests.support.databases import ROOT
from tests.support.sticker_pictures import VENDOR

TEXT = (ROOT / "docs" / "qrservice.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
FOLDER = Path(qrservice.__file__).parent


def test_the_examples_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for number, block in enumerate(BLOCKS):
        here = block.replace('Path("static/vendor/fonts")', repr(VENDOR)).replace("PosixPath", "Path")
        here = here.replace('Path(".")', f"Path({str(tmp_path)!r})")
        exec(compile(here, f"docs/qrservice.md, block {number}", "exec"), names)
    said = capsys.readouterr().out.split()
    assert re.fullmatch(r"[0-9A-Z]{4}", said[0])
    assert said[2:5] == ["form", "canonical", "signature"]
    assert said[5] == "contrast"
    assert said[7:] == ["0.7", "reflectance"]
    document = pypdfium2.PdfDocument(tmp_path / "sheets.pdf")
    assert len(document) == 15
    document.close()
    assert {path.name for path in tmp_path.iterdir()} == {"door.png", "door.svg", "door.pdf", "sheets.pdf"}


def test_the_table_of_stages_is_the_librarys() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", TEXT, re.MULTILINE)
    assert {(stage, name) for stage, name in rows} == {
        (kind.stage, kind.__name__) for kind in qrservice.CodeRefused.__subclasses__()
    }


def _undocumented() -> list[str]:
    lacking = []
    for name in qrservice.__all__:
        found = getattr(qrservice, name)
        if not (inspect.isclass(found) or inspect.isfunction(found)):
            continue
        if not (found.__doc__ or "").strip() or str(found.__doc__).startswith(f"{name}("):
            lacking.append(name)
        for part, member in vars(found).items() if inspect.isclass(found) else ():
            function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            if not part.startswith("_") and inspect.isfunction(function) and not function.__doc__:
                lacking.append(f"{name}.{part}")
    return lacking


def test_every_public_name_explains_itself() -> None:
    assert _undocumented() == []


def test_it_can_be_installed_alone() -> None:
    """Its own project file names all its packages and files and whatever it imports, in the ranges of the product."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))
    folders = {path.parent.relative_to(FOLDER.parent) for path in FOLDER.rglob("*.py")}
    assert set(project["tool"]["setuptools"]["packages"]) == {".".join(folder.parts) for folder in folders}
    assert project["tool"]["setuptools"]["package-data"] == {"qrservice": ["assets/*"]}
    ours = (ROOT / "requirements.txt").read_text("utf-8")
    wanted = set(project["project"]["dependencies"])
    assert {line.partition("#")[0].strip() for line in ours.splitlines()} >= wanted
    imported = {
        name.partition(".")[0]
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    packages = {"PIL": "pillow", "fontTools": "fonttools", "nacl": "pynacl"}
    named = {re.match(r"[a-z]+", line)[0] for line in wanted}  # type: ignore[index]
    outside = imported & {"cryptography", "fontTools", "PIL", "nacl", "qrcode"}
    assert {packages.get(name, name) for name in outside} == named
