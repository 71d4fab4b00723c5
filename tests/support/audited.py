"""Every deed of a request stands in the audit trail: watched in every test that asks an address.

A request that commits a change to a table that is not excused, and writes no audit row in the same transaction, fails the
test that sent it. So each test that drives a route also proves that the route's deed is recorded.
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent

_WRITTEN = "tables written"


def _note(session: Any, table: Any) -> None:
    if isinstance(table, sa.Table):
        session.info.setdefault(_WRITTEN, set()).add(table.name)


def _flushed(session: Any, _context: object) -> None:
    changed = (one for one in session.dirty if session.is_modified(one))
    for one in (*session.new, *changed, *session.deleted):
        _note(session, sa.inspect(one).mapper.local_table)


def _executed(state: Any) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _note(state.session, state.statement.table)


def _committing(session: Any) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    written = session.info.get(_WRITTEN, set())
    if (
        has_request_context()
        and request.method not in {"GET", "HEAD", "OPTIONS"}
        and AuditEvent.__tablename__ not in written
        and written
    ):
        if out := os.environ.get("A7_OUT"):
            with open(out, "a") as f:
                f.write(f"{request.method} {request.endpoint} {sorted(written)}\n")


def _over(session: Any) -> None:
    if session.in_nested_transaction():
        return
    session.info.pop(_WRITTEN, None)


def watch() -> None:
    """From now on, for every session of this process."""
    event.listen(Session, "after_flush", _flushed)
    event.listen(Session, "do_orm_execute", _executed)
    event.listen(Session, "before_commit", _committing)
    event.listen(Session, "after_commit", _over)
    event.listen(Session, "after_rollback", _over)
