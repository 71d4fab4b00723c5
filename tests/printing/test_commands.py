"""``stickers export``, and the recurring work from outside."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from webapp.core.db import db
from webapp.printing.models import PrintJob, PrintState
from webapp.stickers import printing


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def run(runner: FlaskCliRunner, *words: str) -> tuple[int, str]:
    result = runner.invoke(args=["stickers", "export", *words])
    return result.exit_code, result.output


def test_export(runner: FlaskCliRunner, app: Flask, papers: list[str], tmp_path: Path) -> None:
    out = tmp_path / "all.pdf"
    code, output = run(runner, "--out", str(out), "--region", "130606")
    assert (code, "2 stickers on 1 sheets" in output) == (0, True)
    document = pypdfium2.PdfDocument(out)
    assert len(document) == 1
    document.close()
    assert hashlib.sha256(out.read_bytes()).hexdigest() in output
    with app.app_context():
        job = db.session.query(PrintJob).one()
        assert (job.state, job.count, job.by_name) == (PrintState.MADE, 2, "system")
    again = run(runner, "--out", str(tmp_path / "new.pdf"), "--only-new")
    assert "nothing was written" in again[1]
    single = run(
        runner, "--out", str(tmp_path / "t.zip"), "--place", "till", "--template", "till", "--form", "svg"
    )
    assert "1 stickers: " in single[1]
    assert sorted(path.name for path in tmp_path.glob("*.*p*")) == ["all.pdf", "t.zip"]


def test_export_without_fonts_says_what_to_do(
    runner: FlaskCliRunner, app: Flask, papers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "FOLDER", tmp_path / "nowhere")
    code, output = run(runner, "--out", str(tmp_path / "all.pdf"))
    assert code == 1
    assert "make" in output
    assert list(tmp_path.glob("all*")) == []
    with app.app_context():
        assert db.session.query(PrintJob).one().state is PrintState.FAILED
    assert "receipt only" in run(runner, "--out", str(tmp_path / "x.zip"), "--form", "escpos")[1]
