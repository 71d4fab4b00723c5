"""Pages kept in each worker's memory and given in front of Flask's request handling.

A view that renders a public page says :func:`keep`; the next request for the same address and variant is answered
from a dictionary, with its scan counted. The change feed drops a page within a poll of the change; while the
feed cannot be read, nothing is given from memory. What a kept page shows must depend on nothing but its address,
the view cookies and the feed.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request

from webapp.core import clock

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
KEEP = "ydym.keep"
PREFIXES = ("/c/", "/s/")


@dataclass(frozen=True)
class Keep:
    """A view's word that its answer may be kept."""

    shop_id: int
    seq: int  # newest change known before the page's facts were read
    expires_at: datetime
    scan: tuple[int, int] | None  # (shop_id, serial) counted for each showing


@dataclass(frozen=True)
class Page:
    """A kept answer, plain and gzipped, with its headers ready."""

    shop_id: int
    seq: int
    until: float  # clock.now() timestamp
    scan: tuple[int, int] | None
    etag: str
    plain: tuple[bytes, list[tuple[str, str]]]
    packed: tuple[bytes, list[tuple[str, str]]]
    unchanged: list[tuple[str, str]]


def keep(*, shop_id: int, seq: int, expires_at: datetime, scan: tuple[int, int] | None = None) -> None:
    """Called by a view: the answer to this request may be kept until the shop changes or `expires_at`."""
    request.environ[KEEP] = Keep(shop_id, seq, expires_at, scan)


class FrontCache:
    """The WSGI middleware. `fresh` tells whether the feed is being followed; `count` takes a scan."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        fresh: Callable[[], bool],
        limit: int,
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._app, self._fresh, self._limit, self._begin = app, fresh, limit, begin
        self._pages: OrderedDict[tuple[str, str], Page] = OrderedDict()
        self._by_shop: dict[int, set[tuple[str, str]]] = {}
        self._changed: dict[int, int] = {}
        self._all_changed = 0
        self._lock = threading.Lock()
        self.scans: Counter[tuple[int, int]] = Counter()
        self.hits = 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        page = self._pages.get(key)
        if page is not None and self._fresh() and page.until > _timestamp():
            return self._give(page, environ, start_response)
        return self._render(key, environ, start_response)

    def _give(self, page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.hits += 1
        if page.scan is not None:
            self.scans[page.scan] += 1
        if environ.get("HTTP_IF_NONE_MATCH") == page.etag:
            start_response("304 NOT MODIFIED", page.unchanged)
            return (b"",)
        body, headers = page.packed if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else page.plain
        start_response("200 OK", headers)
        return (b"",) if environ["REQUEST_METHOD"] == "HEAD" else (body,)

    def _render(self, key: tuple[str, str], environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "HEAD":  # render whole, so that what is kept has a body
            environ["REQUEST_METHOD"] = "GET"
        self._begin()  # a worker begins to follow the feed at its first page, which is after the server's fork
        answer: list[tuple[str, list[tuple[str, str]]]] = []

        def capture(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answer[:] = [(status, headers)]
            return lambda _data: None

        chunks = self._app(environ, capture)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        environ["REQUEST_METHOD"] = method
        status, headers = answer[0]
        wish: Keep | None = environ.get(KEEP)
        if wish is None or not status.startswith("200"):
            start_response(status, headers)
            return (b"",) if method == "HEAD" else (body,)
        page = _page(wish, headers, body)
        self._store(key, page)
        return self._give(page, environ, start_response)

    def _store(self, key: tuple[str, str], page: Page) -> None:
        with self._lock:
            if max(self._changed.get(page.shop_id, 0), self._all_changed) > page.seq:
                return  # changed while it was being rendered
            self._pages[key] = page
            self._by_shop.setdefault(page.shop_id, set()).add(key)
            while len(self._pages) > self._limit:
                old, gone = self._pages.popitem(last=False)
                self._by_shop.get(gone.shop_id, set()).discard(old)

    def changed(self, seq: int, shop_id: int | None) -> None:
        """A feed listener: forget the shop's pages (all pages for None)."""
        with self._lock:
            if shop_id is None:
                self._all_changed = seq
                self._pages.clear()
                self._by_shop.clear()
                return
            self._changed[shop_id] = seq
            for key in self._by_shop.pop(shop_id, ()):
                self._pages.pop(key, None)
            if len(self._changed) > 100_000:
                self._all_changed = seq
                self._changed.clear()

    def take_scans(self) -> Counter[tuple[int, int]]:
        """The scans counted since the last call, taken away."""
        taken, self.scans = self.scans, Counter()
        return taken

    def __len__(self) -> int:
        return len(self._pages)


def _key(environ: Environ) -> tuple[str, str] | None:
    """(path, view cookies) for a request that may be answered from memory, else None."""
    path: str = environ["PATH_INFO"]
    if not path.startswith(PREFIXES) or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
        return None
    accept = environ.get("HTTP_ACCEPT", "*/*")
    if "text/html" not in accept and "*/*" not in accept:
        return None
    cookie = environ.get("HTTP_COOKIE", "")
    return path, _view_cookies(cookie) if "ydym_" in cookie else ""


def _view_cookies(cookie: str) -> str:
    parts = sorted(part.strip() for part in cookie.split(";"))
    return ";".join(part for part in parts if part.startswith(("ydym_view=", "ydym_theme=")) and len(part) < 40)


def _timestamp() -> float:
    return clock.now().timestamp()


def _page(wish: Keep, headers: list[tuple[str, str]], body: bytes) -> Page:
    packed = gzip.compress(body, 6, mtime=0)
    etag = '"' + hashlib.sha256(body).hexdigest()[:20] + '"'
    dropped = {"content-length", "etag", "vary", "set-cookie", "cache-control"}
    base = [(name, value) for name, value in headers if name.lower() not in dropped]
    base += [("ETag", etag), ("Vary", "Accept, Accept-Encoding, Cookie"), ("Cache-Control", "no-cache")]
    return Page(
        wish.shop_id,
        wish.seq,
        wish.expires_at.timestamp(),
        wish.scan,
        etag,
        (body, [*base, ("Content-Length", str(len(body)))]),
        (packed, [*base, ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]),
        [(name, value) for name, value in base if name.lower() != "content-type"],
    )
