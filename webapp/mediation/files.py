"""A file of bodies: looked at row by row, nothing done before it is confirmed; and the register as such a file.

Looking at a file and doing it is the same code: what was only looked at is rolled back. A row is known by its name. A
cell that is empty empties what may be empty; a column that is missing leaves what the register says.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.accounts import queries as accounts
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from webapp.core.steps import permit
from webapp.web import tables, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import bodies, hours
from .areas import Names
from .bodies import BodyFacts
from .models import BodyFile, MediationBody
from .public import KINDS
from .rules import NOWHERE, Area, MediatorKind

SUBJECT: Final = "mediation_body_file"
ROWS_MOST: Final = 2000
FILE_MOST: Final = 5_000_000  # bytes
#: Columns of the file in their order; their headings are words (``mediation.body.<column>``).
COLUMNS: Final = (*bodies.FIELDS, "state")


class Fate(enum.StrEnum):
    """What becomes of a row."""

    REFUSED = "refused"
    ADD = "add"
    CHANGE = "change"
    SAME = "same"


@dataclass
class Row:
    """A row of the file: its line, the body's name, what becomes of it and why; `fields`: (column, before, after)."""

    line: int
    name: str
    fate: str
    error: str = ""
    fields: list[list[Any]] = field(default_factory=list)


# --- writing ----------------------------------------------------------------------------------------------------------


def upload(file_name: str, data: bytes, actor: Actor, now: datetime) -> BodyFile:
    """Read a file and look at every row; nothing is done yet. Raises Invalid with the field "file"."""
    if not actor.holds(bodies.WHO) or actor.account_id is None:
        raise Forbidden("no_access")
    cells = _read(data)
    sha256 = hashlib.sha256(data).hexdigest()
    waiting = sa.select(BodyFile).where(
        BodyFile.sha256 == sha256,
        BodyFile.uploaded_by_id == actor.account_id,
        BodyFile.confirmed_at.is_(None),
        BodyFile.dropped_at.is_(None),
    )
    file = db.session.scalar(waiting.limit(1))  # the form was sent twice
    if file is None:
        file = BodyFile(
            file_name=typed.line(file_name, 200) or "file",
            sha256=sha256,
            rows={},
            uploaded_by_id=actor.account_id,
            uploaded_at=now,
        )
        db.session.add(file)
    looked = db.session.begin_nested()
    rows, _, _ = _take(cells, actor, now)
    looked.rollback()
    file.rows = {"cells": cells, "rows": [asdict(row) for row in rows]}
    db.session.add(file)
    db.session.flush()
    audit.record(actor, "mediation_body.upload", SUBJECT, file.id, now=now, new=_trace(file))
    return file


def confirm(file_id: int, actor: Actor, now: datetime, version: int) -> BodyFile:
    """Do what was looked at; rows that cannot be done (any more) say why and change nothing. Raises Conflict."""
    file = _waiting(file_id, actor, version)
    rows, area, kinds = _take(file.rows["cells"], actor, now)
    file.confirmed_at, file.changed = now, sum(row.fate in {Fate.ADD, Fate.CHANGE} for row in rows)
    file.rows = {"cells": file.rows["cells"], "rows": [asdict(row) for row in rows]}
    _flush()
    for kind in kinds:
        bodies.show_anew(area, kind, now)
    audit.record(actor, "mediation_body.import", SUBJECT, file.id, now=now, new=_trace(file))
    return file


def drop(file_id: int, actor: Actor, now: datetime, version: int) -> BodyFile:
    """Do none of it."""
    file = _waiting(file_id, actor, version)
    file.dropped_at = now
    _flush()
    audit.record(actor, "mediation_body.drop", SUBJECT, file.id, now=now, new=_trace(file))
    return file


def _waiting(file_id: int, actor: Actor, version: int) -> BodyFile:
    file = get(file_id)
    permit(actor, bodies.WHO, scope_of(file_id))
    if file.version != version or file.confirmed_at is not None or file.dropped_at is not None:
        raise Conflict("changed_meanwhile")
    return file


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError:
        raise Conflict("changed_meanwhile") from None


def _trace(file: BodyFile) -> dict[str, Any]:
    return {
        "file": file.file_name,
        "sha256": file.sha256,
        "rows": len(file.rows["rows"]),
        "changed": file.changed,
    }


# --- reading ----------------------------------------------------------------------------------------------------------


def get(file_id: int) -> BodyFile:
    """The file; raises NotFound."""
    found = db.session.get(BodyFile, file_id)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def scope_of(file_id: int, **_rest: object) -> Scope:
    """For access rules: where whoever handed it in works."""
    posts = accounts.get_account(get(file_id).uploaded_by_id).actor().posts
    return Scope(next((post.region_code for post in posts if post.role in bodies.WHO), ""))


def own(actor: Actor) -> sa.Select[tuple[BodyFile]]:
    """The officer's own files, the newest first, for paging."""
    statement = sa.select(BodyFile).where(BodyFile.uploaded_by_id == actor.account_id)
    return statement.order_by(BodyFile.id.desc())


def rows_of(file: BodyFile) -> list[Row]:
    """The rows: what cannot be done first, then what changes, then the rest."""
    order = [Fate.REFUSED, Fate.ADD, Fate.CHANGE, Fate.SAME]
    rows = [Row(**row) for row in file.rows["rows"]]
    return sorted(rows, key=lambda row: (order.index(Fate(row.fate)), row.line))


