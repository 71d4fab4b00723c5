"""Tell the worker's scheduler that a leaf waits, so that it is published soon after the commit."""

from __future__ import annotations

from flask import current_app


def wake() -> None:
    """Let this worker look for due jobs now (nothing in tests and commands, where no scheduler runs)."""
    scheduler = current_app.extensions.get("ydym.scheduler")
    if scheduler is not None:
        scheduler.wake()
