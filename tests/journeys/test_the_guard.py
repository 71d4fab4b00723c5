"""The guard itself: a journey fails when a page misbehaves, so a passing one means something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import Problems, axe_violations

STRICT = "default-src 'none'; script-src 'self'; img-src 'self'"
PAGES = {
    "/good": "<h1>好</h1><p>没有问题。</p>",
    "/inline": "<h1>好</h1><script>document.title = 'x'</script>",
    "/throws": "<h1>好</h1><script src='/throws.js'></script>",
    "/outside": "<h1>好</h1><script src='/outside.js'></script>",
    "/unnamed": "<h1>好</h1><input type='text'><img src='/missing.png'>",
}
SCRIPTS = {
    "/throws.js": "throw new Error('on purpose');",
    "/outside.js": "document.createElement('img').src = 'http://127.0.0.2:9/pixel.png';",
}


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, body, status = "text/html; charset=utf-8", PAGES.get(self.path, ""), 200
        if self.path in SCRIPTS:
            kind, body = "text/javascript", SCRIPTS[self.path]
        elif body:
            body = f"<!doctype html><html lang='zh-CN'><title>页</title><main>{body}</main></html>"
        else:
            status = 404
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        policy = STRICT.replace("img-src 'self'", "img-src *") if self.path == "/outside" else STRICT
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def guarded(browser: Browser, origin: str) -> Iterator[tuple[Page, Problems]]:
    problems = Problems(origin)
    context = browser.new_context(base_url=origin, locale="zh-CN")
    problems.watch(context)
    yield context.new_page(), problems
    context.close()


def test_a_good_page_has_no_problem(guarded: tuple[Page, Problems]) -> None:
    page, problems = guarded
    page.goto("/good")
    assert axe_violations(page) == []
    assert problems.left() == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/inline", "Content Security Policy"),
        ("/throws", "on purpose"),
        ("/outside", "request to another host: http://127.0.0.2:9/pixel.png"),
        ("/unnamed", "status of 404"),
    ],
)
def test_a_bad_page_is_noticed(guarded: tuple[Page, Problems], address: str, said: str) -> None:
    page, problems = guarded
    page.goto(address, wait_until="networkidle")
    assert any(said in text for text in problems.left()), problems.found
    problems.allow(".")
    assert problems.left() == []


def test_axe_sees_a_field_without_a_name_under_a_strict_policy(guarded: tuple[Page, Problems]) -> None:
    page, _ = guarded
    page.goto("/unnamed")
    rules = {line.split(" ")[0] for line in axe_violations(page)}
    assert {"label", "image-alt"} <= rules
