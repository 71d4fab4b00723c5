"""Pages that were answered already, served to a browser from memory: the file folder is real, nothing else is asked.

A browser that looks at hundreds of pages has its style sheets from its own cache then, and no page waits for another.
"""

from __future__ import annotations

import mimetypes
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from .browser import AXE
from .databases import ROOT

#: Where the page finds axe: its own policy allows scripts of its own host.
AXE_PATH = "/static/axe.min.js"


@dataclass
class Shown:
    """A host at `url` with `documents` by path; the rest is static files or a 404."""

    url: str = ""
    documents: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, path: str, html: str, policy: str = "") -> str:
        """Keep a document, with axe in it and without looking again by itself; returns its address."""
        html = re.sub(r' data-seconds="\d+"', ' data-seconds="86400"', html)
        html = html.replace("</body>", f'<script src="{AXE_PATH}"></script></body>')
        self.documents[path] = html.encode(), policy
        return f"{self.url}{path}"

    def put_sheet(self, path: str, css: str) -> None:
        """Keep a style sheet that is made and lies in no folder."""
        self.documents[path] = css.encode(), ""


class Server(ThreadingHTTPServer):
    """A browser that leaves a page hangs up on what it still loads: that is no fault."""

    daemon_threads = True

    def handle_error(self, _request: object, _address: object) -> None:
        """Say nothing; what a page lacks is seen in the page."""


@contextmanager
def shown() -> Iterator[Shown]:
    """A host of pages for as long as the block lasts."""
    pages = Shown()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if self.path in pages.documents:
                data, policy = pages.documents[self.path]
                kind = "text/css" if path.endswith(".css") else "text/html"
                return self._answer(200, data, f"{kind}; charset=utf-8", policy=policy)
            file = AXE if path == AXE_PATH else (ROOT / path.lstrip("/")).resolve()
            if path.startswith("/static/") and Path(file).is_file() and ROOT in Path(file).parents:
                kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
                return self._answer(200, Path(file).read_bytes(), kind, keep=True)
            return self._answer(404, b"", "text/plain")

        def _answer(
            self, status: int, data: bytes, kind: str, *, policy: str = "", keep: bool = False
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.send_header("Cache-Control", "max-age=600" if keep else "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    server = Server(("127.0.0.1", 0), Handler)
    pages.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
