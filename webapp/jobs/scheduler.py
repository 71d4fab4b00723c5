"""A thread in each worker that looks for due jobs; the lease in the database lets one of them have each turn."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webapp.core.errors import Conflict

from .operations import run_due

log = logging.getLogger("webapp.jobs")
EVERY = 5.0


class Scheduler:
    """Started at the worker's first request (after the server's fork); ends with the process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin (a second call does nothing)."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Look for due jobs now instead of at the next turn."""
        self._woken.set()

    def stop(self) -> None:
        """Stop after the running job."""
        self._stop.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._app.app_context():
                    run_due()
            except (SQLAlchemyError, Conflict) as error:  # database away or another worker was quicker
                log.warning("jobs put off", extra={"kind": type(error).__name__})
            self._woken.wait(EVERY)
            self._woken.clear()
