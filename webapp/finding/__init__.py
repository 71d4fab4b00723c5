"""Finding shops by what people type: any two characters, pinyin, initials, synonyms, traditional characters, slips.

An index of our own beside the shops: for each token a bitmap of the shops that have it, the same on SQLite and
PostgreSQL, written in the same transaction as the shop (decisions/0029).
"""

from __future__ import annotations

from flask import Flask

from webapp.core.signals import code_issued
from webapp.jobs import Job
from webapp.web import slots

from . import commands, indexing, merging


def register(app: Flask) -> None:
    """Keep the index in step with the shops; complete it with the reference data after an upgrade."""
    app.cli.add_command(commands.search)
    code_issued.connect(indexing.on_code_issued)
    slots.add(app, "reference", 30, indexing.complete)
    slots.add(app, "jobs", 31, lambda: Job("finding.merge", merging.EVERY_SECONDS, merging.work))
