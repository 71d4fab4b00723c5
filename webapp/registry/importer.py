"""An import run from beginning to end: look ahead, stop when it is too much, take in batch by batch.

The feed is read twice. The first reading only counts how many live shops it would take down, so that a faulty export
is noticed before anything has changed; the second takes it in, with a commit after each batch, so that a large feed
never keeps the database from others. A run that breaks off is simply started again: what is in already counts as
unchanged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import commit, rollback
from webapp.merchants.models import Operator, Shop
from webapp.web import slots

from . import operations, reading, rules
from .mapping import FeedMapping
from .models import RegistryRecord, RegistryRefusal, RegistryRun
from .operations import Counts
from .rows import Row, RowRefused, read_row
from .rules import Consequence, consequence

BATCH = 1000
#: Refused rows that are kept with their reasons; beyond that they are only counted.
REFUSALS_KEPT = 10_000
ATTEMPTS = 3

logger = logging.getLogger(__name__)
Refused = tuple[int, str, str]
Entry = tuple[int, Row] | Refused


@dataclass(frozen=True)
class Feed:
    """What is imported: a seekable stream, the name it is remembered by, how it is read, the day it speaks of."""

    stream: IO[bytes]
    name: str
    mapping: FeedMapping
    as_of: date
    today: date


def run_import(
    stream: IO[bytes],
    name: str,
    mapping: FeedMapping,
    actor: Actor,
    now: datetime,
    *,
    as_of: date | None = None,
    forced_by: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> RegistryRun:
    """Import a feed and return its finished run; commits as it goes.

    `as_of` is the day that rows without a date of their own speak of (default: the mapping's, else today). `forced_by`
    are the usernames of two officers who answer for a feed that takes down too many shops; without them such a run ends
    with ``stopped_reason`` "too_many_takedowns" and nothing changed. `progress(part, bytes)`: part 1 looks ahead, 2
    takes in. Raises :class:`.reading.Unreadable` when the file cannot be read at all.
    """
    today = clock.day_of(now)
    feed = Feed(stream, name[-200:], mapping, as_of or mapping.as_of or today, today)
    falling = _survey(feed, _part(progress, 1))
    live = count_live_shops(None)
    taken_down = count_live_shops(sorted(falling)) if falling else 0
    run = RegistryRun(
        source=feed.name,
        started_at=now,
        started_by_id=actor.account_id,
        takedowns=taken_down,
        live_shops=live,
        forced_by=",".join(forced_by) or None,
    )
    db.session.add(run)
    db.session.flush()
    if rules.is_too_much(taken_down, live, policy.get_int("registry.takedown_share_percent", today)):
        if len(set(forced_by)) < 2:
            return _finish(run, Counts(), actor, stopped="too_many_takedowns")
        _record(run, actor, "registry.force", {"by": list(forced_by), "takedowns": taken_down, "live": live})
    commit()
    return _take_in(run, feed, actor, now, _part(progress, 2))


def count_live_shops(operator_ids: Sequence[int] | None) -> int:
    """Shops with an active trust code (of these operators; None: of all).

    What makes a shop live is said by the feature that issues codes, in the slot ``shop.vouched``.
    """
    statement = (
        sa.select(sa.func.count()).select_from(Shop).where(*slots.collect(current_app, "shop.vouched"))
    )
    if operator_ids is not None:
        statement = statement.where(Shop.operator_id.in_(operator_ids))
    return db.session.scalar(statement) or 0


def _part(progress: Callable[[int, int], None] | None, part: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda count: progress(part, count)


def _entries(feed: Feed, progress: Callable[[int], None] | None) -> Iterator[Entry]:
    """Every record of the feed as (line, row), or as a refusal (line, reason, detail)."""
    for record in reading.read(feed.stream, feed.mapping, progress):
        if isinstance(record, reading.Broken):
            yield record.line, record.reason, record.detail
            continue
        try:
            yield record.line, read_row(record.cells, feed.mapping, feed.as_of, feed.today)
        except RowRefused as error:
            yield record.line, error.reason, error.detail


def _survey(feed: Feed, progress: Callable[[int], None] | None) -> set[int]:
    """The ids of operators here that the feed would take down further than they are."""
    hard: list[Row] = []
    falling: set[int] = set()
    for entry in _entries(feed, progress):
        if len(entry) == 2 and _consequence_of(entry[1]) is not Consequence.NONE:
            hard.append(entry[1])
        if len(hard) >= BATCH:
            falling |= _falling(hard)
            hard.clear()
    return falling | _falling(hard)


def _consequence_of(row: Row) -> Consequence:
    return consequence(row.facts["status"], abnormal=bool(row.facts.get("abnormal")))[0]


def _falling(rows: Sequence[Row]) -> set[int]:
    statement = (
        sa.select(
            Operator.uscc, Operator.id, RegistryRecord.status, RegistryRecord.abnormal, RegistryRecord.as_of
        )
        .outerjoin(RegistryRecord, RegistryRecord.uscc == Operator.uscc)
        .where(Operator.uscc.in_({row.uscc for row in rows}))
    )
    here: dict[str, Any] = {record.uscc: record for record in db.session.execute(statement)}
    found = set()
    for row in rows:
        if row.uscc not in here:
            continue
        _, operator_id, status, abnormal, as_of = here[row.uscc]
        if as_of is not None and row.as_of < as_of:
            continue
        before = None if status is None else consequence(status, abnormal=abnormal)[0]
        if rules.takes_down(before, _consequence_of(row)):
            found.add(operator_id)
    return found


def _take_in(
    run: RegistryRun, feed: Feed, actor: Actor, now: datetime, progress: Callable[[int], None] | None
) -> RegistryRun:
    total = Counts()
    entries = _entries(feed, progress)
    try:
        while batch := list(islice(entries, BATCH)):
            total.add(_batch(run.id, feed.mapping.source, batch, actor, now, total.refused))
    except BaseException:
        rollback()
        logger.exception("registry import broke off", extra={"run_id": run.id})
        _finish(run, total, actor, stopped="broke_off")
        raise
    return _finish(run, total, actor)


def _batch(
    run_id: int, source: str, entries: Sequence[Entry], actor: Actor, now: datetime, refused_before: int
) -> Counts:
    """One batch in one transaction, tried again when another writer was first."""
    rows = [entry for entry in entries if len(entry) == 2]
    broken = [entry for entry in entries if len(entry) == 3]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            counts, refused = operations.take_in(run_id, source, rows, actor, now)
            _keep_refusals(run_id, sorted([*broken, *refused]), refused_before)
            commit()
        except (Conflict, IntegrityError, StaleDataError):
            rollback()
            if attempt == ATTEMPTS:
                raise
            continue
        counts.rows += len(broken)
        counts.refused += len(broken)
        return counts
    raise AssertionError("unreachable")


def _keep_refusals(run_id: int, refused: Sequence[Refused], before: int) -> None:
    room = max(0, REFUSALS_KEPT - before)
    if refused[:room]:
        db.session.execute(
            sa.insert(RegistryRefusal),
            [
                {"run_id": run_id, "line": line, "reason": reason, "detail": detail[:200]}
                for line, reason, detail in refused[:room]
            ],
        )


def _finish(run: RegistryRun, counts: Counts, actor: Actor, stopped: str | None = None) -> RegistryRun:
    for name, value in asdict(counts).items():
        setattr(run, name, value)
    run.finished_at, run.stopped_reason = clock.now(), stopped
    _record(run, actor, "registry.import", {**asdict(counts), "source": run.source, "stopped": stopped})
    commit()
    return run


def _record(run: RegistryRun, actor: Actor, action: str, facts: dict[str, object]) -> None:
    audit.record(actor, action, "registry_run", run.id, now=clock.now(), new=facts)