def exported(statement: sa.Select[tuple[MediationBody]]) -> Iterator[list[str]]:
    """The bodies of a statement as lines of a file that can be handed in again; the headings first."""
    names = Names()
    yield [label(f"mediation.body.{column}") for column in COLUMNS]
    for body in db.session.scalars(statement.options(selectinload(MediationBody.areas))):
        said = _said(body, names)
        yield ["" if said[column] is None else str(said[column]) for column in COLUMNS]


# --- a row ------------------------------------------------------------------------------------------------------------


def _read(data: bytes) -> list[list[Any]]:
    """[line, {column: text}] of every row that says something."""
    by_heading = {label(f"mediation.body.{column}"): column for column in COLUMNS}
    headings: list[str | None] = []
    found: list[list[Any]] = []
    try:
        for line, texts in tables.read(data):
            if not headings:
                headings = [by_heading.get(text.replace(" ", "")) for text in texts]
                if "name" not in headings:
                    raise Invalid("body_file", field="file")
                continue
            if len(found) == ROWS_MOST:
                raise Invalid("body_file_many", field="file", most=ROWS_MOST)
            pairs = zip(headings, [*texts, *[""] * len(headings)], strict=False)
            found.append([line, {column: typed.line(text) for column, text in pairs if column}])
    except tables.Unreadable:
        raise Invalid("body_file", field="file") from None
    if not found:
        raise Invalid("body_file", field="file")
    return found


def _take(cells: list[list[Any]], actor: Actor, now: datetime) -> tuple[list[Row], Area, set[MediatorKind]]:
    """Do every row in a savepoint of its own; with the area and the kinds whose shops' pages have to be told."""
    names, rows, seen = Names(), [], dict[str, int]()
    area, kinds = NOWHERE, set[MediatorKind]()
    for line, row in cells:
        name = row.get("name", "")
        try:
            if name in seen:
                raise Invalid("body_row_twice", field="name", line=seen[name])
            seen[name] = line
            with db.session.begin_nested():
                done, touched, kind = _do(Row(line, name, Fate.SAME), row, names, actor, now)
            rows.append(done)
            if done.fate != Fate.SAME:
                area, kinds = area | touched, kinds | kind
        except DomainError as error:
            rows.append(Row(line, name, Fate.REFUSED, _reason(error)))
    return rows, area, kinds


def _do(
    row: Row, cells: Mapping[str, str], names: Names, actor: Actor, now: datetime
) -> tuple[Row, Area, set[MediatorKind]]:
    body = db.session.scalar(sa.select(MediationBody).where(MediationBody.name == row.name))
    before = dict[str, Any]() if body is None else _said(body, names)
    area, kinds = (NOWHERE, set()) if body is None else (body.area, {body.kind})
    facts = _facts(cells, before, names)
    if body is None:
        body, row.fate = bodies.enter(facts, actor, now), Fate.ADD
    else:
        bodies.correct(body, facts, actor, now)
    _set_state(body, cells, actor, now)
    db.session.flush()
    after = _said(body, names)
    row.fields = [
        [column, before.get(column), after[column]]
        for column in COLUMNS
        if before.get(column) != after[column]
    ]
    if before and row.fields:
        row.fate = Fate.CHANGE
    return row, area | body.area, kinds | {body.kind}


def _facts(cells: Mapping[str, str], before: Mapping[str, Any], names: Names) -> BodyFacts:
    """What the row says; of columns that the file does not have, what the register says."""
    said = {**dict.fromkeys(COLUMNS, ""), **before, **cells}
    region_code = (
        names.county(said["region_code"]) if "region_code" in cells else before.get("region_code_raw", "")
    )
    if not region_code:
        raise Invalid("body_row_county", field="region_code", text=said["region_code"][:20])
    kinds = {label(f"mediation.kind.{kind}"): kind.value for kind in KINDS}
    return BodyFacts(
        kind=kinds.get(said["kind"], ""),
        name=said["name"],
        region_code=region_code,
        address=said["address"],
        latitude=_degrees(said["latitude"]),
        longitude=_degrees(said["longitude"]),
        phone=said["phone"],
        contact=said["contact"],
        opening_hours=hours.read(said["opening_hours"]),
        area=names.read(said["area"], region_code),
    )


def _degrees(text: Any) -> float | None:
    if text in {None, ""}:
        return None
    try:
        return float(text)
    except ValueError:
        raise Invalid("body_position", field="latitude") from None


def _set_state(body: MediationBody, cells: Mapping[str, str], actor: Actor, now: datetime) -> None:
    state = cells.get("state", "")
    if state == label("mediation.body.closed"):
        bodies.end(body, actor, now)
    elif state in {label("mediation.body.open"), ""}:
        if state:
            bodies.resume(body, actor, now)
    else:
        raise Invalid("body_row_state", field="state", text=state[:20])


def _said(body: MediationBody, names: Names) -> dict[str, Any]:
    """A body as the columns of a file say it (``region_code_raw`` is the code itself)."""
    said = bodies.said_of(body, names)
    said["region_code_raw"] = body.region_code
    said["kind"] = label(f"mediation.kind.{body.kind}")
    said["region_code"] = names.regions.get(body.region_code[:6], body.region_code)
    said["state"] = label("mediation.body.closed" if body.closed_at is not None else "mediation.body.open")
    return said


def _reason(error: DomainError) -> str:
    """Why a row is refused, with the column that it is about."""
    if isinstance(error, Forbidden):
        return label("error.body_out_of_reach")
    column = getattr(error, "field", None) or ""
    column = {"hours": "opening_hours", "region": "region_code"}.get(column, column)
    words = message_of(error)
    return f"{label(f'mediation.body.{column}')}：{words}" if column in COLUMNS else words
