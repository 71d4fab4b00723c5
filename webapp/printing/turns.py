"""The workers' side of print jobs: taking one, saying how far it is, ending it, sweeping old files.

Each is a transaction of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from webapp.core.actor import SYSTEM
from webapp.core.db import db

from . import limits, rules
from .models import PrintJob, PrintState


def claim(now: datetime) -> tuple[int, int] | None:
    """Take the oldest job that waits, or whose worker has died: (job, attempt), or None. Two never get the same."""
    statement = sa.select(PrintJob).where(is_waiting(now)).order_by(PrintJob.id).limit(1)
    job = db.session.scalar(
        statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )
    if job is None:
        return None
    begin(job, now)
    if rules.gives_up(job.attempt):
        job.state, job.failure = rules.STEPS.find(job.state, "fail").target, "print_gave_up"
        job.finished_at, job.lease_until = now, None
        return None
    return job.id, job.attempt


def begin(job: PrintJob, now: datetime) -> int:
    """This worker makes the job now; the number of its attempt."""
    job.state = rules.STEPS.check(job.state, "begin", SYSTEM).target
    job.attempt += 1
    job.done, job.lease_until = 0, now + rules.LEASE
    return job.attempt


def beat(job_id: int, attempt: int, done: int, parts: int, now: datetime) -> bool:
    """Say how far it has come and that the worker lives; False when the job is no longer this worker's."""
    return _mine(job_id, attempt, done=done, parts=parts, lease_until=now + rules.LEASE)


def finish(job_id: int, attempt: int, *, parts: int, size: int, sha256: str, now: datetime) -> bool:
    """The file is whole; False when the job is no longer this worker's."""
    target = rules.STEPS.find(PrintState.RUNNING, "finish").target
    differs = sa.and_(PrintJob.sha256.is_not(None), PrintJob.sha256 != sha256)
    return _mine(
        job_id,
        attempt,
        state=target,
        done=PrintJob.count,
        parts=parts,
        size=size,
        differs=sa.case((differs, True), else_=False),
        sha256=sha256,
        finished_at=now,
        lease_until=None,
    )


def fail(job_id: int, attempt: int, failure: str, parts: int, now: datetime) -> bool:
    """The file cannot be made; `failure` has a word (``error.<failure>``)."""
    target = rules.STEPS.find(PrintState.RUNNING, "fail").target
    return _mine(
        job_id, attempt, state=target, failure=failure[:60], parts=parts, finished_at=now, lease_until=None
    )


def _mine(job_id: int, attempt: int, **values: Any) -> bool:
    statement = (
        sa.update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state == PrintState.RUNNING, PrintJob.attempt == attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(cast("CursorResult[Any]", db.session.execute(statement)).rowcount)


@dataclass(frozen=True)
class Leftover:
    """Parts of a job's file that nobody needs any more."""

    job_id: int
    key: str
    parts: int


def expire(now: datetime) -> list[Leftover]:
    """Mark files that nobody has needed for long, and what cancelled and failed jobs left: at most
    ``ERASED_AT_ONCE``. Who asked erases them outside this transaction and says so to :func:`erased`; until then a lease
    keeps workers and other sweeps away. What was not erased by its end comes again.
    """
    old = sa.and_(
        PrintJob.state == PrintState.MADE, PrintJob.finished_at < now - timedelta(days=limits.file_days(now))
    )
    crumbs = sa.and_(
        PrintJob.state.in_({*rules.NOT_PRINTED, PrintState.EXPIRED}),
        PrintJob.parts > 0,
        PrintJob.finished_at < now - rules.CRUMBS_AFTER,
        is_free(now),
    )
    statement = (
        sa.select(PrintJob).where(sa.or_(old, crumbs)).order_by(PrintJob.id).limit(rules.ERASED_AT_ONCE)
    )
    jobs = list(db.session.scalars(statement.with_for_update(skip_locked=True)))
    for job in jobs:
        job.lease_until = now + rules.ERASING
        if job.state is PrintState.MADE:
            job.state = rules.STEPS.check(job.state, "expire", SYSTEM).target
    return [Leftover(job.id, job.store_key, job.parts) for job in jobs]


def erased(job_id: int) -> None:
    """The job's parts are gone: it may be made again at once."""
    db.session.execute(
        sa.update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state.not_in({PrintState.RUNNING, PrintState.MADE}))
        .values(parts=0, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: no worker and no sweep holds the job."""
    return sa.or_(PrintJob.lease_until.is_(None), PrintJob.lease_until < now)


def is_waiting(now: datetime) -> sa.ColumnElement[bool]:
    """Condition: the job waits for a worker, or its worker has died."""
    dead = sa.and_(PrintJob.state == PrintState.RUNNING, PrintJob.lease_until < now)
    return sa.or_(sa.and_(PrintJob.state == PrintState.QUEUED, is_free(now)), dead)
