"""Entering, importing and withdrawing inspections. Each writes its audit row, so its leaf of the log, and the feed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.core.steps import permit
from webapp.merchants.queries import get_shop
from webapp.web.words import label

from . import queries, rules, sheets
from .models import Inspection
from .rules import STEPS, Facts, InspectionKind, InspectionResult


def enter(shop_id: int, facts: Facts, actor: Actor, now: datetime) -> tuple[Inspection, bool]:
    """Show an inspection on the shop's page; True when it is new: the same number with the same facts is the same one.

    Raises Invalid (by field, see ``rules.problems``; ``inspection_same_number`` for other facts), Forbidden.
    """
    shop = get_shop(shop_id)
    permit(actor, rules.OFFICERS, shop.scope)
    today = clock.day_of(now)
    wrong = rules.problems(facts, today, policy.get_int("inspection.shown_days", today))
    if wrong:
        field, code = next(iter(wrong.items()))
        raise Invalid(code, field=field, fields=wrong)
    same = queries.find_same(shop_id, facts.number.strip())
    if same is not None:
        if (same.inspected_on, same.kind.value, same.result.value) != (
            facts.inspected_on,
            facts.kind,
            facts.result,
        ):
            raise Invalid(
                "inspection_same_number", field="number", fields={"number": "inspection_same_number"}
            )
        return same, False
    inspection = Inspection(
        shop_id=shop_id,
        inspected_on=facts.inspected_on,
        kind=InspectionKind(facts.kind),
        result=InspectionResult(facts.result),
        number=facts.number.strip(),
        summary=facts.summary.strip(),
        note=facts.note.strip(),
        state=STEPS.first,
        entered_by_id=actor.account_id,
        entered_at=now,
    )
    db.session.add(inspection)
    db.session.flush()
    _record("inspection.enter", inspection, actor, now)
    return inspection, True


def withdraw(inspection_id: int, reason: str, actor: Actor, now: datetime, version: int) -> Inspection:
    """Show it no more: it was wrong. Raises StepRefused, Forbidden, Invalid (no reason), Conflict (it changed)."""
    inspection = queries.get(inspection_id)
    if inspection.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(inspection.state, "withdraw", actor, inspection.shop.scope, reason)
    if len(reason.strip()) > rules.REASON_LONGEST:
        raise Invalid("reason_too_long", field="reason", most=rules.REASON_LONGEST)
    inspection.state, inspection.withdrawn_at = step.target, now
    inspection.withdrawn_by_id, inspection.withdrawn_reason = actor.account_id, reason.strip()
    db.session.flush()
    _record("inspection.withdraw", inspection, actor, now, reason=reason.strip())
    return inspection


def take_file(data: bytes, actor: Actor, now: datetime) -> int:
    """Enter every row of a file (CSV or XLSX), all or none; returns how many are new.

    Raises Invalid (``inspection_file`` when it is no such table; ``inspection_row`` with `line` and `why`).
    """
    new = 0
    for line, row in sheets.read(data):
        shop_id = int(row["shop"]) if row.get("shop", "").isascii() and row.get("shop", "").isdigit() else 0
        try:
            _made, is_new = enter(shop_id if shop_id < 2**32 else 0, sheets.facts_of(row), actor, now)
        except (NotFound, Forbidden) as error:
            raise Invalid(
                "inspection_row", field="file", line=line, why=label("inspection.no_such_shop")
            ) from error
        except Invalid as error:
            raise Invalid(
                "inspection_row", field="file", line=line, why=label(f"error.{error.code}")
            ) from error
        new += is_new
    return new


def _record(
    action: str, inspection: Inspection, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    facts: dict[str, Any] = {
        "state": inspection.state.value,
        "kind": inspection.kind.value,
        "result": inspection.result.value,
        "inspected_on": inspection.inspected_on.isoformat(),
    }
    audit.record(
        actor,
        action,
        "inspection",
        inspection.id,
        now=now,
        shop_id=inspection.shop_id,
        new=facts,
        reason=reason,
        public=True,
    )
    feed.publish(action, now=now, shop_id=inspection.shop_id)
