"""Taking a step of an application: the new state, the decision, the audit row, what the merchant is told.

Whoever calls has checked that the step may be taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core.actor import Actor
from webapp.core.checks import Check
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.core.steps import Step

from . import deadlines, rules, telling
from .models import Application, ApplicationDecision
from .rules import STEPS, ApplicationState


@dataclass(frozen=True)
class Given:
    """What an officer gave with a decision, as checked: the reason, what to mend, until when it waits."""

    reason_code: str | None = None
    reason: str = ""
    fields: tuple[str, ...] = ()
    deferred_until: date | None = None


def keep_checks(application: Application, found: list[Check]) -> None:
    """Keep what the checks found with the application, for the queue and the bulk approval."""
    application.checks = [check.as_json() for check in found]
    application.checks_passed = rules.all_passed(found)


def take(
    application: Application, step: Step[ApplicationState], actor: Actor, now: datetime, given: Given
) -> None:
    """Change the state, write the decision and the audit row, tell the merchant."""
    before = application.state
    application.state = step.target
    application.deferred_until = given.deferred_until
    application.decided_at = now if step.target in STEPS.ends() else None
    _flush()  # before anything hangs on it: whoever is second stops here
    decision = ApplicationDecision(
        application_id=application.id,
        action=step.action,
        from_state=before.value,
        to_state=step.target.value,
        by_id=actor.account_id,
        reason_code=given.reason_code,
        reason=given.reason,
        fields=list(given.fields),
        at=now,
    )
    application.decisions.append(decision)
    application.due_on = deadlines.due_on(application, step.target, now)
    _flush()
    write_down(application, step.action, actor, now, before=before, given=given)
    telling.tell(application, decision, now)


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error


def write_down(
    application: Application,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    before: ApplicationState | None,
    given: Given | None = None,
) -> None:
    """The audit row of `action`; `before` is the state that was left, None for a new application."""
    given = given or Given()
    new: dict[str, object] = {"state": application.state.value}
    if given.fields:
        new["fields"] = list(given.fields)
    if application.due_on is not None:
        new["due_on"] = application.due_on.isoformat()
    audit.record(
        actor,
        f"application.{action}",
        "application",
        application.id,
        now=now,
        shop_id=application.shop_id,
        operator_id=application.operator_id,
        old={"state": before.value} if before is not None else None,
        new=new,
        reason_code=given.reason_code,
        reason=given.reason or None,
        public=action == "approve",
    )
