"""Applications (申报): a merchant asks the bureau to vouch for a shop; station and bureau decide."""

from __future__ import annotations

from flask import Flask

from webapp.web import slots


def register(app: Flask) -> None:
    """Add the office's and the merchant's pages, commands and menu entries; listen to ``holidays_changed``."""
    # Others import this package for its rows only.
    from . import commands, deadlines, views_merchant, views_office  # noqa: PLC0415
    from . import reactions as _reactions  # noqa: F401, PLC0415

    commands.register(app)
    views_office.register(app)
    views_merchant.register(app)
    slots.add(app, "holidays.moves", 10, deadlines.moves)
