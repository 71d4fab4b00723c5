"""Pages kept in each worker's memory and given in front of Flask's request handling.

A view that renders a public page says :func:`kept.keep`; the next request for the same path and view (长辈版, theme) is
answered from a dictionary, with its scan counted. The change feed drops a page within a poll of the change;
while the feed cannot be read, nothing that hangs on it is given from memory.

A page that is not in memory is asked of a supplier (see :meth:`FrontCache.supply`) before the framework is.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

from webapp.core import clock

from .kept import CITY, KEEP, Headers, Keep, Page, Scan, page_of
from .negotiation import Environ, Key, accepts_gzip, is_visit, key_of, unchanged

log = logging.getLogger("webapp.frontcache")

StartResponse = Callable[..., Any]
#: Memory for pages in one worker, bytes, whatever the number of entries.
MAX_BYTES = 64 * 1024 * 1024
#: Shops whose last change is remembered, so that a page rendered meanwhile is not kept.
MAX_CHANGED = 100_000
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
        self._begin, self._begun, self._beginning = begin, False, threading.Lock()
        self._supplier: Supplier | None = None
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._by_shop: dict[int, set[Key]] = {}
        self._changed: dict[int, int] = {}
        self._generation = 0
        self._lock = threading.Lock()
        # Appending is atomic: counting scans needs no lock, at which a worker's threads would wait for each other.
        self._shown: deque[Scan] = deque()
        self._hits = self._misses = 0  # for the metrics; two threads at once may count one

    def supply(self, supplier: Supplier) -> None:
        """Ask `supplier` for pages that are not in memory. It runs outside any Flask context."""
        self._supplier = supplier

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None:
            return self._app(environ, start_response)
        page = self._find(key)
        if page is not None:
            return self._give(page, environ, start_response, hit=True)
        if not self._begun:
            self._begin_once()
        generation = self._generation
        found = self._supplied(key)
        if isinstance(found, str):
            page = self._find((found, key[1]))
            if page is not None:
                return self._give(page, environ, start_response, hit=True)
        elif found is not None:
            self._store(key, found, generation)
            return self._give(found, environ, start_response)
        return self._render(key, environ, start_response)

    def _begin_once(self) -> None:
        """Whoever comes first begins; the others go on without waiting."""
        if not self._beginning.acquire(blocking=False):
            return
        try:
            if not self._begun:
                self._begin()
                self._begun = True
        finally:
            self._beginning.release()

    def _find(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        if page is None or page.until <= clock.timestamp() or (page.shop_id and not self._fresh()):
            return None
        page.touched = True
        return page

    def _supplied(self, key: Key) -> Page | str | None:
        """What the supplier has. If it fails, the framework answers: it has pages for errors."""
        if self._supplier is None:
            return None
        try:
            return self._supplier(*key)
        except Exception:
            log.exception("the supplier of pages failed")
            return None

    def _give(
        self, page: Page, environ: Environ, start_response: StartResponse, *, hit: bool = False
    ) -> Iterable[bytes]:
        head = environ["REQUEST_METHOD"] == "HEAD"
        if hit:
            self._hits += 1
        else:
            self._misses += 1
        if page.scan is not None and not head and is_visit(environ):
            self._shown.append(page.scan)
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        if wanted is not None and page.status.startswith("200") and unchanged(wanted, page.etag):
            start_response("304 NOT MODIFIED", page.unchanged_headers())
            return [b""]
        if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body, headers = page.packed, page.packed_headers
        else:
            body = page.plain if page.plain_headers and page.plain is not None else self._unpack(page)
            headers = page.plain_headers
        start_response(page.status, list(headers))
        return [b""] if head else [body]

    def _render(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        generation, method = self._generation, environ["REQUEST_METHOD"]
        environ["REQUEST_METHOD"] = "GET"  # also for HEAD, so that what is kept has a body
        status, headers, body = _capture(self._app, environ)
        environ["REQUEST_METHOD"] = method
        wish: Keep | None = environ.get(KEEP)
        page = None if wish is None else page_of(wish, status, headers, body)
        if wish is not None and page is not None:
            self._store(key if wish.name is None else (wish.name, key[1]), page, generation)
            return self._give(page, environ, start_response)
        start_response(status, headers)
        if method == "HEAD":
            return [b""]
        if wish is not None and wish.scan is not None and status.startswith("200") and is_visit(environ):
            self._shown.append(wish.scan)  # shown, though it is one visitor's own
        return [body]

    def _store(self, key: Key, page: Page, generation: int) -> None:
        with self._lock:
            if generation != self._generation or self._changed.get(page.shop_id, -1) > page.seq:
                return  # changed while it was being made
            self._forget(key)
            self._pages[key] = page
            self._by_shop.setdefault(page.shop_id, set()).add(key)
            self._count(page)
            self._make_room()

    def _unpack(self, page: Page) -> bytes:
        """Its plain body, which takes room from now on."""
        plain = page.unpack()
        with self._lock:
            if page.counted:  # else it was dropped meanwhile, or never kept
                self._count(page)
                self._make_room()
        return plain

    def _count(self, page: Page) -> None:
        size = page.size
        self._bytes += size - page.counted
        page.counted = size

    def _make_room(self) -> None:
        while len(self._pages) > self._limit or self._bytes > self._max_bytes:
            old, candidate = next(iter(self._pages.items()))
            if candidate.touched:  # asked for since it was last looked at: to the end of the queue
                candidate.touched = False
                self._pages.move_to_end(old)
            else:
                self._forget(old)

    def _forget(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is None:
            return
        self._bytes -= page.counted
        page.counted = 0
        keys = self._by_shop.get(page.shop_id)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self._by_shop[page.shop_id]

    def changed(self, seq: int, shop_id: int | None) -> None:
        """A feed listener: forget the shop's pages and the city's; for None all, also those being made just now."""
        with self._lock:
            if shop_id is None or len(self._changed) >= MAX_CHANGED:
                self._generation += 1
                self._changed.clear()
            if shop_id is not None:
                self._changed[shop_id] = self._changed[CITY] = seq
                told = [*self._by_shop.get(shop_id, ()), *self._by_shop.get(CITY, ())]
            else:
                told = list(self._pages)
            for key in told:
                self._forget(key)

    def take_scans(self) -> Counter[Scan]:
        """The scans counted since the last call, by (shop, serial), taken away."""
        with self._lock:  # two that take at once would both count on what only one gets
            taken: Counter[Scan] = Counter()
            for _ in range(len(self._shown)):  # no more than are there now: more come meanwhile
                taken[self._shown.popleft()] += 1
        return taken

    def stats(self) -> dict[str, int]:
        """For the metrics: `hits` from memory, `misses`, `entries` and `bytes` now."""
        return {"hits": self._hits, "misses": self._misses, "entries": len(self._pages), "bytes": self._bytes}

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
