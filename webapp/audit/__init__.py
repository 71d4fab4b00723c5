"""The audit trail: who did what, old value, new value, reason."""

from __future__ import annotations

from flask import Flask

from .operations import record

__all__ = ["record", "register"]


def register(app: Flask) -> None:
    """Add the office's view of the history."""
    from . import views_office  # noqa: PLC0415 - views import the web frame, which those who only record need not

    views_office.register(app)
