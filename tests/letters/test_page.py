"""The check page in a browser: the file is compared there and goes nowhere; without scripts the server compares."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from tests.letters.conftest import Office
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.letters import operations
from webapp.letters.models import Letter

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(app: Flask, make_office: Callable[[], Office], tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """(the check page's address, the file as issued, the same with one byte changed)."""
    with app.app_context(), unit():
        letter = make_office().issue()
        code = letter.said.code  # type: ignore[union-attr]
    with app.app_context():
        data = operations.pdf(db.session.query(Letter).one())
    same, other = tmp_path / "issued.pdf", tmp_path / "changed.pdf"
    same.write_bytes(data)
    other.write_bytes(data[:-2] + b"!\n")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/letters/{code}", same, other
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def test_comparing(browser: Browser, served: tuple[str, Path, Path]) -> None:
    address, same, other = served
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}, bypass_csp=True)
    page, posted = context.new_page(), []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto(address)
    alike, unlike = page.locator("[data-same]"), page.locator("[data-different]")
    assert not alike.is_visible()
    assert not unlike.is_visible()
    for file, shown, hidden in ((same, alike, unlike), (other, unlike, alike)):
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name="比对").press("Enter")
        shown.wait_for()
        assert not hidden.is_visible()
    assert posted == [], "the file stays in the browser"
    page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    faults = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
    assert faults == []
    context.close()

    plain = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = plain.new_page()
    for file, shown in ((same, "文件一样"), (other, "文件不一样")):
        page.goto(address)
        page.set_input_files("input[type=file]", file)
        page.get_by_role("button", name="比对").click()
        answer = page.get_by_text(shown, exact=True)  # a page of its own, which a click does not wait for
        expect(answer).to_be_visible(timeout=30_000)
    plain.close()
