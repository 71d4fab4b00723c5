"""Pages kept in each worker's memory and given in front of Flask's request handling.

A view that renders a public page says :func:`keep`; the next request for the same path and view (长辈版, theme) is
answered from a dictionary, with its scan counted. The change feed drops a page within a poll of the change;
while the feed cannot be read, nothing that hangs on it is given from memory. What a kept page shows must depend on
nothing but its path, :func:`view_of` and the feed: no session, no query string, no greeting.

A page that is not in memory is asked of a supplier (see :meth:`FrontCache.supply`) before the framework is.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import request

from webapp.core import clock

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]
Key = tuple[str, str]
Scan = tuple[int, int]
KEEP = "ydym.keep"
PREFIXES = ("/c/", "/s/")
#: Memory for pages in one worker, bytes, whatever the number of entries.
MAX_BYTES = 64 * 1024 * 1024
#: Shops whose last change is remembered, so that a page rendered meanwhile is not kept.
MAX_CHANGED = 100_000
#: What an entry costs besides its bodies: headers, keys, sets.
OVERHEAD = 2048


@dataclass(frozen=True)
class Keep:
    """A view's word that its answer may be kept. `name` set: for every address that the supplier gives this name."""

    shop_id: int
    seq: int
    expires_at: datetime
    scan: Scan | None
    name: str | None = None
    etag: str | None = None


def keep(
    *, shop_id: int, seq: int, expires_at: datetime, scan: Scan | None = None, etag: str | None = None
) -> None:
    """Called by a view: the answer to this request may be kept until the shop changes or `expires_at`.

    `seq` is the newest change known before the page's facts were read; `scan` (shop, serial) is counted each time
    that the page is shown. Without `etag` the body's hash is the tag.
    """
    request.environ[KEEP] = Keep(shop_id, seq, expires_at, scan, None, etag)


def keep_for_all(name: str, *, expires_at: datetime) -> None:
    """Called by a view: this answer (of any status) is the same for every address that the supplier calls `name`.

    It may hang on nothing in the database: it is given also while the feed cannot be read.
    """
    request.environ[KEEP] = Keep(0, 0, expires_at, None, name)


class Page:
    """A kept answer: its gzipped body, the plain one once somebody asked for it, its headers ready to send.

    `shop_id` 0: hangs on no shop. `until` is a ``clock.now()`` timestamp. `touched` gives it a second chance when room
    is needed (a plain flag, so that a hit needs no lock).
    """

    __slots__ = (
        "etag", "headers", "packed", "packed_headers", "plain", "plain_headers", "scan", "seq", "shop_id", "status",
        "touched", "unchanged", "until",
    )  # fmt: skip

    def __init__(
        self,
        packed: bytes,
        headers: Headers,
        *,
        shop_id: int,
        seq: int,
        until: float,
        scan: Scan | None = None,
        status: str = "200 OK",
        etag: str,
        plain: bytes | None = None,
    ) -> None:
        """`packed` is gzip; `headers` are those of the answer without length, coding and validators."""
        self.shop_id, self.seq, self.until, self.scan, self.status = shop_id, seq, until, scan, status
        self.packed, self.plain, self.touched = packed, plain, False
        # One tag for both codings, so it must be weak (RFC 9110, 8.8.1).
        self.etag = f'W/"{etag}"'
        self.headers = [
            *headers,
            ("ETag", self.etag),
            ("Vary", "Accept, Accept-Encoding, Cookie"),
            ("Cache-Control", "no-cache"),
        ]
        self.packed_headers = [
            *self.headers,
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(packed))),
        ]
        self.plain_headers: Headers = []
        self.unchanged = [pair for pair in self.headers if pair[0].lower() != "content-type"]

    def unpack(self) -> bytes:
        """The plain body; kept from then on. Two threads at once do the same work twice, no more."""
        plain = self.plain if self.plain is not None else gzip.decompress(self.packed)
        self.plain_headers = [*self.headers, ("Content-Length", str(len(plain)))]
        self.plain = plain
        return plain

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return len(self.packed) + len(self.plain or b"") + OVERHEAD


#: Asked for a path and view that is not in memory: a page, the name of an answer that many addresses share, or None.
Supplier = Callable[[str, str], "Page | str | None"]


