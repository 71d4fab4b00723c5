"""Writing the audit trail: in the same session as the change it tells of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.web import requests

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
    """Add one event. `public` marks decisions that the shop's public history shows (without names).

    From where it came is found here, for every event alike: the address and number of the request, or the job or
    command that runs (decisions/0019).
    """
    origin = requests.origin(acting=actor.account_id)
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
        origin=origin.place,
        request_id=origin.request_id,
    )
    db.session.add(event)
    return event


def note_export(
    actor: Actor, filters: dict[str, str], rows: int, now: datetime, of: str = "audit_event"
) -> AuditEvent:
    """Somebody took a copy of the trail, or of who looked: with which filters, how many rows."""
    return record(actor, "audit.export", of, 0, now=now, new={"filters": filters, "rows": rows})
