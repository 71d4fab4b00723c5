"""Every deed of a request stands in the audit trail: watched in every test that asks an address.

A request that commits a change to a table that is not excused, and writes no audit row in the same transaction, breaks
the test that sent it. So each test that drives a route proves also that the route's deed is recorded.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent

#: Tables that a request may write without an audit row, each with the reason.
EXCUSED: dict[str, str] = {
    "change": "follows from a deed that is recorded: tells the workers which pages are old",
    "copy_evidence": "visitors report without anything of theirs being kept; what officers decide on it is recorded",
    "copy_salt": "the day's secret behind the marks of visitors, thrown away the day after",
    "job_lease": "which worker has the turn",
    "login_session": "signing in and out: the session itself says when, and on what device",
    "login_throttle": "counts of wrong passwords, forgotten after a day",
    "notice": "what somebody has read of their own messages",
    "one_time_code": "codes asked for and used, forgotten after a day",
    "outbox_message": "a message that follows from a deed, or a code that somebody asked for",
    "personal_view": "a trace itself: it is what deeds of looking leave",
    "print_download": "a trace itself: who fetched the print file",
    "print_handover": "the count of a link's downloads; making and revoking the link is recorded",
    "scan_count": "counts without persons",
    "shop_figures": "counts of what is recorded elsewhere",
    "spent_work": "proof of work that was spent once",
    "stored_file": "an upload that belongs to nothing yet; attaching it is part of a deed that is recorded",
    "stored_page": "a page kept as it was drawn",
}
#: Single deeds that need no audit row, by endpoint and table, each with the reason.
EXCUSED_DEEDS: dict[tuple[str, str], str] = {
    (
        "registry_office.upload",
        "registry_run",
    ): "a file goes in by batches; the audit row comes with the run's end",
    ("registry_office.upload", "registry_record"): "as above; the record keeps what it said before",
    ("registry_office.upload", "registry_refusal"): "as above",
    ("accounts.office_totp", "account"): "which one-time code was used last, so that none is used twice",
}
_WRITTEN = "tables written"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


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
    if session.in_nested_transaction() or not has_request_context() or request.method in _READING:
        return
    session.flush()  # what waits is written by the commit itself
    written = session.info.get(_WRITTEN, set())
    deeds = {table for endpoint, table in EXCUSED_DEEDS if endpoint == request.endpoint}
    unrecorded = sorted(written - set(EXCUSED) - deeds)
    if AuditEvent.__tablename__ not in written and unrecorded:
        raise AssertionError(
            f"{request.method} {request.endpoint} changes {', '.join(unrecorded)} and records nothing: "
            f"call audit.record, or excuse the table in {__name__} with a reason"
        )


def _over(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_WRITTEN, None)


def watch() -> None:
    """From now on, for every session of this process."""
    event.listen(Session, "after_flush", _flushed)
    event.listen(Session, "do_orm_execute", _executed)
    event.listen(Session, "before_commit", _committing)
    event.listen(Session, "after_commit", _over)
    event.listen(Session, "after_rollback", _over)
