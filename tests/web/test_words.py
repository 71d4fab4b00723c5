"""Word catalogues: every error that code raises has words, and no key is written twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.support import sources
from webapp.web import words
from webapp.web.words import MissingWord, label

RAISED = re.compile(r"(?:Invalid|NotFound|Forbidden|Conflict|StepRefused|TooMany|SsoDown)\(\s*\"([a-z_.]+)\"")


def test_every_error_that_is_raised_has_words() -> None:
    catalogue = words.load(sources.ROOT / "webapp")
    raised = {
        (code, sources.name_of(path))
        for path in sources.python_files("webapp")
        for code in RAISED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 30
    assert sorted((code, name) for code, name in raised if f"error.{code}" not in catalogue) == []


def test_a_missing_word_stops_tests_and_shows_its_key_in_production(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(MissingWord):
            label("no.such.key")
        app.config["TESTING"] = False
        assert label("no.such.key") == "no.such.key"


def test_placeholders_are_filled(app: Flask) -> None:
    with app.app_context():
        assert "3 分钟" in label("error.too_many_tries", minutes=3, retry_after=150)


def test_a_key_in_two_catalogues_is_an_error(tmp_path: Path) -> None:
    for feature in ("a", "b"):
        folder = tmp_path / feature / "words"
        folder.mkdir(parents=True)
        (folder / "zh_Hans.po").write_text('msgid "error.same"\nmsgstr "同"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="two catalogues"):
        words.load(tmp_path)
