"""Old and new value without anybody having to think of it: what an event leaves out is read from the thing itself.

Operations say what matters. Where one says nothing of values (``complaint.rate_handling``), the short columns of the
thing that the transaction has changed are told; where it says only what is new, the old value stands beside it. Texts,
names and numbers of people are never read from here: what is encrypted, long, a hash or a key stays out.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import InstanceState, Mapper, Session

from webapp.core.db import Base
from webapp.core.secrets import EncryptedText

from .models import AuditEvent

_BEFORE = "audit_before"
#: Longest text column that counts as a code or a state.
_CODE_CHARS = 40
#: Ends of names of what tells nothing by itself: who and when stand in the event.
_LEFT_OUT = ("_id", "_at", "_hash", "_key", "_sha256", "version", "receipt", "_step")

Values = dict[str, Any]


def tells(column: Any) -> bool:
    """May an event tell the values of this column?"""
    if column.primary_key or column.name.endswith(_LEFT_OUT) or isinstance(column.type, EncryptedText):
        return False
    if isinstance(column.type, sa.Enum | sa.Boolean | sa.Integer | sa.Date):
        return True
    return isinstance(column.type, sa.String) and 0 < (column.type.length or 0) <= _CODE_CHARS


def plain(value: Any) -> Any:
    """The value as JSON holds it."""
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


def _remember(session: Session) -> None:
    """Keep the values as they were when the transaction began: a flush forgets them."""
    before: dict[Any, Values] = session.info.setdefault(_BEFORE, {})
    for thing in session.dirty:
        if (state := sa.inspect(thing)).key is not None and (changed := _changed(state)):
            before[state.key] = changed | before.get(state.key, {})


def _changed(state: InstanceState[Any]) -> Values:
    found: Values = {}
    for column in state.mapper.local_table.c:
        if tells(column):
            history = state.attrs[state.mapper.get_property_by_column(column).key].history
            if history.has_changes() and history.deleted:
                found[column.name] = plain(history.deleted[0])
    return found


def _complete(told: AuditEvent, session: Session) -> None:
    """Fill in what the event leaves out."""
    mapper = _mapper_of(told.subject_type)
    if mapper is None or told.old is not None:
        return
    key = mapper.identity_key_from_primary_key((told.subject_id,))
    thing, before = session.identity_map.get(key), session.info.get(_BEFORE, {}).get(key, {})
    if thing is None or not before:
        return
    now = {name: plain(getattr(thing, name, None)) for name in before}
    differ = [name for name in before if before[name] != now[name]]
    if told.new is None:
        told.old, told.new = {n: before[n] for n in differ} or None, {n: now[n] for n in differ} or None
    else:
        told.old = {n: before[n] for n in differ if n in told.new and told.new[n] == now[n]} or None


_mappers: dict[str, Mapper[Any]] = {}


def _mapper_of(table: str) -> Mapper[Any] | None:
    if table not in _mappers:
        _mappers.update({one.local_table.name: one for one in Base.registry.mappers})  # type: ignore[attr-defined]
    found = _mappers.get(table)
    return found if found is not None and len(found.primary_key) == 1 else None


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: object, _instances: object) -> None:
    _remember(session)
    for one in session.new:
        if isinstance(one, AuditEvent):
            _complete(one, session)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_BEFORE, None)
