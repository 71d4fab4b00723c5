"""Pages work in old in-app browsers: every script that is served is of the language of 2009, without newer calls."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from webapp.settings import ROOT

STATIC = ROOT / "static"
#: Reads each file as the given edition of the language and says where it is newer.
READ = """
const { parse } = require("acorn"), fs = require("fs");
const [edition, ...files] = process.argv.slice(1);
for (const file of files) {
  try { parse(fs.readFileSync(file, "utf8"), { ecmaVersion: Number(edition) }); }
  catch (error) { console.log(file + ": " + error.message); }
}
"""
#: Calls that came later than the oldest browsers and that no reader of the language notices.
NEWER = re.compile(
    r"\.(?:replaceAll|at|flat|flatMap|matchAll|padStart|padEnd|finally)\(|\bObject\.(?:entries|values|fromEntries)\b"
    r"|\bPromise\.(?:allSettled|any)\b|\bstructuredClone\(|\bcrypto\.randomUUID\b"
    r"|querySelectorAll\([^;{]*\)\.forEach\("  # lists of elements learned it years after arrays
)


def newer(*files: Path) -> str:
    """What in these files is newer than ECMAScript 5; nothing if all is old."""
    node = shutil.which("node")
    assert node, "node is missing: run `make test` once, or install nodejs"
    done = subprocess.run(
        [node, "-e", READ, "5", *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_script_that_is_served_is_old_enough() -> None:
    files = sorted(STATIC.rglob("*.js"))
    assert {"favourites.js", "leaflet.js"} <= {file.name for file in files}
    assert newer(*files) == ""


def test_no_script_of_ours_calls_what_came_later() -> None:
    found = [
        f"{file.name}: {match[0]}"
        for file in sorted((STATIC / "js").glob("*.js"))
        for match in NEWER.finditer(file.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["const a = 1;", "f(() => 1);", "a = `b`;", "class A {}", "a?.b;"])
def test_the_reader_notices_what_is_newer(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.js"
    file.write_text(text, "utf-8")
    assert "x.js" in newer(file)
