"""Holiday notices (放假安排): the calendar of working days that all deadlines are reckoned by.

Whoever owns deadlines takes the calendar from ``holidays.queries.calendar()``, tells by the slot ``holidays.moves``
(``fn(before, after, since) -> Iterable[Moved]``) which running ones another calendar would move, and moves them when
the signal ``holidays_changed`` comes.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import operations, views_office

__all__ = ["register"]

#: Seconds between looks whether a newer library knows more years.
FOLLOW_EVERY = 3600


def register(app: Flask) -> None:
    """Add the office's pages, the menu entry, the banner, and the job that follows the library."""
    app.register_blueprint(views_office.bp)
    slots.add(app, "office.menu", 82, views_office.menu)
    slots.add(app, "office.banner", 10, views_office.banner)
    slots.add(
        app, "jobs", 60, lambda: Job("holidays.follow_library", FOLLOW_EVERY, operations.follow_library)
    )
