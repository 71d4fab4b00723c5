"""What a worker writes down behind its answers: scan counts and renderings, every two seconds and when it stops.

No visitor waits for it, and a failure loses nothing but a rendering (counts wait, and count once).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from multiprocessing.util import Finalize

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock
from webapp.core.db import may_write
from webapp.scans.tally import Tally
from webapp.web.frontcache import FrontCache

from . import stored
from .stored import Rendering

log = logging.getLogger("webapp.feed")

EVERY = 2.0
#: Renderings that wait at most; more are forgotten (they will be made again when asked for).
MAX_WAITING = 400


class Background:
    """One thread a worker, started with the first page."""

    def __init__(self, engine: Engine, cache: FrontCache, every: float = EVERY) -> None:
        self._engine, self._cache, self._every = engine, cache, every
        self._tally = Tally()
        self._waiting: OrderedDict[tuple[int, str], Rendering] = OrderedDict()
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def store(self, page: Rendering) -> None:
        """Take a rendering to be written soon."""
        with self._lock:
            self._waiting[page.shop_id, page.variant] = page
            if len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)

    def changed(self, _seq: int, shop_id: int | None) -> None:
        """A feed listener: what waits and is out of date need not be written."""
        with self._lock:
            if shop_id is None:
                self._waiting.clear()
            else:
                for key in [key for key in self._waiting if key[0] == shop_id]:
                    del self._waiting[key]

    def start(self) -> None:
        """Begin to write (a second call does nothing); what is left is written when the process ends."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._run, name="feed-background", daemon=True)
        self._thread.start()
        # Servers' workers are children of multiprocessing, which end without atexit: this runs there too.
        Finalize(None, self.stop, exitpriority=10)

    def stop(self) -> None:
        """Stop the thread and write what is left."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None
        self.flush()

    def flush(self) -> None:
        """Write what there is, in one transaction. Never raises: what goes wrong is logged, and the counts wait."""
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            pages, self._waiting = self._waiting, OrderedDict()
        now = clock.now()
        self._tally.add(self._cache.take_scans(), now)
        token = may_write.set(True)
        try:
            while pages or self._tally.waits:  # twice when the last batch did not get through
                with self._engine.begin() as connection:
                    if self._tally.waits:
                        self._tally.write(connection, now)
                    stored.write_pages(connection, pages.values(), now)
                self._tally.written()
                pages = OrderedDict()
        except SQLAlchemyError as error:
            log.warning("scan counts wait", extra={"kind": type(error).__name__})
        except Exception:  # a thread that ends is not started again, and its counts would be lost with it
            log.exception("scan counts wait")
        finally:
            may_write.reset(token)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.flush()
