"""docs/verify-by-hand.md does what it says, executed as it stands there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import vectors
from tests.support.databases import ROOT

CODES: dict[str, Any] = json.loads(vectors.CODES.read_text("ascii"))
RECIPE = re.search(
    r"^```sh\n(.*?)^```", (ROOT / "docs/verify-by-hand.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
assert RECIPE


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The recipe and a key set with blanks and lines, as the site sends it and as a person may have saved it."""
    assert RECIPE
    folder = tmp_path_factory.mktemp("by hand")
    script, keys = folder / "verify.sh", folder / "my keys.json"
    script.write_text(RECIPE[1], "utf-8")
    keys.write_text(json.dumps({"keys": CODES["keys"], "signed": "e30.e30.e30"}, indent=2), "ascii")
    return script, keys


def test_it_is_short() -> None:
    assert RECIPE
    assert len(RECIPE[1].splitlines()) <= 20


def run(files: tuple[Path, Path], text: str) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", files[0].name, text, files[1].name], cwd=files[0].parent, capture_output=True, check=False
    )
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize(
    "group", ["status", "key", "alias", "bit", "signature", "version", "serial", "host", "small-order"]
)
def test_it_says_what_the_vectors_say(files: tuple[Path, Path], group: str) -> None:
    chosen = [vector for vector in CODES["vectors"] if vector["id"].rsplit("-", 1)[0] == group]
    assert chosen
    for vector in chosen[:20]:
        code, output = run(files, vector["text"])
        if vector["refused_at"] is None:
            assert code == 0, (vector, output)
            assert re.fullmatch(rf"issued by {CODES['host']}: shop \d+, sticker \d+, key \d+\n", output)
        else:
            assert code == 1, (vector, output)
            assert output.startswith("refused: ")


def test_it_names_shop_serial_and_key(files: tuple[Path, Path]) -> None:
    last = next(v for v in CODES["vectors"] if v["note"] == "shop 4294967295, serial 2: invalid")
    assert run(files, last["text"])[1] == f"issued by {CODES['host']}: shop 4294967295, sticker 2, key 1\n"


@pytest.mark.parametrize(
    "text", ["", "x", "https://fx.example.gov.cn/c/", "$(touch owned)", "';id;'", "https://a/c/" + "a" * 114]
)
def test_what_is_no_address(files: tuple[Path, Path], text: str) -> None:
    assert run(files, text) == (1, "refused: not a sticker's address\n")
    assert not list(files[0].parent.glob("owned"))
