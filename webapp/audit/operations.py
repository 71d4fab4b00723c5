"""Writing the audit trail: in the same session as the change it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.db import db

from .models import AuditEvent


def record(
    actor: Actor,
    action: str,
    subject_type: str,
    subject_id: int,
    *,
    now: datetime,
    shop_id: int | None = None,
    operator_id: int | None = None,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    reason_code: str | None = None,
    reason: str | None = None,
    public: bool = False,
) -> AuditEvent:
    """Add one event. `public` marks decisions that the shop's public history shows (without names)."""
    event = AuditEvent(
        at=now,
        actor_id=actor.account_id,
        actor_name=actor.name,
        actor_role=(actor.posts[0].role if actor.posts else actor.role).value,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        shop_id=shop_id,
        operator_id=operator_id,
        old=old,
        new=new,
        reason_code=reason_code,
        reason=reason,
        public=public,
    )
    db.session.add(event)
    return event
