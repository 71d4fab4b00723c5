"""The job that takes in what two officers confirmed: in the background, gone on with by whoever comes after a kill.

The confirmation opens a run without a sign of life; the worker that gives it one has it. A run whose signs stopped is
ended as broken off and begun anew by the next worker: rows that are in count as unchanged, so nothing is done twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from webapp.accounts import queries as accounts
from webapp.accounts.models import Account
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.transaction import commit, rollback

from . import mapping as mappings
from . import queries, source
from .importer import run_import, unpacked
from .mapping import FeedMapping
from .models import RegistryRun, RegistryUpload
from .rules import PULL_DEAD_AFTER, Phase, UploadState


def queued(stopped: RegistryRun, actor: Actor, by: tuple[str, str], now: datetime) -> RegistryRun:
    """The run that will take in what `stopped` kept; no worker has it yet."""
    run = RegistryRun(
        source=stopped.source,
        kind=stopped.kind,
        since=stopped.since,
        until=stopped.until,
        started_at=now,
        started_by_id=actor.account_id,
        forced_by=",".join(by),
        phase=Phase.QUEUED.value,
        total_bytes=stopped.total_bytes,
    )
    db.session.add(run)
    db.session.flush()
    return run


def work(now: datetime) -> int:
    """Take in the oldest confirmed file that nobody is at work on; returns its rows. Commits as it goes."""
    found = _next(now)
    if found is None or not _claim(found, now):
        return 0
    upload, run = found
    if run.phase != Phase.QUEUED:
        run = _begin_anew(upload, run, now)
    commit()
    try:
        result = _take_in(upload, run, now)
    except Exception:  # the run says that it broke off; an officer looks at it and confirms again
        rollback()
        run = queries.get_run(run.id)
        if run.finished_at is None:
            run.finished_at, run.stopped_reason, run.phase = now, "broke_off", None
            commit()
        raise
    queries.lock_upload(upload.run_id).data = None
    if result.kind == "pull":
        source.went_well(result.until, now)
    commit()
    return result.rows


def _next(now: datetime) -> tuple[RegistryUpload, RegistryRun] | None:
    """What was confirmed and is not in: no worker has begun, or the one that had is dead."""
    quiet = sa.or_(RegistryRun.beat_at.is_(None), RegistryRun.beat_at < now - PULL_DEAD_AFTER)
    row = db.session.execute(
        sa.select(RegistryUpload, RegistryRun)
        .join(RegistryRun, RegistryRun.id == RegistryUpload.result_run_id)
        .where(RegistryUpload.state == UploadState.CONFIRMED, RegistryRun.finished_at.is_(None), quiet)
        .order_by(RegistryRun.id)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def _claim(found: tuple[RegistryUpload, RegistryRun], now: datetime) -> bool:
    """Give the run a sign of life, if nobody did since it was read."""
    run = found[1]
    same = RegistryRun.beat_at.is_(None) if run.beat_at is None else RegistryRun.beat_at == run.beat_at
    taken = db.session.execute(
        sa.update(RegistryRun)
        .where(RegistryRun.id == run.id, RegistryRun.finished_at.is_(None), same)
        .values(beat_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(run)
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _begin_anew(upload: RegistryUpload, dead: RegistryRun, now: datetime) -> RegistryRun:
    dead.finished_at, dead.stopped_reason, dead.phase = now, "broke_off", None
    run = queued(dead, _second(upload).actor(), _names(upload), now)
    run.beat_at, upload.result_run_id = now, run.id
    return run


def _take_in(upload: RegistryUpload, run: RegistryRun, now: datetime) -> RegistryRun:
    first, second = accounts.get_account(upload.uploaded_by_id or 0), _second(upload).actor()
    return run_import(
        unpacked(upload.data or b""),
        run.source,
        mapping_of(upload, run),
        replace(second, aside_from=second.aside_from | first.actor().aside_from),
        now,
        as_of=upload.as_of,
        forced_by=_names(upload),
        run=run,
    )


def mapping_of(upload: RegistryUpload, run: RegistryRun) -> FeedMapping:
    """How the kept file is read: a pull by the installation's own mapping."""
    if run.kind == "pull":
        return mappings.load(current_app.extensions["ydym.settings"].registry_mapping)
    return mappings.load(upload.mapping)


def _second(upload: RegistryUpload) -> Account:
    return accounts.get_account(upload.decided_by_id or 0)


def _names(upload: RegistryUpload) -> tuple[str, str]:
    first = accounts.get_account(upload.uploaded_by_id or 0)
    return (first.username or "", _second(upload).username or "")
