"""Making the files: one job at a time in a process, outside any transaction, in a thread beside the scheduler's.

A worker holds a job by its lease and says every second how far it has come. When it dies, the lease runs out and
another worker begins the job anew: the same parts are written again, so that nothing is left half. When the job was
cancelled, the next word it says tells it so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import click
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, DomainError
from webapp.core.transaction import unit
from webapp.files.stores import store

from . import drawing, keeping, queries, rules, turns
from .models import PrintJob, PrintState
from .queries import Drawn

log = logging.getLogger("webapp.printing")
#: Seconds between two words of a worker.
BEAT = 1.0
_lock = threading.Lock()


class NotMine(Exception):
    """The job was cancelled, or another worker has it."""


def look(_now: datetime) -> int:
    """The recurring job: make what waits. In a server a thread of its own does it, so that other recurring work goes
    on; in a command (and in tests) it is done when this returns. Returns how many files were made or begun.
    """
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    if app.config["TESTING"] or click.get_current_context(silent=True) is not None:
        return run_all()
    if not _waiting() or not _lock.acquire(blocking=False):
        return 0
    threading.Thread(target=_run_in_thread, args=(app,), name="printing", daemon=True).start()
    return 1


def _run_in_thread(app: Flask) -> None:
    try:
        with app.app_context():
            run_all()
    except (
        SQLAlchemyError,
        Conflict,
    ) as error:  # database away: the lease runs out, and somebody tries again
        log.warning("printing put off", extra={"kind": type(error).__name__})
    finally:
        _lock.release()


def run_all() -> int:
    """Make every file that waits; returns how many were made."""
    made = 0
    db.session.rollback()
    while True:
        with unit():
            claimed = turns.claim(clock.now())
        if claimed is None:
            if not _waiting():
                return made
            continue  # one was given up just now, others wait
        made += run(*claimed)


def run(job_id: int, attempt: int) -> bool:
    """Make the file of a claimed job; False when it failed or is no longer ours."""
    with _looking():
        job = queries.get_job(job_id)
        db.session.expunge(job)
    out = keeping.PartWriter(store(), job.store_key, rules.MEDIA_TYPES[rules.ending(job.form)])
    try:
        drawing.write(job, _stickers(job, attempt, out), cast("Any", out))
        sha256 = out.finish()
        _finish(job_id, attempt, out, sha256)
    except NotMine:
        _tidy(job, out)
        return False
    except SQLAlchemyError:
        raise
    except (
        Exception
    ) as error:  # one job that cannot be made must not stop the others: it says why, and may be tried anew
        log.exception("print job failed", extra={"task": job_id})
        failure = error.code if isinstance(error, DomainError) else "print_failed"
        with unit():
            turns.fail(job_id, attempt, failure, out.parts, clock.now())
        return False
    return True


def _finish(job_id: int, attempt: int, out: keeping.PartWriter, sha256: str) -> None:
    now = clock.now()
    with unit():
        if not turns.finish(job_id, attempt, parts=out.parts, size=out.size, sha256=sha256, now=now):
            raise NotMine


def _tidy(job: PrintJob, out: keeping.PartWriter) -> None:
    """Delete what a cancelled job's worker wrote. In any other state the parts are, or will be, another worker's."""
    with _looking():
        now = queries.get_job(job.id)
        cancelled = now.state is PrintState.CANCELLED
        db.session.expunge(now)
    if cancelled:
        keeping.erase(store(), job.store_key, out.parts)


def _stickers(job: PrintJob, attempt: int, out: keeping.PartWriter) -> Iterator[Drawn]:
    """The job's stickers, read in batches; says in between how far the drawing has come."""
    position, said = 0, time.monotonic()
    while True:
        with _looking():
            batch = queries.batch(job.id, position, job.make.template)
        if not batch:
            return
        for drawn in batch:
            if time.monotonic() - said >= BEAT:
                _say(job.id, attempt, position, out.parts)
                said = time.monotonic()
            yield drawn
            position = drawn.position


def _say(job_id: int, attempt: int, done: int, parts: int) -> None:
    with unit():
        if not turns.beat(job_id, attempt, done, parts, clock.now()):
            raise NotMine


def sweep(now: datetime) -> int:
    """The recurring job: erase old files and crumbs, a few jobs a turn, outside any transaction."""
    db.session.rollback()
    with unit():
        leftovers = turns.expire(now)
    for left in leftovers:
        if left.key:
            keeping.erase(store(), left.key, left.parts)
        with unit():
            turns.erased(left.job_id)
    return len(leftovers)


def _waiting() -> bool:
    with _looking():
        statement = db.select(PrintJob.id).where(turns.is_waiting(clock.now()))
        return db.session.scalar(statement.limit(1)) is not None


@contextmanager
def _looking() -> Iterator[None]:
    """A transaction that only reads: on SQLite it must not take the writers' turn."""
    token = may_write.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        may_write.reset(token)
