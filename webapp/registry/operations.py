"""Taking rows of the register in, batch by batch, and passing on what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from webapp import audit
from webapp.core.actor import Actor, Role, Scope
from webapp.core.db import among, db
from webapp.core.errors import DomainError, Forbidden
from webapp.core.signals import registry_changed, send
from webapp.feed import publish
from webapp.merchants import records
from webapp.merchants.models import Operator, Shop

from . import queries, rules, telling
from .differences import differences
from .models import RegistryEvent, RegistryRecord
from .rows import FACTS, Row, facts_hash, merged
from .rules import Consequence

#: Refusals of a row that are about who handed it in. Words: ``registry.refusal.<code>``.
PEOPLE_REFUSED = frozenset({"must_stand_aside", "needs_second_officer"})
#: New records of a batch beyond which every page is made anew, instead of one entry of the change feed for each shop.
SHOWN_ONE_BY_ONE = 50


@dataclass
class Counts:
    """What became of rows. added + changed + unchanged + refused = rows; `older` are among the unchanged."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    refused: int = 0
    suspended: int = 0
    revoked: int = 0
    restored: int = 0

    def add(self, other: Counts) -> None:
        """Add another's figures to these."""
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


@dataclass
class Batch:
    """One batch in work: the state of its records, what is to be written, what was refused (line, reason, detail).

    `may_revoke`: the rows come from the register's own feed, or two officers answer for them.
    """

    run_id: int
    source: str
    actor: Actor
    now: datetime
    may_revoke: bool
    state: dict[str, dict[str, Any]]
    before: dict[str, dict[str, Any] | None] = field(
        default_factory=dict
    )  # records to write: what stood before
    seen: set[str] = field(default_factory=set)  # records to mark as confirmed by this run
    lines: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # lines counted as added or changed
    counts: Counts = field(default_factory=Counts)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def take_in(
    run_id: int,
    source: str,
    rows: Sequence[tuple[int, Row]],
    actor: Actor,
    now: datetime,
    *,
    two_people: bool = False,
) -> tuple[Counts, list[tuple[int, str, str]]]:
    """Take `rows` (line number, row) in; returns the counts and the refused as (line, reason, detail).

    Handed in by one officer, a row that would revoke a code is refused, as are rows of operators from which the actor
    must stand aside (回避).

    A row older than what is known changes nothing. A second row of the same operator and day that says something else
    is refused: which of the two is right cannot be known, and taking them in turn would never come to rest.
    """
    may_revoke = two_people or actor.role is Role.SYSTEM
    batch = Batch(run_id, source, actor, now, may_revoke, _known({row.uscc for _, row in rows}))
    for line, row in rows:
        _weigh(batch, line, row)
    _write(batch)
    batch.counts.refused = len(batch.refused)
    return batch.counts, batch.refused


def _known(usccs: set[str]) -> dict[str, dict[str, Any]]:
    table = RegistryRecord.__table__
    found = db.session.execute(sa.select(table).where(among(table.c.uscc, usccs))).mappings()
    return {record["uscc"]: dict(record) for record in found}


def _weigh(batch: Batch, line: int, row: Row) -> None:
    """Compare one row with what is known and note what is to be done."""
    batch.counts.rows += 1
    known = batch.state.get(row.uscc)
    if known is not None and row.as_of < known["as_of"]:
        batch.counts.unchanged += 1
        batch.counts.older += 1
        return
    facts = merged(row.facts, known)
    mark = facts_hash(facts)
    if known is not None and known["facts_hash"] == mark:
        batch.counts.unchanged += 1
        known["as_of"] = row.as_of
        batch.seen.add(row.uscc)
        return
    is_seen = known is not None and (known["run_id"] == batch.run_id or row.uscc in batch.seen)
    if known is not None and is_seen and row.as_of == known["as_of"]:
        batch.refused.append((line, "contradicts_other_row", row.uscc))
        return
    kind = "added" if known is None else "changed"
    setattr(batch.counts, kind, getattr(batch.counts, kind) + 1)
    batch.lines.setdefault(row.uscc, []).append((line, kind))
    batch.before.setdefault(row.uscc, known)
    batch.state[row.uscc] = {
        **(known or {}),
        **facts,
        "uscc": row.uscc,
        "as_of": row.as_of,
        "facts_hash": mark,
        "source": batch.source,
        "imported_at": batch.now,
        "run_id": batch.run_id,
    }


