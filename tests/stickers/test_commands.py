"""The commands, as an operator runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskCliRunner
from PIL import Image

import qrservice
from qrservice import LANGUAGES
from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support.databases import PUBLIC_HOST
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.stickers import brand, commands


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def tokens(app: Flask, town: Town) -> list[str]:
    """The tokens of the town's two stickers."""
    with app.app_context():
        made = [make_sticker(get_shop(town.shop)).token for _ in range(2)]
        db.session.commit()
    return made


def run(runner: FlaskCliRunner, *words: str) -> tuple[int, str]:
    result = runner.invoke(args=list(words))
    return result.exit_code, result.output


def test_keys(runner: FlaskCliRunner, app: Flask) -> None:
    assert "no keys yet" in run(runner, "keys", "list")[1]
    assert run(runner, "keys", "ensure") == (0, "signing key made\n")
    assert run(runner, "keys", "ensure") == (0, "signing key present\n")
    code, output = run(runner, "keys", "rotate", "--yes")
    assert (code, "key 1 signs" in output) == (0, True)
    lines = run(runner, "keys", "list")[1].splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["0", "retired"], ["1", "active"]]
    with app.app_context():
        assert db.session.query(AuditEvent).filter_by(action="key.rotate").one().new == {
            "kid": 1,
            "state": "active",
        }


def test_rotation_asks_first(runner: FlaskCliRunner) -> None:
    assert run(runner, "keys", "rotate")[0] == 1
    assert "no keys yet" in run(runner, "keys", "list")[1]


def test_verify(runner: FlaskCliRunner, tokens: list[str]) -> None:
    for text in (tokens[0], f"http://{PUBLIC_HOST}/c/{tokens[0]}"):
        code, output = run(runner, "codes", "verify", text)
        assert code == 0
        assert "genuine: shop 1, serial 1, key 0" in output
        assert "trust code: active" in output
        assert output.endswith("verdict: genuine\n")
        assert run(runner, "codes", "verify", "--offline", text)[0] == 0
    for option in ((), ("--offline",)):
        code, output = run(runner, "codes", "verify", f"http://elsewhere.test/c/{tokens[0]}", *option)
        assert (code, "'link'" in output) == (1, True)


def test_verify_what_is_not_valid(runner: FlaskCliRunner, app: Flask, tokens: list[str]) -> None:
    with app.app_context():
        codes.suspend(1, "abnormal_list", "because", SYSTEM, NOW)
        db.session.commit()
    for option in ((), ("--offline",)):
        code, output = run(runner, "codes", "verify", tokens[0], *option)
        assert (code, output.endswith("verdict: suspended\n")) == (2, True)
    with app.app_context():
        lost = make_sticker(get_shop(1)).token
        db.session.rollback()
    assert run(runner, "codes", "verify", lost)[1].endswith("verdict: unknown\n")
    code, output = run(runner, "codes", "verify", lost, "--offline")
    assert (code, output.endswith("verdict: cannot say (unlisted)\n")) == (2, True)


def test_sample(runner: FlaskCliRunner, tokens: list[str], tmp_path: Path) -> None:
    out = tmp_path / "sample.txt"
    assert run(runner, "codes", "sample", "--count", "5", "--out", str(out))[0] == 0
    assert out.read_text().split() == tokens


def test_proofs_of_every_template(
    runner: FlaskCliRunner, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qrservice, "TEMPLATES", ("till", "receipt"))
    code, output = run(runner, "stickers", "proof", str(tmp_path / "proof"))
    assert code == 0, output
    drawn = sorted((tmp_path / "proof").iterdir())
    assert [path.stem for path in drawn] == sorted(
        f"{template}-{language}" for template in ("till", "receipt") for language in LANGUAGES
    )
    (found,) = zxingcpp.read_barcodes(Image.open(drawn[-1]))
    assert found.text.startswith(f"http://{PUBLIC_HOST}/c/")
    assert run(runner, "codes", "verify", found.text)[0] == 1, "nothing vouches for a proof"
    monkeypatch.setattr(commands, "LANGUAGES", {"en": LANGUAGES["en"]})
    code, output = run(runner, "stickers", "proof", str(tmp_path / "long"), "--name", "W" * 400)
    assert code == 0, "a name that is too long is cut, as in print"
    short = replace(app.extensions["ydym.settings"], bureau_name="局" * 90)
    monkeypatch.setitem(app.extensions, "ydym.brand", brand.load(short))
    assert run(runner, "stickers", "proof", str(tmp_path / "refused"))[0] == 1
