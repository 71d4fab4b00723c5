"""Chromium for journeys: what a page may not do, and how axe looks at it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Route

from .databases import ROOT

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: axe rules of the levels that the pages promise (WCAG 2.2 A and AA) and its own best practices.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Problems:
    """What went wrong in the pages of a test. Whatever is not allowed beforehand fails the test at its end.

    `friends`: other origins that pages may lead to.
    """

    origin: str
    friends: tuple[str, ...] = ()
    found: list[str] = field(default_factory=list)
    _allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect a problem: Chromium reports an answer of 404 as a console error, say (``"status of 404"``)."""
        self._allowed.append(re.compile(pattern))

    def left(self) -> list[str]:
        """Problems that nobody allowed."""
        return [text for text in self.found if not any(pattern.search(text) for pattern in self._allowed)]

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of the context and let no request leave for another host."""
        context.on("page", self._watch_page)
        context.route(lambda address: not self._is_ours(address), self._refuse)

    def _watch_page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.found.append(f"script error on {page.url}: {error}"))
        page.on("console", self._console)
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.found.append(f"console {message.type} at {where}: {message.text}")

    def _failed(self, request: Request) -> None:
        # Leaving a page ends what it still loads; that is no fault.
        if request.failure not in {"net::ERR_ABORTED", None}:
            self.found.append(f"request failed: {request.url}: {request.failure}")

    def _is_ours(self, address: str) -> bool:
        parts = urlsplit(address)
        if parts.scheme in {"data", "blob", "about"}:
            return True
        return f"{parts.scheme}://{parts.netloc}" in {self.origin, *self.friends}

    def _refuse(self, route: Route) -> None:
        self.found.append(f"request to another host: {route.request.url}")
        route.abort()


@cache
def _axe_source() -> str:
    return Path(AXE).read_text(encoding="utf-8")


def axe_violations(page: Page, *, within: str = "", without: tuple[str, ...] = ()) -> list[str]:
    """Run axe-core in the page; one readable line for each violating element.

    The script comes in by the debugger, so the page's own content security policy stays in force. `within` is a CSS
    selector to look at alone; `without` names axe rules to leave out (say why where it is used).
    """
    session = page.context.new_cdp_session(page)
    try:
        _evaluate(session, _axe_source())
        options = {
            "runOnly": {"type": "tag", "values": AXE_TAGS},
            "rules": {rule: {"enabled": False} for rule in without},
            "resultTypes": ["violations"],
        }
        target = json.dumps(within) if within else "document"
        answer = _evaluate(
            session, f"axe.run({target}, {json.dumps(options)}).then(r => JSON.stringify(r.violations))"
        )
    finally:
        session.detach()
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:160]} — {violation['help']}"
        for violation in json.loads(answer)
        for node in violation["nodes"]
    ]


def _evaluate(session: Any, expression: str) -> Any:
    answer = session.send(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    if "exceptionDetails" in answer:
        raise RuntimeError(f"axe did not run: {answer['exceptionDetails']}")
    return answer["result"].get("value")
