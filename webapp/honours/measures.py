"""Mass measures from a file: previewed row by row by one officer, confirmed by another, done in the background.

Each row is done by the same operations as a single one, as proposed by the officer who handed the file in and decided
by the one who confirmed it; so every rule of a single measure holds for each row.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.accounts import queries as accounts
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from webapp.core.identifiers import check_uscc, normalise_uscc
from webapp.listings import grounds
from webapp.listings import operations as listings
from webapp.listings.rules import Colour
from webapp.merchants.models import Operator, Shop
from webapp.web.permissions import PERMISSIONS
from webapp.web.words import label

from . import operations, sheets
from .models import Measure, MeasureRow, MeasureState, RowFate
from .operations import Facts
from .rules import REASON_LONGEST, SECTORS, HonourKind

KINDS = ("black", "red", "demonstration", "no_reason_return")
#: Rows that one turn of the job does: a turn is one transaction.
TURN = 40
_UPLOADERS = frozenset({Role.STATION_OFFICER, Role.BUREAU_OFFICER})


class Bad(Exception):
    """A row that cannot be done: a word key with its details."""

    def __init__(self, key: str, details: dict[str, object]) -> None:
        super().__init__(key)
        self.key, self.details = key, details


def upload(kind: str, file_name: str, data: bytes, actor: Actor, now: datetime) -> Measure:
    """Read and look at every row; nothing is done yet. Raises Invalid for a file that cannot be read at all."""
    if not actor.holds(_UPLOADERS) or actor.account_id is None:
        raise Forbidden("no_access")
    if kind not in KINDS:
        raise Invalid("measure_kind", field="kind")
    rows = sheets.read(data, policy.get_int("measure.rows_max", clock.day_of(now)))
    measure = Measure(
        kind=kind,
        file_name=file_name[:200] or "file",
        sha256=hashlib.sha256(data).hexdigest(),
        region_code=next(post.region_code for post in actor.posts if post.role in _UPLOADERS),
        uploaded_by_id=actor.account_id,
        uploaded_at=now,
    )
    db.session.add(measure)
    db.session.flush()
    seen: dict[int, int] = {}
    for line, cells in rows:
        db.session.add(_look(measure, line, cells, seen, actor, now))
    db.session.flush()
    audit.record(actor, "measure.upload", "measure", measure.id, now=now, new=_trace(measure, len(rows)))
    return measure


def confirm(measure_id: int, actor: Actor, now: datetime, version: int) -> Measure:
    """The second person: from the commit on the rows are done in the background."""
    measure = _waiting(measure_id, version)
    if not actor.holds(PERMISSIONS["listing.confirm"]) or actor.account_id is None:
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
        )
    )
    first, second = (accounts.get_account(one).actor() for one in _people(measure))
    for row in rows:
        _do(measure, row, first, second, now)
    if len(rows) < TURN:
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


# --- a row ------------------------------------------------------------------------------------------------------------


def _look(
    measure: Measure, line: int, cells: dict[str, str], seen: dict[int, int], actor: Actor, now: datetime
) -> MeasureRow:
    row = MeasureRow(measure_id=measure.id, line=line, cells=cells, fate=RowFate.READY)
    try:
        shop = _shop(cells)
        row.shop_id = shop.id
        _check_reach(shop, seen, actor)
        _check(measure.kind, shop, cells, actor, now)
        seen[shop.id] = line
    except Bad as bad:
        row.fate, row.error = RowFate.REFUSED, label(bad.key, **bad.details)
    except DomainError as error:
        row.fate, row.error = RowFate.REFUSED, _words(error)
    return row


def _check_reach(shop: Shop, seen: dict[int, int], actor: Actor) -> None:
    if shop.id in seen:
        raise Bad("measure.row.twice", {"line": seen[shop.id]})
    if not actor.holds(PERMISSIONS["listing.propose"], shop.scope) or actor.must_stand_aside(shop.scope):
        raise Bad("measure.row.out_of_reach", {})


def _shop(cells: dict[str, str]) -> Shop:
    uscc = normalise_uscc(cells.get("uscc", ""))
    if not uscc:
        raise Bad("measure.row.no_uscc", {})
    if not check_uscc(uscc).ok:
        raise Bad("measure.row.bad_uscc", {})
    shops = list(
        db.session.scalars(
            sa.select(Shop).join(Operator).where(Operator.uscc == uscc).order_by(Shop.id).limit(50)
        )
    )
    if not shops:
        raise Bad("measure.row.no_shop", {})
    if number := cells.get("shop"):
        mine = [shop for shop in shops if str(shop.id) == number.lstrip("0")]
        if not mine:
            raise Bad("measure.row.not_of_operator", {})
        return mine[0]
    if len(shops) > 1:
        raise Bad("measure.row.many_shops", {"count": len(shops)})
    return shops[0]


def _check(kind: str, shop: Shop, cells: dict[str, str], actor: Actor, now: datetime) -> None:
    if kind in set(Colour):
        colour = Colour(kind)
        listings.check_proposal(
            colour,
            _ground(colour, cells),
            cells.get("evidence", ""),
            cells.get("summary", ""),
            _day(cells.get("term_until", "")),
            now,
        )
        listings.check_free(shop.id, colour)
        return
    operations.check(shop, _facts(kind, cells), actor, now)


def _do(measure: Measure, row: MeasureRow, first: Actor, second: Actor, now: datetime) -> None:
    """One row in a savepoint: what fails leaves nothing but its reason."""
    cells, shop_id, reason = row.cells, row.shop_id or 0, label(f"measure.kind.{measure.kind}")
    try:
        with db.session.begin_nested():
            if measure.kind in set(Colour):
                colour = Colour(measure.kind)
                listing = listings.propose(
                    shop_id,
                    colour,
                    _ground(colour, cells),
                    cells.get("evidence", ""),
                    cells.get("summary", ""),
                    _day(cells.get("term_until", "")),
                    first,
                    now,
                )
                listings.decide(listing.id, "confirm", reason, second, now, listing.version)
                row.made_id = listing.id
            else:
                honour = operations.propose(shop_id, _facts(measure.kind, cells), first, now)
                operations.decide(honour.id, "confirm", reason, second, now, honour.version)
                row.made_id = honour.id
            row.fate = RowFate.DONE
    except Bad as bad:
        row.fate, row.error = RowFate.FAILED, label(bad.key, **bad.details)
    except DomainError as error:
        row.fate, row.error = RowFate.FAILED, _words(error)


def _ground(colour: Colour, cells: dict[str, str]) -> str:
    """By its code, or by its words."""
    given = cells.get("ground", "")
    for ground in grounds.of_colour(colour.value):
        if given in {ground.code, label(f"listing.ground.{colour.value}.{ground.code}")}:
            return ground.code
    raise Bad("measure.row.ground", {"ground": given[:40]})


def _facts(kind: str, cells: dict[str, str]) -> Facts:
    days = cells.get("days", "")
    if days and not days.isdecimal():
        raise Bad("measure.row.days", {})
    sector = cells.get("sector", "")
    by_words = {label(f"honour.sector.{code}"): code for code in SECTORS}
    return Facts(
        HonourKind(kind),
        terms=cells.get("terms", ""),
        sector=by_words.get(sector, sector) or None,
        standard=cells.get("standard") or label("honour.standard"),
        days=int(days) if days else None,
        term_until=_day(cells.get("term_until", "")),
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        raise Bad("measure.row.date", {}) from None


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


def _words(error: DomainError) -> str:
    return label(f"error.{error.code}", **error.details)


def _trace(measure: Measure, rows: int) -> dict[str, object]:
    return {"kind": measure.kind, "sha256": measure.sha256, "rows": rows}
