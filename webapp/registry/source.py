"""How things stand with the register service: whose turn it is, and the circuit breaker. One row, for all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import commit, rollback

from .models import RegistryRun, RegistrySource, RegistryUpload
from .rules import PULL_DEAD_AFTER, UploadState

ONLY = 1


def find() -> RegistrySource | None:
    """The row; None before anything was ever asked."""
    return db.session.get(RegistrySource, ONLY)


def ask(actor: Actor, now: datetime) -> None:
    """An officer asks for a pull now; a worker sees to it within seconds. Asked twice it is one pull.

    Raises Conflict (``registry_breaker_open``, ``registry_pull_waits``).
    """
    if waiting() is not None:
        raise Conflict("registry_pull_waits")
    row = _row()
    if row.open_until is not None and row.open_until > now:
        raise Conflict("registry_breaker_open")
    if row.asked_at is not None:
        return
    row.asked_at, row.asked_by_id = now, actor.account_id
    audit.record(actor, "registry.ask_pull", "registry_source", ONLY, now=now)


def waiting() -> int | None:
    """The stopped pull that waits for two officers: nothing is fetched before they have decided."""
    return db.session.scalar(
        sa.select(RegistryUpload.run_id)
        .join(RegistryRun, RegistryRun.id == RegistryUpload.run_id)
        .where(RegistryRun.kind == "pull", RegistryUpload.state == UploadState.WAITING)
        .limit(1)
    )


def is_due(now: datetime) -> bool:
    """Is it time: asked for, the pause over, or a dead pull to be gone on with? Never while the breaker is open."""
    row = find()
    if row is None:
        return True
    if row.open_until is not None and row.open_until > now:
        return False
    if row.running_id is not None:
        return is_dead(db.session.get(RegistryRun, row.running_id), now)
    pause = timedelta(minutes=policy.get_int("registry.pull_minutes", clock.day_of(now)))
    return row.asked_at is not None or row.tried_at is None or row.tried_at + pause <= now


def is_dead(run: RegistryRun | None, now: datetime) -> bool:
    """A pull that holds the turn but has ended, or gave no sign of life for too long."""
    if run is None or run.finished_at is not None:
        return True
    return (run.beat_at or run.started_at) + PULL_DEAD_AFTER < now


def claim(run: RegistryRun, now: datetime) -> RegistryRun | None:
    """Give `run` (new) the turn; the dead run whose turn it was, or None. Raises Conflict (``busy``); commits."""
    row = _row()
    before = row.running_id
    dead = None if before is None else db.session.get(RegistryRun, before)
    if before is not None and not is_dead(dead, now):
        raise Conflict("busy")
    run.started_by_id = row.asked_by_id if row.asked_at is not None else None
    db.session.add(run)
    try:
        db.session.flush()
        held = RegistrySource.running_id.is_(None) if before is None else RegistrySource.running_id == before
        taken = db.session.execute(
            sa.update(RegistrySource)
            .where(RegistrySource.id == ONLY, held)
            .values(running_id=run.id, tried_at=now, asked_at=None, asked_by_id=None)
            .execution_options(synchronize_session=False)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            raise Conflict("busy")  # noqa: TRY301 - undone below with the rest
        if dead is not None and dead.finished_at is None:
            dead.finished_at, dead.stopped_reason, dead.phase = now, "broke_off", None
        commit()
    except (Conflict, IntegrityError) as error:
        rollback()
        raise Conflict("busy") from error
    db.session.expire_all()
    return dead


def went_well(until: str | None, now: datetime) -> None:
    """The service answered, and what it said is in up to `until` (None: nothing new is in): the breaker is closed."""
    row = _row()
    row.running_id, row.failures, row.open_until = None, 0, None
    row.succeeded_at = now
    if until is not None:
        row.watermark = until


def went_wrong(now: datetime) -> None:
    """One more failed pull; so many in a row open the breaker for a while. After it one pull tries."""
    row, today = _row(), clock.day_of(now)
    row.running_id, row.failures = None, row.failures + 1
    if row.failures >= policy.get_int("registry.breaker_failures", today):
        row.open_until = now + timedelta(minutes=policy.get_int("registry.breaker_minutes", today))


def _row() -> RegistrySource:
    row = find()
    if row is None:
        row = RegistrySource(id=ONLY, failures=0)
        db.session.add(row)
        db.session.flush()
    return row