def _write(batch: Batch) -> None:
    """Records from which something follows one by one with their consequences, all others in bulk."""
    here = _here(batch)
    loud = {uscc for uscc, operator in here.items() if _is_loud(batch, uscc, operator)}
    quiet = [uscc for uscc in batch.before if uscc not in loud]
    new = [batch.state[uscc] for uscc in quiet if batch.before[uscc] is None]
    old = [batch.state[uscc] for uscc in quiet if batch.before[uscc] is not None]
    ids = {uscc: operator.id for uscc, operator in here.items()}
    if new:
        db.session.execute(sa.insert(RegistryRecord), new)
        _show_anew([ids[values["uscc"]] for values in new if values["uscc"] in ids], batch.now)
    if old:
        db.session.execute(sa.update(RegistryRecord), old)
        for values in old:
            _record(batch, values["uscc"], values["id"], ids.get(values["uscc"]))
        _note_events(batch, [values["uscc"] for values in old], ids)
    if loud:
        statement = sa.select(Operator).where(among(Operator.uscc, loud)).order_by(Operator.id)
        for operator in db.session.scalars(statement):
            _apply(batch, operator.uscc, operator)
    _mark_seen(batch)


def _here(batch: Batch) -> dict[str, Any]:
    """The operators that are here, by code: plain rows, as there may be a whole batch of them."""
    if not batch.before:
        return {}
    columns = [getattr(Operator, name) for name in ("uscc", "id", *records.RECORD_FIELDS)]
    found = db.session.execute(sa.select(*columns).where(among(Operator.uscc, batch.before)))
    return {operator.uscc: operator for operator in found}


def _is_loud(batch: Batch, uscc: str, operator: Any) -> bool:
    """Does something follow from the record: for the operator's facts, for its codes or lists, or for who imports?"""
    before, after = batch.before[uscc], batch.state[uscc]
    return (
        consequence_of(after) is not Consequence.NONE
        or consequence_of(before) not in {None, Consequence.NONE}
        or after["serious_violation"] != (before is not None and before["serious_violation"])
        or any(getattr(operator, name) != after[name] for name in records.RECORD_FIELDS)
        or batch.actor.must_stand_aside(Scope(operator_id=operator.id))
    )


def _show_anew(operator_ids: Sequence[int], now: datetime) -> None:
    """Pages of shops whose operator the register knows from now on; all pages at once when they are many."""
    if len(operator_ids) > SHOWN_ONE_BY_ONE:
        publish("operator_changed", now=now)
    elif operator_ids:
        for shop_id in db.session.scalars(sa.select(Shop.id).where(among(Shop.operator_id, operator_ids))):
            publish("operator_changed", now=now, shop_id=shop_id)


def _mark_seen(batch: Batch) -> None:
    """Unchanged records: this run confirmed them, perhaps as of a later day."""
    by_day: dict[date, list[int]] = {}
    for uscc in batch.seen - batch.before.keys():
        by_day.setdefault(batch.state[uscc]["as_of"], []).append(batch.state[uscc]["id"])
    for day, ids in by_day.items():
        statement = sa.update(RegistryRecord).where(among(RegistryRecord.id, ids))
        db.session.execute(
            statement.values(run_id=batch.run_id, as_of=day).execution_options(synchronize_session=False)
        )


