"""Scan counts: per shop, sticker and hour, without anything about who scanned."""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots


def register(app: Flask) -> None:
    """Add the job that forgets old counts. What counts is :mod:`tally`; the change feed's thread calls it."""
    from . import operations  # noqa: PLC0415 - the tables are known once the application stands

    slots.add(
        app, "jobs", 92, lambda: Job("scans.forget", operations.FORGET_EVERY_SECONDS, operations.forget_old)
    )
