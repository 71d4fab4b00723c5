"""Following the change feed in each worker: a thread that asks for new changes and tells who listens.

It needs the database only, no Redis. A listener that keeps things in memory must also ask :meth:`Tail.fresh`:
when the feed cannot be read, what is kept may be out of date and must not be shown.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.db import may_write

log = logging.getLogger("webapp.feed")

Listener = Callable[[int, "int | None"], None]

#: A page from memory is shown only when the feed was read this recently (seconds).
FRESH_FOR = 0.8
_NEWER = sa.text("SELECT seq, shop_id FROM change WHERE seq > :seq ORDER BY seq LIMIT 1000")


class Tail:
    """Follows the feed from its end. Start it once per worker process, after the fork."""

    def __init__(self, engine: Engine, every: float) -> None:
        self._engine, self._every = engine, every
        self._listeners: list[Listener] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._read_at = float("-inf")
        self.seq = -1

    def listen(self, listener: Listener) -> None:
        """Call `listener(seq, shop_id)` for each change, in order, from the tail's thread."""
        self._listeners.append(listener)

    def fresh(self) -> bool:
        """True when every change committed more than :data:`FRESH_FOR` seconds ago has been told."""
        return time.monotonic() - self._read_at < FRESH_FOR

    def start(self) -> None:
        """Begin to follow (a second call does nothing)."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="feed-tail", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop following and wait for the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def poll(self) -> None:
        """Read what is new, tell the listeners, note the time at which the reading began."""
        began = time.monotonic()
        with self._engine.connect() as connection:
            if self.seq < 0:
                self.seq = connection.scalar(sa.text("SELECT COALESCE(MAX(seq), 0) FROM change")) or 0
            while rows := connection.execute(_NEWER, {"seq": self.seq}).all():
                for seq, shop_id in rows:
                    for listener in self._listeners:
                        listener(seq, shop_id)
                    self.seq = seq
        self._read_at = began

    def _run(self) -> None:
        may_write.set(False)  # on SQLite a reader must not take the writers' turn
        while not self._stop.is_set():
            try:
                self.poll()
            except SQLAlchemyError as error:
                log.warning("feed unreadable", extra={"kind": type(error).__name__})
            self._stop.wait(self._every)
