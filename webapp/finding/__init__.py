"""Finding shops by what people type: any two characters, pinyin, initials, synonyms, traditional characters, slips.

An index of our own beside the shops (SQLite FTS5, PostgreSQL GIN), written in the same transaction as the shop.
"""

from __future__ import annotations

from flask import Flask

from webapp.core.signals import code_issued
from webapp.web import slots

from . import commands, indexing


def register(app: Flask) -> None:
    """Keep the index in step with the shops; complete it with the reference data after an upgrade."""
    app.cli.add_command(commands.search)
    code_issued.connect(indexing.on_code_issued)
    slots.add(app, "reference", 30, indexing.complete)
