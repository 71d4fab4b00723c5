"""Every deed of a request stands in the audit trail: watched in every test that asks an address.

A request that commits a change to a table that is not excused, and writes no audit row in the same transaction, breaks
the test that sent it. So each test that drives a route proves also that the route's deed is recorded.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from webapp.audit.models import AuditEvent
from webapp.core.db import Base

#: Tables that a request may write without an audit row, each with the reason.
EXCUSED: dict[str, str] = {
    "change": "follows from a deed that is recorded: tells the workers which pages are old",
    "consumer_rating": "which ratings are one's own; giving and removing them is recorded",
    "consumer_session": "consumers signing in and out: the row itself says when, and goes at sign-out",
    "consumer_shop": "the shops that a consumer keeps, as private as on the device",
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
    "shop_entry_fresh": "by what a shop is found, made of rows whose changes are recorded",
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
    ("consumers.login", "consumer"): "when the account was last used; the first sign-in is recorded",
    ("consumers_mine.sync", "consumer"): "when the account was last used",
    ("accounts.office_totp", "account"): "which one-time code was used last, so that none is used twice",
}
_WRITTEN, _TOLD = "tables written", "things told of"
#: The trail itself, and the public log's own rows.
OWN = {"audit_event", "log_leaf", "log_state"}
#: Tables of which a row about another subject tells: by the subject's name in the trail.
ALSO: dict[str, set[str]] = {
    "application": {"recusal"},
    "change": {"shop_change", "shop"},
    "complaint": {
        "clock",
        "clock_event",
    },  # trails themselves: when a period began, stood still, ended, and why
    "letter": {"letter_series"},  # the number that the paper bears
    "mall": {"policy_value"},
    "tip": {"clock", "clock_event"},
    "trust_code": {"shop"},  # what the public goes on seeing of a shop whose code ended
}
#: Blueprints in which one audit row does not excuse the rest: every table written must be told of (:func:`untold`).
BY_TABLE: frozenset[str] = frozenset(
    {
        "accounts",
        "accounts_office",
        "applications_merchant",
        "applications_office",
        "changes_merchant",
        "changes_office",
        "codes_office",
        "complaints",
        "complaints_merchant",
        "complaints_office",
        "complaints_templates",
        "filing",
        "holidays",
        "honours_office",
        "listings_cases",
        "listings_office",
        "malls",
        "mediation_office",
        "merchants",
        "oversight_deeds",
        "oversight_office",
        "reminders_office",
        "tips",
        "tips_office",
    }
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _executed(
    connection: Any, cursor: Any, _statement: str, _values: object, context: Any, many: object
) -> None:
    """Which table a statement changed, ours or the flush's: an update or delete that met no row has changed nothing."""
    compiled = getattr(context, "compiled", None)
    if compiled is None or not (context.isinsert or context.isupdate or context.isdelete):
        return
    # With RETURNING, SQLite knows how many only once the rows are read.
    if cursor.rowcount == 0 and not (many or context.isinsert or compiled.effective_returning):
        return
    if isinstance(table := compiled.statement.table, sa.Table):
        connection.info.setdefault(_WRITTEN, set()).add(table.name)


def _flushed(session: Any, _context: object) -> None:
    told = session.info.setdefault(_TOLD, set())
    told.update(one.subject_type for one in session.new if isinstance(one, AuditEvent))


def untold(written: set[str], told: set[str]) -> set[str]:
    """Tables written of which no audit row tells: neither of themselves nor of what they belong to by a foreign key."""
    subjects = told.union(*(ALSO.get(one, ()) for one in told))
    tables = Base.metadata.tables
    belong = {
        name
        for name in written
        if subjects & {key.column.table.name for key in tables[name].foreign_keys if name in tables}
    }
    return written - subjects - belong - OWN


def _committing(session: Any) -> None:
    if session.in_nested_transaction() or not has_request_context() or request.method in _READING:
        return
    session.flush()  # what waits is written by the commit itself
    written = set(session.connection().info.get(_WRITTEN, ()))
    told = session.info.get(_TOLD, set())
    deeds = {table for endpoint, table in EXCUSED_DEEDS if endpoint == request.endpoint}
    unrecorded = written - set(EXCUSED) - deeds - OWN
    if told and request.blueprint in BY_TABLE:
        unrecorded = untold(unrecorded, told)
    if unrecorded and (not told or request.blueprint in BY_TABLE):
        raise AssertionError(
            f"{request.method} {request.endpoint} changes {', '.join(sorted(unrecorded))} and records "
            f"{'only ' + ', '.join(sorted(told)) if told else 'nothing'}: "
            f"call audit.record, or excuse the table in {__name__} with a reason"
        )


def _over(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_TOLD, None)


def _ended(connection: Any) -> None:
    connection.info.pop(_WRITTEN, None)


def watch() -> None:
    """From now on, for every session of this process."""
    event.listen(Engine, "after_cursor_execute", _executed)
    event.listen(Engine, "commit", _ended)
    event.listen(Engine, "rollback", _ended)
    event.listen(Session, "after_flush", _flushed)
    event.listen(Session, "before_commit", _committing)
    event.listen(Session, "after_commit", _over)
    event.listen(Session, "after_rollback", _over)
