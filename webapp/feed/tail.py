"""Following the change feed in each worker: a thread that asks for new changes and tells who listens.

It needs the database only, no Redis. A listener that keeps things in memory must also ask :meth:`Tail.fresh`:
when the feed cannot be read, what is kept may be out of date and must not be shown.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.db import may_write

log = logging.getLogger("webapp.feed")

#: Called with (seq, shop_id). Shop None: everything known before may be out of date.
Listener = Callable[[int, "int | None"], None]

#: A page from memory is shown only when the feed was read this recently (seconds).
FRESH_FOR = 0.8
BATCH = 1000
#: From the last known change on, that one included: its moment tells whether this is still the same history.
_FROM_LAST = sa.text("SELECT seq, shop_id, at FROM change WHERE seq >= :seq ORDER BY seq LIMIT :batch")
_NEWEST = sa.text("SELECT seq, shop_id, at FROM change ORDER BY seq DESC LIMIT 1")


class Tail:
    """Follows the feed from its end. Start it once per worker process, after the fork."""

    def __init__(self, engine: Engine, every: float) -> None:
        self._engine, self._every = engine, every
        self._listeners: list[Listener] = []
        self._watched: list[Callable[[], bool]] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()
        self._read_at = float("-inf")
        self._last_at: Any = None
        self.seq = -1

    def listen(self, listener: Listener) -> None:
        """Call `listener(seq, shop_id)` for each change, in order, from the tail's thread.

        At the first reading, and when the database turns out to be another one (restored from a backup), it is called
        with shop None and the newest change's number, which may be lower than before.
        """
        self._listeners.append(listener)

    def watch(self, moved: Callable[[], bool]) -> None:
        """Ask `moved` at every reading whether something outside the database changed that all pages hang on.

        When it did, the listeners are told as of a change of everything. Called from the tail's thread, so be quick.
        """
        self._watched.append(moved)

    def fresh(self) -> bool:
        """True when every change committed more than :data:`FRESH_FOR` seconds ago has been told."""
        return time.monotonic() - self._read_at < FRESH_FOR

    def start(self) -> None:
        """Begin to follow (a second call does nothing)."""
        with self._start_lock:
            if self._thread is None:
                self._stop.clear()
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
        token = may_write.set(False)  # on SQLite a reader must not take the writers' turn
        try:
            with self._engine.connect() as connection:
                if self.seq < 0:
                    self._begin_anew(connection)
                while self._read(connection):
                    pass
        finally:
            may_write.reset(token)
        moved = [look() for look in self._watched]
        if any(moved):
            self._tell_all()
        self._read_at = began

    def _read(self, connection: sa.Connection) -> bool:
        """Tell one batch; True when there may be more."""
        rows = connection.execute(_FROM_LAST, {"seq": self.seq, "batch": BATCH}).all()
        if self.seq > 0:
            if not rows or (rows[0].seq, str(rows[0].at)) != (self.seq, self._last_at):
                log.warning(
                    "the feed is not the one that was followed: starting anew", extra={"seq": self.seq}
                )
                self._begin_anew(connection)
                return False
            full = len(rows) == BATCH
            rows = rows[1:]
        else:
            full = len(rows) == BATCH
        for row in rows:
            for listener in self._listeners:
                listener(row.seq, row.shop_id)
            self.seq, self._last_at = row.seq, str(row.at)
        return full

    def _begin_anew(self, connection: sa.Connection) -> None:
        newest = connection.execute(_NEWEST).one_or_none()
        self.seq, self._last_at = (0, None) if newest is None else (newest.seq, str(newest.at))
        self._tell_all()

    def _tell_all(self) -> None:
        for listener in self._listeners:
            listener(self.seq, None)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.poll()
            except SQLAlchemyError as error:
                log.warning("feed unreadable", extra={"kind": type(error).__name__})
            except (
                Exception
            ):  # a thread that ends is not started again, and nothing would be given from memory
                log.exception("feed not followed")
            self._stop.wait(self._every)
