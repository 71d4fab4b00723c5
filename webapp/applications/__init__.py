"""Applications (申报): a merchant asks the bureau to vouch for a shop; station and bureau decide."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the office's and the merchant's pages, commands and menu entries."""
    from . import commands, views_merchant, views_office  # noqa: PLC0415 - others import this package for its rows only

    commands.register(app)
    views_office.register(app)
    views_merchant.register(app)
