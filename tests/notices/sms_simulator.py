"""An SMS gateway for tests: a real HTTP server on a port of its own that does what it is told.

It keeps what it delivered by idempotency key, as a real one does: the same key twice is one message.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "a token for tests"


@dataclass
class Simulator:
    """`answers`: statuses to give before anything else; "drop" delivers and closes without an answer."""

    url: str = ""
    answers: list[int | str] = field(default_factory=list)
    delivered: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def texts(self) -> list[str]:
        """The delivered texts, in order."""
        return [message["text"] for message in self.delivered.values()]


@contextlib.contextmanager
def running() -> Iterator[Simulator]:
    """Run the gateway; yield it."""
    state, lock = Simulator(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                state.requests.append(body)
                answer = state.answers.pop(0) if state.answers else 200
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    answer = 401
                if self.headers["Idempotency-Key"] != body["idempotency_key"]:
                    answer = 400
                if answer in {200, 202, "drop"}:
                    state.delivered.setdefault(body["idempotency_key"], body)
            if answer == "drop":
                self.close_connection = True
                return
            self.send_response(int(answer))
            if answer in {301, 302, 307}:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/messages"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
