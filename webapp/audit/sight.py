"""Who looked at personal data: a view says what it shows, and the trace is written before the answer leaves.

    sight.note(Seen.STATEMENT, "complaint", complaint.id)   # in a view that shows it
    sight.owners["complaint"] = queries.whose               # in a feature's register: whose record that is

Traced is everybody who is signed in; a consumer who follows the own case by its receipt is not. The answer does not
leave when the trace cannot be written. `tests/architecture/test_sight.py` looks for pages that show and do not say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, has_request_context, request

from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import note_afterwards
from webapp.web import access, requests

from .models import PersonalView
from .rules import Purpose, Seen
from .sight_queries import keep_days

_PENDING = "audit_sights"
#: Answers that show nothing of what a view had noted: another address, or the error page in place of its own.
_SHOW_NOTHING = frozenset({301, 302, 303, 304, 307, 308, 401, 403, 404})


@dataclass(frozen=True)
class Whose:
    """The record that a thing belongs to, and the shop and operator by which officers reach it."""

    subject_type: str
    subject_id: int
    shop_id: int | None = None
    operator_id: int | None = None


#: By kind of thing: the record that the one with this id belongs to; None when it is gone.
owners: dict[str, Callable[[int], Whose | None]] = {}


@dataclass(frozen=True)
class _Sight:
    seen: Seen
    whose: Whose
    purpose: Purpose | None


def note(seen: Seen, kind: str, ids: int | Iterable[int], *, purpose: Purpose | None = None) -> None:
    """The answer being made shows `seen` of the things `ids` of `kind` to whoever asked."""
    if not has_request_context() or access.current_actor().account_id is None:
        return
    pending: dict[_Sight, None] = g.setdefault(_PENDING, {})
    find = owners.get(kind)
    for one in [ids] if isinstance(ids, int) else ids:
        whose = (find(one) if find else None) or Whose(kind, one)
        pending[_Sight(seen, whose, purpose)] = None


def write(response: Response) -> Response:
    """After every request: write what was noted, in a transaction of its own, before anything is sent."""
    pending: dict[_Sight, None] = g.pop(_PENDING, {})
    if pending and response.status_code not in _SHOW_NOTHING:
        rows = _rows(list(pending))
        note_afterwards(lambda: db.session.execute(sa.insert(PersonalView), rows))
    return response


def _rows(sights: list[_Sight]) -> list[dict[str, Any]]:
    actor, now = access.current_actor(), clock.now()
    origin, today = requests.origin(acting=actor.account_id), clock.day_of(now)
    days = keep_days(today)
    keep_until = date.max if days is None else today + timedelta(days=days)
    return [
        {
            "at": now,
            "actor_id": actor.account_id,
            "actor_name": actor.name,
            "actor_role": (actor.posts[0].role if actor.posts else actor.role).value,
            "seen": sight.seen,
            "subject_type": sight.whose.subject_type,
            "subject_id": sight.whose.subject_id,
            "shop_id": sight.whose.shop_id,
            "operator_id": sight.whose.operator_id,
            "page": (request.endpoint or "")[:80],
            "purpose": sight.purpose,
            "origin": origin.place,
            "request_id": origin.request_id,
            "keep_until": keep_until,
        }
        for sight in sights
    ]


def register(app: Flask) -> None:
    """Write the traces of every request."""
    app.after_request(write)
