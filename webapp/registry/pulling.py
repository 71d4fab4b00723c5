"""Pulling from the register service: pages into a spool file, then the same import as a file's.

A pull that was killed is gone on with by whoever comes next: what was fetched stands in the spool (data folder,
``registry/<run>.jsonl``) as far as the run's row says, and rows that are in already count as unchanged. Without the
spool (another machine) it is fetched anew; nothing is lost, because the watermark moves only after the last row.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import IO

from flask import current_app

from webapp import audit
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import commit
from webapp.settings import Settings
from webapp.web.words import label

from . import mapping as mappings
from . import queries, service, source
from .importer import run_import
from .mapping import MappingError
from .models import RegistryRun
from .reading import Unreadable
from .rules import Phase
from .service import RegisterService, ServiceFailed

#: A service that goes on for more pages than this goes round in circles.
PAGES_MOST = 20_000


def work(now: datetime) -> int:
    """The job: pull when it is time. Returns how many rows came."""
    settings: Settings = current_app.extensions["ydym.settings"]
    found = service.from_settings(settings)
    busy = source.waiting() is not None or queries.is_taking_in_pull()
    if found is None or busy or not source.is_due(now):
        return 0
    try:
        return pull(found, now).rows
    except Conflict:  # another worker has the turn
        return 0


def pull(register: RegisterService, now: datetime) -> RegistryRun:
    """Fetch what changed since the last pull and take it in; commits as it goes. Raises Conflict (``busy``).

    A service that fails ends the run with its reason; a feed that takes down too many shops is kept for two officers.
    """
    run = RegistryRun(
        source=label("registry.pull.source"),
        kind="pull",
        started_at=now,
        beat_at=now,
        phase=Phase.FETCHING.value,
    )
    dead = source.claim(run, now)
    state = source.find()
    run.since = state.watermark if state is not None else None
    if dead is not None:
        _go_on(run, dead)
    commit()
    try:
        _fetch(run, register)
    except ServiceFailed as error:
        _fail(run, error)
        _spool(run.id).unlink(missing_ok=True)
        return run
    try:
        _take_in(run, now)
    except (Unreadable, MappingError) as error:
        _fail(run, ServiceFailed("service_strange", str(error)))
    except Exception:  # the run says that it broke off; the breaker keeps a standing fault from going round
        source.went_wrong(clock.now())
        commit()
        raise
    finally:
        _spool(run.id).unlink(missing_ok=True)
    return run


def _go_on(run: RegistryRun, dead: RegistryRun) -> None:
    """Take over what a dead run had fetched, if its spool is here as far as its row says."""
    spool = _spool(dead.id)
    if dead.since != run.since or not spool.is_file() or spool.stat().st_size < dead.spooled_bytes:
        return
    spool.replace(_spool(run.id))
    os.truncate(_spool(run.id), dead.spooled_bytes)
    run.spooled_bytes, run.pages = dead.spooled_bytes, dead.pages
    run.until, run.next_cursor = dead.until, dead.next_cursor


def _fetch(run: RegistryRun, register: RegisterService) -> None:
    """All pages into the spool; after each one the row says how far it is."""
    if run.pages and run.next_cursor is None:
        return  # a dead run had fetched them all
    spool = _spool(run.id)
    spool.parent.mkdir(parents=True, exist_ok=True)
    with spool.open("ab") as out:
        while True:
            asked = run.next_cursor
            page = register.changes(run.since, asked)
            if page.next_cursor is not None and (page.next_cursor == asked or run.pages >= PAGES_MOST):
                raise ServiceFailed("service_strange", "next")
            _write(out, page)
            # What changes while the pages are turned is told by the next pull: the first page's word counts.
            run.until = run.until or page.until
            run.spooled_bytes, run.pages, run.next_cursor = out.tell(), run.pages + 1, page.next_cursor
            run.beat_at = clock.now()
            commit()
            if page.next_cursor is None:
                return


def _write(out: IO[bytes], page: service.Page) -> None:
    for item in page.items:
        record = item if isinstance(item, dict) else {"value": str(item)[:100]}
        out.write(json.dumps(record, ensure_ascii=True).encode() + b"\n")
    out.flush()
    os.fsync(out.fileno())


def _take_in(run: RegistryRun, now: datetime) -> None:
    settings: Settings = current_app.extensions["ydym.settings"]
    if run.spooled_bytes == 0:
        _finish(run, None)
    else:
        with _spool(run.id).open("rb") as stream:
            name = settings.registry_mapping
            run_import(stream, run.source, mappings.load(name), SYSTEM, now, keep_as=name, run=run)
    source.went_well(run.until if run.stopped_reason is None else None, clock.now())
    commit()


def _fail(run: RegistryRun, error: ServiceFailed) -> None:
    run.stopped_detail = error.detail
    _finish(run, error.reason)
    source.went_wrong(clock.now())
    commit()


def _finish(run: RegistryRun, stopped: str | None) -> None:
    run.finished_at, run.stopped_reason, run.phase = clock.now(), stopped, None
    facts = {"source": run.source, "rows": 0, "stopped": stopped}
    audit.record(SYSTEM, "registry.import", "registry_run", run.id, now=clock.now(), new=facts)
    db.session.flush()


def _spool(run_id: int) -> Path:
    settings: Settings = current_app.extensions["ydym.settings"]
    return settings.data_dir / "registry" / f"{run_id}.jsonl"
