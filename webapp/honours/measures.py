"""Mass measures from a file: previewed row by row by one officer, confirmed by another, done in the background.

Each row is done by the same operations as a single one, as proposed by the officer who handed the file in and decided
by the one who confirmed it; so every rule of a single measure holds for each row.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.accounts import queries as accounts
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.web.permissions import PERMISSIONS

from . import measure_rows, sheets
from .measure_rows import KINDS, needed
from .models import Measure, MeasureRow, MeasureState, RowFate
from .rules import REASON_LONGEST

__all__ = ["KINDS"]

#: Rows that one turn of the job does: a turn is one transaction.
TURN = 40
_UPLOADERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})


def upload(kind: str, file_name: str, data: bytes, actor: Actor, now: datetime) -> Measure:
    """Read and look at every row; nothing is done yet. Raises Invalid for a file that cannot be read at all."""
    if not actor.holds(_UPLOADERS) or actor.account_id is None:
        raise Forbidden("no_access")
    if kind not in KINDS:
        raise Invalid("measure_kind", field="kind")
    if not actor.holds(PERMISSIONS[needed(kind)[0]]):
        raise Forbidden("no_access")
    rows = sheets.read(data, policy.get_int("measure.rows_max", clock.day_of(now)))
    measure = Measure(
        kind=kind,
        file_name=file_name[:200] or "file",
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        region_code=next(post.region_code for post in actor.posts if post.role in _UPLOADERS),
        uploaded_by_id=actor.account_id,
        uploaded_at=now,
    )
    db.session.add(measure)
    db.session.flush()
    seen: dict[int, int] = {}
    for line, cells in rows:
        db.session.add(measure_rows.look(measure, line, cells, seen, actor, now))
    db.session.flush()
    audit.record(actor, "measure.upload", "measure", measure.id, now=now, new=_trace(measure, len(rows)))
    return measure


def confirm(measure_id: int, actor: Actor, now: datetime, version: int) -> Measure:
    """The second person: from the commit on the rows are done in the background."""
    measure = _waiting(measure_id, version)
    if not actor.holds(PERMISSIONS[needed(measure.kind)[1]]) or actor.account_id is None:
        raise Forbidden("no_access")
    if actor.account_id == measure.uploaded_by_id:
        raise Forbidden("measure_two_people")
    if not counts(measure.id).get(RowFate.READY):
        raise Conflict("measure_nothing")
    measure.state, measure.decided_by_id, measure.decided_at = MeasureState.RUNNING, actor.account_id, now
    _flush()
    audit.record(actor, "measure.confirm", "measure", measure.id, now=now, new={"kind": measure.kind})
    return measure


def drop(measure_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Measure:
    """Do none of it: by who handed it in, or by a second officer."""
    measure = _waiting(measure_id, version)
    own = actor.account_id is not None and actor.account_id == measure.uploaded_by_id
    if not own and not actor.holds(PERMISSIONS["listing.confirm"]):
        raise Forbidden("no_access")
    measure.state, measure.decided_at = MeasureState.DROPPED, now
    measure.decided_by_id, measure.reason = actor.account_id, reason.strip()[:REASON_LONGEST] or None
    _flush()
    audit.record(actor, "measure.drop", "measure", measure.id, now=now, reason=measure.reason)
    return measure


def run(now: datetime) -> int:
    """The job: some rows of the oldest running file; returns how many were dealt with."""
    statement = sa.select(Measure).where(Measure.state == MeasureState.RUNNING).order_by(Measure.id).limit(1)
    measure = db.session.scalar(statement)
    if measure is None:
        return 0
    rows = list(
        db.session.scalars(
            sa.select(MeasureRow)
            .where(MeasureRow.measure_id == measure.id, MeasureRow.fate == RowFate.READY)
            .order_by(MeasureRow.line)
            .limit(TURN)
            .with_for_update(of=MeasureRow, skip_locked=True)
        )
    )
    first, second = (accounts.get_account(one).actor() for one in _people(measure))
    for row in rows:
        measure_rows.do(measure, row, first, second, now)
    if not counts(measure.id).get(RowFate.READY):
        measure.state, measure.finished_at = MeasureState.DONE, now
    return len(rows)


def counts(measure_id: int) -> dict[RowFate, int]:
    """How many rows have which fate."""
    statement = sa.select(MeasureRow.fate, sa.func.count()).where(MeasureRow.measure_id == measure_id)
    return dict(db.session.execute(statement.group_by(MeasureRow.fate)).tuples().all())


def get(measure_id: int) -> Measure:
    """The measure; raises NotFound."""
    found = db.session.get(Measure, measure_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(measure_id: int, **_rest: object) -> Scope:
    """For access rules: the place of the office that handed the file in."""
    measure = get(measure_id)
    for post in accounts.get_account(measure.uploaded_by_id).actor().posts:
        if post.region_code == measure.region_code:
            return Scope(post.region_code, post.station_id, post.department_code)
    return Scope(measure.region_code)


def listed(actor: Actor) -> sa.Select[tuple[Measure]]:
    """Files of the officer's place and those handed in by the officer, newest first, for paging."""
    places = [
        Measure.region_code.startswith(post.region_code, autoescape=True)
        for post in actor.posts
        if post.station_id is None and post.role in PERMISSIONS["listing.read"]
    ]
    own = Measure.uploaded_by_id == actor.account_id
    return sa.select(Measure).where(sa.or_(own, *places)).order_by(Measure.id.desc())


def rows_of(measure_id: int) -> sa.Select[tuple[MeasureRow]]:
    """The rows of a file by line, those that cannot be done first, for paging."""
    bad_first = sa.case((MeasureRow.fate.in_([RowFate.REFUSED, RowFate.FAILED]), 0), else_=1)
    return (
        sa.select(MeasureRow).where(MeasureRow.measure_id == measure_id).order_by(bad_first, MeasureRow.line)
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def _people(measure: Measure) -> tuple[int, int]:
    return measure.uploaded_by_id, measure.decided_by_id or 0


def _waiting(measure_id: int, version: int) -> Measure:
    measure = db.session.get(Measure, measure_id)
    if measure is None:
        raise NotFound("no_such_thing")
    if measure.state is not MeasureState.WAITING or measure.version != version:
        raise Conflict("changed_meanwhile")
    return measure


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error


def _trace(measure: Measure, rows: int) -> dict[str, object]:
    return {"kind": measure.kind, "sha256": measure.sha256, "rows": rows}
