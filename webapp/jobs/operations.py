"""Recurring work: each job is taken by one worker at a time and does its own transaction.

A feature adds one with ``slots.add(app, "jobs", order, lambda: Job("name", every_seconds, work))`` where `work(now)`
does what is due and returns how much it did. Jobs must be idempotent: they sweep what stands in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app

from webapp.core import clock, origin
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.web import slots

from .models import JobLease

log = logging.getLogger("webapp.jobs")


@dataclass(frozen=True)
class Job:
    """A named piece of recurring work, at most every `every` seconds."""

    name: str
    every: int
    work: Callable[[datetime], int]


def all_jobs(app: Flask | None = None) -> list[Job]:
    """Every job that the features added."""
    return slots.collect(app or current_app._get_current_object(), "jobs")  # type: ignore[attr-defined]  # noqa: SLF001


def run_due(*, regardless: bool = False) -> dict[str, int]:
    """Run the jobs whose turn it is (all of them with `regardless`); name → how much was done, -1 for a failure."""
    results = {}
    for job in all_jobs():
        if _take(job, regardless=regardless):
            results[job.name] = _run(job)
    return results


def _take(job: Job, *, regardless: bool) -> bool:
    now = clock.now()
    with unit():
        if db.session.get(JobLease, job.name) is None:
            db.session.add(JobLease(name=job.name, due_at=now))
            db.session.flush()
        turn = sa.update(JobLease).where(JobLease.name == job.name)
        if not regardless:
            turn = turn.where(JobLease.due_at <= now)
        taken = db.session.execute(turn.values(due_at=now + timedelta(seconds=job.every)))
        return bool(taken.rowcount)  # type: ignore[attr-defined]


def _run(job: Job) -> int:
    now = clock.now()
    try:
        with origin.job(job.name), unit():
            done = job.work(now)
    except (
        Exception
    ):  # one broken job must not stop the others; it is logged and tried again at its next turn
        log.exception("job failed", extra={"task": job.name})
        with unit():
            lease = sa.update(JobLease).where(JobLease.name == job.name)
            db.session.execute(lease.values(failures=JobLease.failures + 1))
        return -1
    with unit():
        lease = sa.update(JobLease).where(JobLease.name == job.name)
        db.session.execute(lease.values(finished_at=now, done=done, failures=0))
    return done
