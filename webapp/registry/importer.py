"""An import run from beginning to end: look ahead, stop when it is too much, take in batch by batch.

The feed is read twice. The first reading only counts how many live shops it would take down, so that a faulty export
is noticed before anything has changed; the second takes it in, with a commit after each batch, so that a large feed
never keeps the database from others. A run that breaks off is simply started again: what is in already counts as
unchanged.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import among, db
from webapp.core.errors import Conflict
from webapp.core.transaction import commit, rollback
from webapp.merchants.models import Operator

from . import operations, queries, reading, rules
from .mapping import FeedMapping
from .models import RegistryRecord, RegistryRefusal, RegistryRun, RegistryUpload
from .operations import Counts
from .rows import Row, RowRefused, read_row, surely_stands
from .rules import Consequence, consequence

BATCH = 1000
BEAT_EVERY = timedelta(seconds=2)
_GZIP = b"\x1f\x8b"
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
    run: RegistryRun | None = None,
) -> RegistryRun:
    """Import a feed and return its finished run; commits as it goes.

    `as_of` is the day that rows without a date of their own speak of (default: the mapping's, else today). `forced_by`
    are the usernames of two officers who answer for a feed that takes down too many shops, or for a file that a person
    hands in and that revokes a code; without them such a run ends with ``stopped_reason`` "too_many_takedowns" or
    "needs_second_officer" and nothing changed. With `keep_as` (the mapping's name) the file then waits for a second
    officer (:mod:`.uploads`). `progress(part, bytes)`: part 1 looks ahead, 2 takes in. `run` is a run that began
    before, by fetching or by two officers' word, and shows from now on how far this is. Raises
    :class:`.reading.Unreadable` when the file cannot be read at all.
    """
    today = clock.day_of(now)
    feed = Feed(stream, name[-200:], mapping, as_of or mapping.as_of or today, today)
    fall = _survey(feed, _part(progress, 1) if run is None else _beating(run, feed))
    live = queries.count_live_shops(None)
    taken_down = queries.count_live_shops(fall.further) if fall.further else 0
    revoked = queries.with_codes(fall.revoked) if fall.revoked else frozenset()
    if run is None:
        run = RegistryRun(source=feed.name, started_at=now, started_by_id=actor.account_id, kind="file")
        db.session.add(run)
    run.takedowns, run.live_shops, run.forced_by = taken_down, live, ",".join(forced_by) or None
    run.total_bytes = _size(stream) or run.total_bytes
    db.session.flush()
    two_people = len(set(forced_by)) >= 2
    if rules.is_too_much(taken_down, live, policy.get_int("registry.takedown_share_percent", today)):
        if not two_people:
            return _stop(run, feed, fall, actor, keep_as, stopped="too_many_takedowns")
        _record(run, actor, "registry.force", {"by": list(forced_by), "takedowns": taken_down, "live": live})
    by_person = actor.role is not Role.SYSTEM
    if rules.needs_second_officer(len(revoked), by_person=by_person) and not two_people:
        return _stop(run, feed, fall, actor, keep_as, stopped="needs_second_officer")
    commit()
    return _take_in(run, feed, actor, now, _part(progress, 2), two_people=two_people)


def _stop(
    run: RegistryRun, feed: Feed, fall: Fall, actor: Actor, keep_as: str | None, *, stopped: str
) -> RegistryRun:
    """End the run with nothing changed; with `keep_as` its file waits for a second officer."""
    if keep_as is not None:
        data, sha256 = _kept(feed.stream, packed=run.kind == "pull")
        upload = RegistryUpload(
            run_id=run.id,
            state=rules.UPLOAD_STEPS.first,
            mapping=keep_as[:40],
            as_of=feed.as_of,
            sha256=sha256,
            data=data,
            falling=fall.as_json(),
            uploaded_by_id=actor.account_id,
        )
        db.session.add(upload)
    return _finish(run, Counts(), actor, stopped=stopped)


def _kept(stream: IO[bytes], *, packed: bool) -> tuple[bytes, str]:
    """The bytes to keep of a feed (`packed`: gzip) and the SHA-256 of the feed itself, hex."""
    stream.seek(0)
    if not packed:
        data = stream.read()
        return data, hashlib.sha256(data).hexdigest()
    out, seen = io.BytesIO(), hashlib.sha256()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packer:
        while chunk := stream.read(1 << 20):
            seen.update(chunk)
            packer.write(chunk)
    return out.getvalue(), seen.hexdigest()


def unpacked(data: bytes) -> IO[bytes]:
    """What :func:`_kept` kept, as a seekable stream."""
    plain = io.BytesIO(data)
    return gzip.GzipFile(fileobj=plain) if data.startswith(_GZIP) else plain  # type: ignore[return-value]


def _size(stream: IO[bytes]) -> int:
    """Bytes of a seekable stream; 0 for a packed one, which knows only at its end."""
    try:
        return stream.seek(0, io.SEEK_END)
    except ValueError:
        return 0


def _beating(run: RegistryRun, feed: Feed) -> Callable[[int], None]:
    """For the look ahead of a pull, which changes nothing: how far it is, every now and then in a small commit."""
    run.phase, run.done_bytes = rules.Phase.SURVEYING, 0
    run.total_bytes = _size(feed.stream) or run.total_bytes
    commit()
    last = [clock.now()]

    def beat(count: int) -> None:
        if clock.now() - last[0] < BEAT_EVERY:
            return
        last[0] = clock.now()
        run.done_bytes, run.beat_at = count, last[0]
        commit()

    return beat


def _part(progress: Callable[[int, int], None] | None, part: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda count: progress(part, count)


def _entries(feed: Feed, progress: Callable[[int], None] | None, *, ahead: bool = False) -> Iterator[Entry]:
    """Every record of the feed as (line, row), or as a refusal (line, reason, detail).

    `ahead`: leave out those that surely take nothing down.
    """
    for record in reading.read(feed.stream, feed.mapping, progress):
        if isinstance(record, reading.Broken):
            yield record.line, record.reason, record.detail
            continue
        if ahead and surely_stands(record.cells, feed.mapping):
            continue
        try:
            yield record.line, read_row(record.cells, feed.mapping, feed.as_of, feed.today)
        except RowRefused as error:
            yield record.line, error.reason, error.detail


def _survey(feed: Feed, progress: Callable[[int], None] | None) -> Fall:
    """What the feed would do to the operators that are here."""
    hard: list[Row] = []
    fall = Fall()
    for entry in _entries(feed, progress, ahead=True):
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
        .where(among(Operator.uscc, {row.uscc for row in rows}))
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

    run.phase, run.done_bytes = rules.Phase.TAKING, 0
    try:
        while batch := list(islice(entries, BATCH)):
            total.add(_batch(run, feed, take, batch, total))
    except BaseException:
        rollback()
        logger.exception("registry import broke off", extra={"run_id": run_id})
        _finish(run, total, actor, stopped="broke_off")
        raise
    return _finish(run, total, actor)


def _batch(run: RegistryRun, feed: Feed, take: Take, entries: Sequence[Entry], total: Counts) -> Counts:
    """One batch in one transaction, tried again when another writer was first.

    The run's figures so far go with it: whoever watches sees them grow, and a killed run tells what it did.
    """
    rows = [entry for entry in entries if len(entry) == 2]
    broken = [entry for entry in entries if len(entry) == 3]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            counts, refused = take(rows)
            counts.rows += len(broken)
            counts.refused += len(broken)
            _keep_refusals(run.id, sorted([*broken, *refused]), total.refused)
            _show(run, total, counts)
            run.done_bytes, run.beat_at = feed.stream.tell(), clock.now()
            commit()
        except (Conflict, IntegrityError, StaleDataError):
            rollback()
            if attempt == ATTEMPTS:
                raise
            continue
        return counts
    raise AssertionError("unreachable")


def _show(run: RegistryRun, *parts: Counts) -> None:
    together = Counts()
    for part in parts:
        together.add(part)
    for name, value in asdict(together).items():
        setattr(run, name, value)


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
    _show(run, counts)
    run.finished_at, run.stopped_reason, run.phase = clock.now(), stopped, None
    _record(run, actor, "registry.import", {**asdict(counts), "source": run.source, "stopped": stopped})
    commit()
    return run


def _record(run: RegistryRun, actor: Actor, action: str, facts: dict[str, object]) -> None:
    audit.record(actor, action, "registry_run", run.id, now=clock.now(), new=facts)
