"""Clocks: deadlines of law and city, started, paused, extended, met; the same countdown for all sides.

A feature starts a clock beside its own change and asks for it by (subject, subject_id, kind). The promised due date is
stored; every move of it is an event with its reason. Features tell by slots:
``clock.name`` (subject, subject_id) -> what the record is called; ``clock.moved`` (subject, subject_id, actor, now): a
new calendar moved its clocks; ``clock.case`` (subject, subject_id) -> the case, for reminding its officers.
"""

from __future__ import annotations

from flask import Flask

from webapp.jobs import Job
from webapp.web import slots

from . import deadlines, digest, reactions, reminding

__all__ = ["reactions", "register"]

#: Seconds between looks for reminders that are due.
REMIND_EVERY = 300
#: And between looks whether the morning's overview is to be written.
DIGEST_EVERY = 1200


def register(app: Flask) -> None:
    """Tell which clocks a holiday notice moves; remind the officers of what is due."""
    slots.add(app, "holidays.moves", 20, deadlines.moves)
    slots.add(app, "jobs", 42, lambda: Job("clocks.remind", REMIND_EVERY, reminding.sweep))
    slots.add(app, "jobs", 43, lambda: Job("clocks.digest", DIGEST_EVERY, digest.sweep))
