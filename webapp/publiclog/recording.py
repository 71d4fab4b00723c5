"""Every public decision becomes a leaf in its own transaction.

All decisions write their audit row (webapp/audit), so the leaf hangs on that row's insertion: same connection, same
transaction, same savepoint. No feature has to call anything, so none can forget it. Which actions are public decisions
is the table ``rules.KINDS``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from webapp.audit.models import AuditEvent
from webapp.core.transaction import after_commit

from . import rules, tree, waking
from .models import LogLeaf
from .seals import SALT_BYTES


def row(source: str, decision: rules.Decision) -> dict[str, Any]:
    """The columns of a decision's leaf, with fresh salts."""
    about_salt, by_salt = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES)
    leaf = rules.make(decision, about_salt, by_salt)
    return {
        "source": source,
        "kind": decision.action,
        "shop_id": decision.shop_id,
        "subject_type": decision.subject_type,
        "subject_id": decision.subject_id,
        "at": decision.at,
        "data": leaf.data,
        "hash": tree.leaf_hash(leaf.data),
        "about": leaf.about,
        "about_salt": None if leaf.about is None else about_salt,
        "by": leaf.by,
        "by_salt": by_salt,
        "account_id": decision.account_id,
        "position": None,
    }


@event.listens_for(AuditEvent, "after_insert")
def _record(_mapper: Mapper[AuditEvent], connection: sa.Connection, audited: AuditEvent) -> None:
    if audited.action not in rules.KINDS:
        return
    decision = rules.Decision(
        action=audited.action,
        subject_type=audited.subject_type,
        subject_id=audited.subject_id,
        at=audited.at,
        role=audited.actor_role,
        account_id=audited.actor_id,
        shop_id=audited.shop_id,
        old=_plain(audited.old),
        new=_plain(audited.new),
        ground=audited.reason_code,
        reason=audited.reason,
    )
    connection.execute(sa.insert(LogLeaf), row(f"audit:{audited.id}", decision))
    if audited.action in rules.ENDS or (rules.is_sealed(decision) and _has_ended(connection, audited)):
        _close(connection, audited)
    after_commit(waking.wake)


def _has_ended(connection: sa.Connection, audited: AuditEvent) -> bool:
    """Was the entry over before this decision on it (a repair asked for is dismissed because the term ran out, say)?"""
    ends = sa.select(LogLeaf.id).where(
        LogLeaf.subject_type == audited.subject_type,
        LogLeaf.subject_id == audited.subject_id,
        LogLeaf.kind.in_(sorted(rules.ENDS)),
    )
    return connection.execute(ends.limit(1)).first() is not None


def _close(connection: sa.Connection, ended: AuditEvent) -> None:
    """Erase what the sealed leaves of an entry that has ended stand for, also of a code revoked for that entry."""
    which = sa.and_(LogLeaf.subject_type == ended.subject_type, LogLeaf.subject_id == ended.subject_id)
    if (ended.new or {}).get("colour") == "black":
        which = sa.or_(which, sa.and_(LogLeaf.subject_type == "trust_code", LogLeaf.shop_id == ended.shop_id))
    # Only leaves that are sealed have an `about`: those that tell their shop in clear keep it.
    sealed = sa.select(LogLeaf.id).where(which, LogLeaf.about.is_not(None))
    # Held in the order in which the sequencer takes them, so that the two never wait for each other in a ring.
    held = connection.scalars(sealed.order_by(LogLeaf.id).with_for_update()).all()
    erased = {"about": None, "about_salt": None, "shop_id": None}
    connection.execute(sa.update(LogLeaf).where(LogLeaf.id.in_(held)).values(erased))


def _plain(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Texts and numbers as JSON has them (an enumeration is its value)."""
    if facts is None:
        return None
    return {
        name: value if isinstance(value, int) or value is None else str(value)
        for name, value in facts.items()
    }