def _apply(batch: Batch, uscc: str, operator: Operator) -> None:
    """One operator that is here. If what follows cannot be carried out, the record stays as it was and says why."""
    try:
        with db.session.begin_nested():
            change = _carry_out(batch, uscc, operator)
    except DomainError as error:
        for line, kind in batch.lines[uscc]:
            setattr(batch.counts, kind, getattr(batch.counts, kind) - 1)
            if error.code in PEOPLE_REFUSED:
                batch.refused.append((line, error.code, uscc))
            else:
                batch.refused.append((line, "consequence_failed", f"{uscc}: {error.code}"))
        return
    before, after = change
    if rules.takes_down(before, after):
        batch.counts.suspended += after is Consequence.SUSPEND
        batch.counts.revoked += after is Consequence.REVOKE
    batch.counts.restored += rules.restores(before, after)


def _carry_out(batch: Batch, uscc: str, operator: Operator) -> tuple[Consequence | None, Consequence]:
    values, before = batch.state[uscc], batch.before[uscc]
    _check_person(batch, values, operator)
    record = queries.find_record(uscc)
    if record is None:
        record = RegistryRecord(**values)
        db.session.add(record)
    else:
        for name, value in values.items():
            setattr(record, name, value)
    db.session.flush()
    _record(batch, uscc, record.id, operator.id)
    _note_events(batch, [uscc], {uscc: operator.id})
    records.refresh_from_record(operator, queries.facts_of(record), batch.actor, batch.now)
    if batch.before[uscc] is not None:
        telling.tell(operator, differences(batch.before[uscc], values), batch.now)
    after, ground = rules.consequence(record.status, abnormal=record.abnormal, kind=record.kind)
    send(
        registry_changed,
        operator_id=operator.id,
        record=record,
        before=None if before is None else _plain(before),
        consequence=after.value,
        ground=ground,
        actor=batch.actor,
        now=batch.now,
    )
    db.session.flush()
    return consequence_of(before), after


def _check_person(batch: Batch, values: Mapping[str, Any], operator: Operator) -> None:
    if batch.actor.must_stand_aside(Scope(operator_id=operator.id)):
        raise Forbidden("must_stand_aside")
    revokes = consequence_of(values) is Consequence.REVOKE
    if revokes and not batch.may_revoke and queries.with_codes([operator.id]):
        raise Forbidden("needs_second_officer")


def consequence_of(facts: Mapping[str, Any] | None) -> Consequence | None:
    """The consequence of a record's facts, None for no record."""
    if facts is None:
        return None
    return rules.consequence(facts["status"], abnormal=facts["abnormal"])[0]


def _record(batch: Batch, uscc: str, record_id: int, operator_id: int | None) -> None:
    """The audit event of a changed record: only the facts that differ. New records stand in their run."""
    before = batch.before[uscc]
    if before is None:
        return
    old, new = _plain(before), _plain(batch.state[uscc])
    different = [name for name in (*FACTS, "as_of") if old[name] != new[name]]
    audit.record(
        batch.actor,
        "registry.change",
        "registry_record",
        record_id,
        now=batch.now,
        operator_id=operator_id,
        old={name: old[name] for name in different},
        new={name: new[name] for name in different},
    )


def _note_events(batch: Batch, usccs: Sequence[str], here: Mapping[str, int]) -> None:
    """The differences that this run brought, each as a row of its own."""
    rows = [
        {
            "run_id": batch.run_id,
            "line": batch.lines[uscc][-1][0],
            "uscc": uscc,
            "name": batch.state[uscc]["name"],
            "operator_id": here.get(uscc),
            "kind": kind.value,
            "old": old,
            "new": new,
        }
        for uscc in usccs
        for kind, old, new in differences(batch.before[uscc], batch.state[uscc])
    ]
    if rows:
        db.session.execute(sa.insert(RegistryEvent), rows)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them."""
    return {
        name: values[name].isoformat() if isinstance(values[name], date) else values[name]
        for name in (*FACTS, "as_of")
    }
