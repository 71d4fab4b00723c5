"""An import run from beginning to end: look ahead, stop when it is too much, take in batch by batch.

The feed is read twice. The first reading only counts how many live shops it would take down, so that a faulty export
is noticed before anything has changed; the second takes it in, with a commit after each batch, so that a large feed
never keeps the database from others. A run that breaks off is simply started again: what is in already counts as
unchanged.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.transaction import commit, rollback
from webapp.merchants.models import Operator

from . import operations, queries, reading, rules
from .mapping import FeedMapping
from .models import RegistryRecord, RegistryRefusal, RegistryRun, RegistryUpload
from .operations import Counts
from .rows import Row, RowRefused, read_row
from .rules import Consequence, consequence

BATCH = 1000
#: Refused rows that are kept with their reasons; beyond that they are only counted.
REFUSALS_KEPT = 10_000
#: Operators that a waiting file names to the second officer.
FALLING_KEPT = 200
ATTEMPTS = 3

logger = logging.getLogger(__name__)
Refused = tuple[int, str, str]
Entry = tuple[int, Row] | Refused
Take = Callable[[Sequence[tuple[int, Row]]], tuple[Counts, list[Refused]]]


@dataclass(frozen=True)
class Feed:
    """What is imported: a seekable stream, the name it is remembered by, how it is read, the day it speaks of."""

    stream: IO[bytes]
    name: str
    mapping: FeedMapping
    as_of: date
    today: date


@dataclass
class Fall:
    """What a feed does to operators here: the consequence of those that fall `further` than they are, and all that it
    says are struck off (`revoked`), fallen before or not."""

    further: dict[int, Consequence] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)

    def as_json(self) -> list[dict[str, object]]:
        """For the second officer: the hardest first, at most :data:`FALLING_KEPT`."""
        found = dict.fromkeys(sorted(self.revoked), Consequence.REVOKE)
        found |= {key: value for key, value in sorted(self.further.items()) if key not in found}
        shown = list(found.items())[:FALLING_KEPT]
        return [{"operator_id": key, "consequence": value.value} for key, value in shown]


def run_import(
    stream: IO[bytes],
    name: str,
    mapping: FeedMapping,
    actor: Actor,
    now: datetime,
    *,
    as_of: date | None = None,
    forced_by: Sequence[str] = (),
    keep_as: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    begun: Callable[[RegistryRun], None] | None = None,
) -> RegistryRun:
    """Import a feed and return its finished run; commits as it goes.

    `as_of` is the day that rows without a date of their own speak of (default: the mapping's, else today). `forced_by`
    are the usernames of two officers who answer for a feed that takes down too many shops, or for a file that a person
    hands in and that revokes a code; without them such a run ends with ``stopped_reason`` "too_many_takedowns" or
    "needs_second_officer" and nothing changed. With `keep_as` (the mapping's name) the file then waits for a second
    officer (:mod:`.uploads`). `progress(part, bytes)`: part 1 looks ahead, 2
    takes in. `begun(run)` is called in the transaction that opens the taking in, before any row. Raises
    :class:`.reading.Unreadable` when the file cannot be read at all.
    """
    today = clock.day_of(now)
    feed = Feed(stream, name[-200:], mapping, as_of or mapping.as_of or today, today)
    fall = _survey(feed, _part(progress, 1))
    live = queries.count_live_shops(None)
    taken_down = queries.count_live_shops(fall.further) if fall.further else 0
    revoked = queries.with_codes(fall.revoked) if fall.revoked else frozenset()
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
    two_people = len(set(forced_by)) >= 2
    if rules.is_too_much(taken_down, live, policy.get_int("registry.takedown_share_percent", today)):
        if not two_people:
            return _stop(run, feed, fall, actor, keep_as, stopped="too_many_takedowns")
        _record(run, actor, "registry.force", {"by": list(forced_by), "takedowns": taken_down, "live": live})
    by_person = actor.role is not Role.SYSTEM
    if rules.needs_second_officer(len(revoked), by_person=by_person) and not two_people:
        return _stop(run, feed, fall, actor, keep_as, stopped="needs_second_officer")
    if begun is not None:
        begun(run)
    commit()
    return _take_in(run, feed, actor, now, _part(progress, 2), two_people=two_people)


def _stop(
    run: RegistryRun, feed: Feed, fall: Fall, actor: Actor, keep_as: str | None, *, stopped: str
) -> RegistryRun:
    """End the run with nothing changed; with `keep_as` its file waits for a second officer."""
    if keep_as is not None and actor.account_id is not None:
        feed.stream.seek(0)
        data = feed.stream.read()
        upload = RegistryUpload(
            run_id=run.id,
            state=rules.UPLOAD_STEPS.first,
            mapping=keep_as,
            as_of=feed.as_of,
            sha256=hashlib.sha256(data).hexdigest(),
            data=data,
            falling=fall.as_json(),
            uploaded_by_id=actor.account_id,
        )
        db.session.add(upload)
    return _finish(run, Counts(), actor, stopped=stopped)


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


def _survey(feed: Feed, progress: Callable[[int], None] | None) -> Fall:
    """What the feed would do to the operators that are here."""
    hard: list[Row] = []
    fall = Fall()
    for entry in _entries(feed, progress):
        if len(entry) == 2 and _consequence_of(entry[1]) is not Consequence.NONE:
            hard.append(entry[1])
        if len(hard) >= BATCH:
            _weigh(hard, fall)
            hard.clear()
    _weigh(hard, fall)
    return fall


def _consequence_of(row: Row) -> Consequence:
    return consequence(row.facts["status"], abnormal=bool(row.facts.get("abnormal")))[0]


def _weigh(rows: Sequence[Row], fall: Fall) -> None:
    statement = (
        sa.select(
            Operator.uscc, Operator.id, RegistryRecord.status, RegistryRecord.abnormal, RegistryRecord.as_of
        )
        .outerjoin(RegistryRecord, RegistryRecord.uscc == Operator.uscc)
        .where(Operator.uscc.in_({row.uscc for row in rows}))
    )
    here: dict[str, Any] = {record.uscc: record for record in db.session.execute(statement)}
    for row in rows:
        if row.uscc not in here:
            continue
        _, operator_id, status, abnormal, as_of = here[row.uscc]
        if as_of is not None and row.as_of < as_of:
            continue
        before = None if status is None else consequence(status, abnormal=abnormal)[0]
        after = _consequence_of(row)
        if after is Consequence.REVOKE:
            fall.revoked.add(operator_id)
        if rules.takes_down(before, after) and fall.further.get(operator_id) is not Consequence.REVOKE:
            fall.further[operator_id] = after


def _take_in(
    run: RegistryRun,
    feed: Feed,
    actor: Actor,
    now: datetime,
    progress: Callable[[int], None] | None,
    *,
    two_people: bool,
) -> RegistryRun:
    total = Counts()
    entries, run_id, source = _entries(feed, progress), run.id, feed.mapping.source

    def take(rows: Sequence[tuple[int, Row]]) -> tuple[Counts, list[Refused]]:
        return operations.take_in(run_id, source, rows, actor, now, two_people=two_people)

    try:
        while batch := list(islice(entries, BATCH)):
            total.add(_batch(run.id, take, batch, total.refused))
    except BaseException:
        rollback()
        logger.exception("registry import broke off", extra={"run_id": run.id})
        _finish(run, total, actor, stopped="broke_off")
        raise
    return _finish(run, total, actor)


def _batch(run_id: int, take: Take, entries: Sequence[Entry], refused_before: int) -> Counts:
    """One batch in one transaction, tried again when another writer was first."""
    rows = [entry for entry in entries if len(entry) == 2]
    broken = [entry for entry in entries if len(entry) == 3]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            counts, refused = take(rows)
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
