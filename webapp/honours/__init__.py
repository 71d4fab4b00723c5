"""Honours: demonstration units, return shops and chains, the red list's nominations, measures from a file."""

from __future__ import annotations

from flask import Flask

from . import models, queries

__all__ = ["models", "queries", "register"]


def register(app: Flask) -> None:
    """Add the addresses, the pieces of others' pages and the jobs."""
