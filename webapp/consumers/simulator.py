"""A WeChat to try against, over real HTTP: its page that asks who somebody is, and its token endpoint with its manners.

Only for demonstrations and tests: it believes whoever chooses a name.
"""

from __future__ import annotations

import html
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

APP_ID: Final = "wxydymdemo00000001"
APP_SECRET: Final = "demo-secret-of-the-simulator"  # noqa: S105 - it protects nothing
AUTHORIZE: Final = "/connect/oauth2/authorize"
TOKEN: Final = "/sns/oauth2/access_token"  # noqa: S105 - a path
PEOPLE: Final = {"oDemoLi": "Li", "oDemoWang": "Wang"}


class Simulator:
    """Codes given and not yet used, and what the token endpoint was asked. `broken`: what it says to all."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.used: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self.broken = ""

    def give(self, openid: str) -> str:
        """A code that vouches for `openid` once."""
        code = secrets.token_hex(16)
        self.codes[code] = openid
        return code

    def answer(self, asked: dict[str, str]) -> dict[str, Any]:
        """What the token endpoint says."""
        self.asked.append(asked)
        if asked.get("appid") != APP_ID:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if asked.get("secret") != APP_SECRET:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        code = asked.get("code", "")
        if asked.get("grant_type") != "authorization_code" or not code:
            return {"errcode": 41008, "errmsg": "missing code"}
        if code in self.used:
            return {"errcode": 40163, "errmsg": "code been used"}
        openid = self.codes.pop(code, None)
        if openid is None:
            return {"errcode": 40029, "errmsg": "invalid code"}
        self.used.add(code)
        return {
            "access_token": secrets.token_hex(20),
            "expires_in": 7200,
            "refresh_token": secrets.token_hex(20),
            "openid": openid,
            "scope": "snsapi_base",
        }


def page(simulator: Simulator, asked: dict[str, str]) -> str:
    """Who are you? Each name is a link back with a code (WeChat itself asks nothing with ``snsapi_base``)."""
    links = "".join(
        f'<p><a style="font-size:24px" href="{html.escape(back)}">{html.escape(name)}</a></p>'
        for openid, name in PEOPLE.items()
        for back in [
            f"{asked['redirect_uri']}?{urlencode({'code': simulator.give(openid), 'state': asked['state']})}"
        ]
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>WeChat simulator</title><h1>WeChat simulator</h1>{links}</html>"
    )


def _handler(simulator: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if simulator.broken:
                self._say(502, "text/plain", simulator.broken)
            elif parts.path == TOKEN:
                # WeChat calls its JSON text/plain.
                self._say(200, "text/plain", json.dumps(simulator.answer(asked)))
            elif (
                parts.path == AUTHORIZE
                and asked.get("appid") == APP_ID
                and {"redirect_uri", "state"} <= asked.keys()
            ):
                self._say(200, "text/html; charset=utf-8", page(simulator, asked))
            else:
                self._say(400, "text/plain", "wrong parameters")

        def _say(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Say nothing: addresses hold codes."""

    return Handler


@contextmanager
def serve(simulator: Simulator, port: int = 0) -> Iterator[str]:
    """Serve at 127.0.0.1 (`port` 0: any free one); yields the address. Ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(simulator))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
