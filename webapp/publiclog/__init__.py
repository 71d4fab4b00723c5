"""The public log: every public decision, in an order that nobody can change afterwards (docs/public-log.md).

It hangs on the audit trail, so no feature calls it. It asks others by the slot ``log.standing`` what stood before it
began (``fn(after, most) -> list of dict``, see :func:`operations.begin`), and tells them by ``log.number`` where a
decision stands X it holds (``papers.py``).
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import commands, papers, queries, reactions, recording, sequencer, views_office, views_public

__all__ = ["reactions", "recording", "register"]

EVERY_SECONDS = 2


def register(app: Flask) -> None:
    """Add addresses, commands, and the sequencer's job."""
    app.register_blueprint(views_public.bp)
    app.register_blueprint(views_office.bp)
    # A receipt is looked at only; where the form came from the view asks itself (cookies may be refused).
    app.extensions["csrf"].exempt(views_public.check)
    app.cli.add_command(commands.log_group)
    slots.add(app, "jobs", 70, lambda: Job(queries.JOB, EVERY_SECONDS, sequencer.run))
    slots.add(app, "log.number", 50, queries.number_of)
    slots.add(app, "log.numbers", 50, queries.numbers_of)
    slots.add(app, "api.state", 50, queries.size)
    slots.add(app, "log.leaf_at", 10, papers.leaf_at)
    slots.add(app, "log.papers", 10, papers.before)
    slots.add(app, "log.issued_before", 10, papers.issued_before)
    slots.add(app, "office.menu", 88, views_office.menu)
