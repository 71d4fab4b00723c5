"""Recurring work: sweeps of what is due, each done by one worker at a time."""

from __future__ import annotations

from flask import Flask

from . import commands
from .operations import Job
from .scheduler import Scheduler

__all__ = ["Job", "register"]


def register(app: Flask) -> None:
    """Add the commands, and the scheduler to each worker (not in tests and commands)."""
    app.cli.add_command(commands.jobs_group)
    scheduler = Scheduler(app)
    app.extensions["ydym.scheduler"] = scheduler
    if not app.config["TESTING"]:
        app.before_request(scheduler.start)
