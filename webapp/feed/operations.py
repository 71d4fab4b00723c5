"""Writing the change feed: in the same transaction as the change itself, in commit order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from webapp.core.db import db

from .models import Change

_PENDING = "feed.pending"
#: Any fixed number: the PostgreSQL advisory lock that puts commits with changes in one order.
_ORDER_LOCK = 0x59_44_59_4D


def publish(kind: str, *, now: datetime, shop_id: int | None = None, **facts: Any) -> None:
    """Announce a change of what the public may see of `shop_id` (None: of everything).

    It is written when the present transaction commits, and undone with it, or with the savepoint it was said in.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()  # a rollback before any statement must forget it too
    change = {"kind": kind, "at": now, "shop_id": shop_id, "facts": facts}
    session.info.setdefault(_PENDING, []).append((session.get_nested_transaction(), change))


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    """Number the changes under a lock held until the commit.

    A bare sequence would let a later number become visible before an earlier one, and a reader that has
    passed the gap would never see the earlier change. SQLite has one writer, which is the same thing.
    """
    if session.in_nested_transaction():
        return  # a savepoint's end is no commit
    pending = session.info.pop(_PENDING, None)
    if not pending:
        return
    session.flush()  # every other row lock first, so that nobody waits for us inside the ordered part
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ORDER_LOCK)))
    session.add_all(Change(**change) for _, change in pending)


@event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, undone: SessionTransaction) -> None:
    """Forget what was said in the transaction or savepoint that was undone, and in savepoints inside it."""
    if not undone.nested:
        session.info.pop(_PENDING, None)
        return
    kept = [entry for entry in session.info.get(_PENDING, ()) if not _inside(entry[0], undone)]
    session.info[_PENDING] = kept


def _inside(said_in: SessionTransaction | None, undone: SessionTransaction) -> bool:
    while said_in is not None:
        if said_in is undone:
            return True
        said_in = said_in.parent
    return False
