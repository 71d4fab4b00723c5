"""A register service to try against: tokens, pages, changes since, and failures on demand, over real HTTP.

Used by the tests and, in development, beside the demo city; never in production. The service's interface is
docs/register-service.md.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

CLIENT, SECRET = "yidianyima", "demo-secret-of-the-simulator"


@dataclass
class Register:
    """What the service knows. A record's place in `log` (from 1) is when it changed; `broken` is answered first.

    `broken`: status codes, or words: ``garbage`` (no JSON), ``expired`` (401, and the token is gone).
    """

    log: list[Mapping[str, Any]] = field(default_factory=list)
    broken: deque[int | str] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    page_size: int = 1000
    #: Changes before the first of `log`: a service that starts anew goes on from the mark that it is asked for.
    forgotten: int = 0
    #: Before every answer to a question for changes, for a demo that has something new each time.
    before: Any = None

    def tell(self, *records: Mapping[str, Any]) -> None:
        """These records have changed."""
        self.log.extend(records)

    def answer(self, since: str, cursor: str, limit: int) -> dict[str, Any]:
        """The page at `cursor`: the newest version of what changed after `since`, as things stood at the first page."""
        start, end = max(0, int(since or 0) - self.forgotten), len(self.log)
        if cursor:
            offset, end = (int(part) for part in cursor.split("-"))
        else:
            offset = 0
        newest = {record["uscc"]: record for record in self.log[start:end]}
        rows = list(newest.values())
        after = offset + min(limit, self.page_size)
        more = f"{after}-{end}" if after < len(rows) else None
        return {"items": rows[offset:after], "next": more, "until": str(self.forgotten + end)}


def create_app(register: Register, client: str = CLIENT, secret: str = SECRET) -> Flask:
    """The service as a small application of its own: ``POST /token`` and ``GET /changes``."""
    app = Flask("register_simulator", static_folder=None)
    known = "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()

    @app.post("/token")
    def token() -> Any:
        if not secrets.compare_digest(request.headers.get("Authorization", ""), known):
            return jsonify(error="invalid_client"), 401
        if request.form.get("grant_type") != "client_credentials":
            return jsonify(error="unsupported_grant_type"), 400
        fresh = secrets.token_urlsafe(24)
        register.tokens.add(fresh)
        return jsonify(access_token=fresh, token_type="Bearer", expires_in=600)  # noqa: S106 - its kind

    @app.get("/changes")
    def changes() -> Any:
        register.asked.append(urlencode(sorted(request.args.items())))
        if register.broken:
            return _broken(register, register.broken.popleft())
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in register.tokens:
            return jsonify(error="invalid_token"), 401
        since, cursor = request.args.get("since", ""), request.args.get("cursor", "")
        if not register.log:
            register.forgotten = int(since or 0)
        if register.before is not None and not cursor:
            register.before(since)
        return jsonify(register.answer(since, cursor, request.args.get("limit", 100, int)))

    return app


def _broken(register: Register, how: int | str) -> Response:
    if how == "garbage":
        return Response("<html>maintenance</html>", 200)
    if how == "expired":
        register.tokens.clear()
        return Response("", 401)
    return Response("", int(how), {"Retry-After": "1"} if how in {429, 503} else {})


@contextmanager
def serve(register: Register, port: int = 0) -> Iterator[str]:
    """Serve `register` on loopback in a thread; gives its address, without a slash at the end."""
    server = make_server("127.0.0.1", port, create_app(register), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def invent(records: Sequence[Mapping[str, Any]], day: str, turn: int) -> list[dict[str, Any]]:
    """A handful of changes of `records` as of `day`, others each `turn`: one of each kind, for a demo."""
    changes: list[dict[str, Any]] = [
        {"name": "新"},
        {"registered_address": "保定市莲池区东风中路1588号"},
        {"legal_representative": "赵新民"},
        {"abnormal": True, "abnormal_ground": "通过登记的住所或者经营场所无法联系", "abnormal_on": day},
        {"status": "注销"},
        {"serious_violation": True},
    ]
    found = []
    for place, change in enumerate(changes):
        if not records:
            break
        record = dict(records[(turn * len(changes) + place) % len(records)])
        renamed = {"name": f"新{record['name']}"[:60]} if "name" in change else {}
        found.append({**record, **change, **renamed, "as_of": day})
    return found
