"""The figures of the front page, kept in each worker for a few seconds: real counts, counted seldom."""

from __future__ import annotations

import threading
from datetime import timedelta

from webapp.core import clock

from .queries import Figures, count_figures

#: However much changes, a worker counts no more often than this.
AT_LEAST = timedelta(seconds=5)
#: And no less often than this, for what does not come through the feed (scans, answers falling due).
AT_MOST = timedelta(seconds=60)


class FigureCache:
    """The last count; a feed listener drops it."""

    def __init__(self) -> None:
        self._figures: Figures | None = None
        self._changed = False
        self._lock = threading.Lock()

    def changed(self, _seq: int, _shop_id: int | None) -> None:
        """A feed listener: something that the public sees is different."""
        self._changed = True

    def get(self) -> Figures:
        """The figures, counted anew when they are old, or changed and not fresh."""
        with self._lock:
            kept, now = self._figures, clock.now()
            if kept is not None:
                age = now - kept.counted_at
                if timedelta(0) <= age < (AT_LEAST if self._changed else AT_MOST):
                    return kept
            self._changed = False  # before counting: a change that comes meanwhile is not missed
            self._figures = count_figures(now)
            return self._figures
