"""Applications (申报): a merchant asks the bureau to vouch for a shop; station and bureau decide."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask


def register(app: Flask) -> None:
    """Add the office's and the merchant's pages, commands and menu entries."""
    for name in ("commands", "views_office", "views_merchant"):
        if find_spec(f"{__name__}.{name}") is None:
            continue
        import_module(f"{__name__}.{name}").register(app)
