"""The audit trail: who did what, whence, old value, new value, reason; and who looked at personal data."""

from __future__ import annotations

from flask import Flask

from . import differences
from .operations import record

__all__ = ["differences", "record", "register"]


def register(app: Flask) -> None:
    """Add the office's views of the history and of who looked, and the job that forgets old looks."""
    # The views import the web frame, which those who only record need not.
    from webapp.jobs import Job  # noqa: PLC0415
    from webapp.web import slots  # noqa: PLC0415

    from . import sight, sight_queries, views_office, views_sight  # noqa: PLC0415

    views_office.register(app)
    views_sight.register(app)
    sight.register(app)
    slots.add(app, "jobs", 93, lambda: Job("sight.forget", 3600, sight_queries.forget_old))