class FrontCache:
    """The WSGI middleware. `fresh` tells whether the feed is being followed; `begin` is called before the first page
    (a worker begins to follow the feed after the server's fork).
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        fresh: Callable[[], bool],
        limit: int,
        begin: Callable[[], None] = lambda: None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._app, self._fresh, self._limit, self._max_bytes = app, fresh, limit, max_bytes
        self._begin, self._begun = begin, False
        self._supplier: Supplier | None = None
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._bytes = 0
        self._by_shop: dict[int, set[Key]] = {}
        self._changed: dict[int, int] = {}
        self._generation = 0
        self._lock = threading.Lock()
        # Appending is atomic: counting scans needs no lock, at which a worker's threads would wait for each other.
        self._shown: deque[Scan] = deque()
        self._put_back: Counter[Scan] = Counter()
        self._hits = self._misses = 0  # for the metrics; two threads at once may count one

    def supply(self, supplier: Supplier) -> None:
        """Ask `supplier` for pages that are not in memory. It runs outside any Flask context and must not raise."""
        self._supplier = supplier

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        page = self._find(key)
        if page is not None:
            return self._give(page, environ, start_response, hit=True)
        if not self._begun:
            self._begin()
            self._begun = True
        generation = self._generation
        found = None if self._supplier is None else self._supplier(*key)
        if isinstance(found, str):
            page = self._find((found, key[1]))
            if page is not None:
                return self._give(page, environ, start_response, hit=True)
        elif found is not None:
            self._store(key, found, generation)
            return self._give(found, environ, start_response)
        return self._render(key, environ, start_response)

    def _find(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        if page is None or page.until <= clock.now().timestamp() or (page.shop_id and not self._fresh()):
            return None
        page.touched = True
        return page

    def _give(
        self, page: Page, environ: Environ, start_response: StartResponse, *, hit: bool = False
    ) -> Iterable[bytes]:
        head = environ["REQUEST_METHOD"] == "HEAD"
        if hit:
            self._hits += 1
        else:
            self._misses += 1
        if page.scan is not None and not head:
            self._shown.append(page.scan)
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None and page.status.startswith("200") and _matches(wanted, page.etag):
            start_response("304 NOT MODIFIED", list(page.unchanged))
            return (b"",)
        if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body, headers = page.packed, page.packed_headers
        else:
            body = page.plain if page.plain_headers and page.plain is not None else page.unpack()
            headers = page.plain_headers
        start_response(page.status, list(headers))
        return (b"",) if head else (body,)

    def _render(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        generation, method = self._generation, environ["REQUEST_METHOD"]
        environ["REQUEST_METHOD"] = "GET"  # also for HEAD, so that what is kept has a body
        status, headers, body = _capture(self._app, environ)
        environ["REQUEST_METHOD"] = method
        wish: Keep | None = environ.get(KEEP)
        page = None if wish is None else _page(wish, status, headers, body)
        if wish is None or page is None:
            start_response(status, headers)
            return (b"",) if method == "HEAD" else (body,)
        self._store(key if wish.name is None else (wish.name, key[1]), page, generation)
        return self._give(page, environ, start_response)

    def _store(self, key: Key, page: Page, generation: int) -> None:
        with self._lock:
            if generation != self._generation or self._changed.get(page.shop_id, -1) > page.seq:
                return  # changed while it was being made
            self._forget(key)
            self._pages[key], self._sizes[key] = page, page.size
            self._bytes += page.size
            self._by_shop.setdefault(page.shop_id, set()).add(key)
            while len(self._pages) > self._limit or self._bytes > self._max_bytes:
                old, candidate = next(iter(self._pages.items()))
                if candidate.touched:  # asked for since it was last looked at: to the end of the queue
                    candidate.touched = False
                    self._pages.move_to_end(old)
                    self._bytes += candidate.size - self._sizes[old]  # its plain body may have come since
                    self._sizes[old] = candidate.size
                    continue
                self._forget(old)

    def _forget(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is None:
            return
        self._bytes -= self._sizes.pop(key)
        keys = self._by_shop.get(page.shop_id)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self._by_shop[page.shop_id]

    def changed(self, seq: int, shop_id: int | None) -> None:
        """A feed listener: forget the shop's pages; for None all pages, also those being made just now."""
        with self._lock:
            if shop_id is None or len(self._changed) >= MAX_CHANGED:
                self._generation += 1
                self._changed.clear()
            if shop_id is None:
                self._pages.clear()
                self._sizes.clear()
                self._by_shop.clear()
                self._bytes = 0
                return
            self._changed[shop_id] = seq
            for key in list(self._by_shop.get(shop_id, ())):
                self._forget(key)

    def take_scans(self) -> Counter[Scan]:
        """The scans counted since the last call, by (shop, serial), taken away."""
        with self._lock:
            taken, self._put_back = self._put_back, Counter()
        for _ in range(len(self._shown)):  # no more than are there now: more come meanwhile
            taken[self._shown.popleft()] += 1
        return taken

    def put_back_scans(self, scans: Counter[Scan]) -> None:
        """Return what could not be written down."""
        with self._lock:
            self._put_back.update(scans)

    def stats(self) -> dict[str, int]:
        """For the metrics: `hits` from memory, `misses`, `entries` and `bytes` now."""
        return {"hits": self._hits, "misses": self._misses, "entries": len(self._pages), "bytes": self._bytes}

    @property
    def hits(self) -> int:
        """Answers given from memory since the start."""
        return self._hits

    def __len__(self) -> int:
        return len(self._pages)


def _capture(app: Callable[..., Iterable[bytes]], environ: Environ) -> tuple[str, Headers, bytes]:
    """Run the application and hold its whole answer."""
    answer: list[tuple[str, Headers]] = []
    written: list[bytes] = []

    def start(status: str, headers: Headers, _exc_info: Any = None) -> Callable[[bytes], None]:
        answer[:] = [(status, headers)]
        return written.append

    chunks = app(environ, start)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = answer[0]
    return status, headers, b"".join(written)


def _page(wish: Keep, status: str, headers: Headers, body: bytes) -> Page | None:
    """The page to keep, or None for an answer that is one visitor's own or went wrong."""
    names = {name.lower() for name, _ in headers}
    if "set-cookie" in names or not (status.startswith("200") or wish.name is not None):
        return None
    dropped = {"content-length", "etag", "vary", "cache-control"}
    return Page(
        gzip.compress(body, 6, mtime=0),
        [(name, value) for name, value in headers if name.lower() not in dropped],
        shop_id=wish.shop_id,
        seq=wish.seq,
        until=wish.expires_at.timestamp(),
        scan=wish.scan,
        status=status,
        etag=wish.etag or hashlib.sha256(body).hexdigest()[:20],
        plain=body,
    )


def _key(environ: Environ) -> Key | None:
    """(path, view) for a request that may be answered from memory, else None."""
    path: str = environ["PATH_INFO"]
    if not path.startswith(PREFIXES) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    accept = environ.get("HTTP_ACCEPT", "*/*")
    if "json" in accept or ("text/html" not in accept and "*/*" not in accept):
        return None  # the view negotiates
    return path, view_of(environ)


def view_of(environ: Environ) -> str:
    """How this visitor sees public pages, out of the view cookies: "", "elder", "dark", "elder.light", ….

    Views of kept pages must use this and not the cookies themselves: the two readings could differ, and then one
    visitor's oddly written cookie would decide how everybody sees the page.
    """
    cookie = environ.get("HTTP_COOKIE", "")
    if "ydym_" not in cookie:
        return ""
    parts = {part.strip() for part in cookie.split(";")}
    view = ["elder"] if "ydym_view=elder" in parts else []
    view += [theme for theme in ("light", "dark") if f"ydym_theme={theme}" in parts][:1]
    return ".".join(view)


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Does an Accept-Encoding `header` let us send gzip (RFC 9110, 12.5.3)? `*` counts, ``q=0`` refuses."""
    quality: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, rest = part.strip().partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.[0-9]{0,3})?)\s*", rest)
        quality[name.strip()] = float(match[1]) if match else 1.0
    return quality.get("gzip", quality.get("*", 0.0)) > 0


def _matches(wanted: str, etag: str) -> bool:
    """If-None-Match by weak comparison (RFC 9110, 13.1.2): a list, or ``*``."""
    bare = etag.removeprefix("W/")
    return wanted.strip() == "*" or bare in {part.strip().removeprefix("W/") for part in wanted.split(",")}
