"""What is done to applications: check all, then change, then write it down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy.exc import IntegrityError

from webapp.core import clock, policy, signals
from webapp.core.actor import OFFICER_ROLES, Actor, Role
from webapp.core.checks import Check
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.steps import Step, permit
from webapp.merchants import queries as merchants
from webapp.merchants.models import Recusal
from webapp.web import slots

from . import checks, queries, rules, statement, stepping
from .models import Application, ApplicationNote
from .rules import STEPS, ApplicationState
from .stepping import Given

NOTE_MAX, REASON_MAX = 2000, 1000
#: States of a trust code that is not revoked, as the slot ``shop.code`` says them.
_STANDING = frozenset({"active", "suspended"})


# --- the merchant's steps ---------------------------------------------------------------------------------------------


def start(shop_id: int, actor: Actor, now: datetime) -> Application:
    """The shop's open application, or a new draft. Raises Forbidden for who is not of the shop's operator.

    Conflict ``code_stands`` while the shop has a trust code, suspended or not: a draft edits the shop itself, and what
    the bureau vouches for must not change its name, place or trade under the seal. Conflict too while another feature
    bars the shop (see :func:`check_barred`).
    """
    shop = merchants.get_shop(shop_id)
    permit(actor, frozenset({Role.MERCHANT}), shop.scope)
    if actor.account_id is None:
        raise Forbidden("step_forbidden")
    found = queries.find_open(shop_id)
    if found is not None:
        return found
    if any(code.state in _STANDING for code in slots.collect(current_app, "shop.code", shop_id=shop_id)):
        raise Conflict("code_stands")
    check_barred(shop_id)
    application = Application(
        shop=shop,
        operator_id=shop.operator_id,
        state=STEPS.first,
        created_by_id=actor.account_id,
        created_at=now,
        checks=[],
    )
    try:
        with db.session.begin_nested():
            db.session.add(application)
            db.session.flush()
    except IntegrityError as error:  # the same press twice: the other one's draft is the draft
        found = queries.find_open(shop_id)
        if found is None:
            raise Conflict("busy") from error
        return found
    stepping.write_down(application, "start", actor, now, before=None)
    return application


def check_barred(shop_id: int) -> None:
    """Raise Conflict while the slot ``shop.barred`` (``fn(shop_id) -> error code | None``) says so: a shop on the black
    list would otherwise put another name there by drafting."""
    for code in slots.collect(current_app, "shop.barred", shop_id=shop_id):
        raise Conflict(code)


def submit(application_id: int, actor: Actor, now: datetime, version: int | None = None) -> Application:
    """Hand in (or again): what is stated now is kept, the checks are run, the office's clock starts.

    `version` is the one that the merchant's page was opened with, if it carried one. Raises StepRefused, Forbidden
    and Conflict. Whether the statement is complete is the onboarding's business.
    """
    application = queries.lock(application_id)
    if version is not None:
        _same_version(application, version)
    action = "resubmit" if application.state is ApplicationState.RETURNED else "submit"
    step = STEPS.check(application.state, action, actor, application.shop.scope)
    stated = statement.build(current_app, application.shop)
    stepping.keep_checks(application, checks.gather(application.shop))
    application.previous, application.statement = application.statement, stated
    application.submitted_at = now
    stepping.take(application, step, actor, now, Given())
    return application


def withdraw(application_id: int, actor: Actor, now: datetime) -> Application:
    """The merchant takes the application back; a new one can be started at any time."""
    application = queries.lock(application_id)
    step = STEPS.check(application.state, "withdraw", actor, application.shop.scope)
    stepping.take(application, step, actor, now, Given())
    return application


# --- the office's decisions -------------------------------------------------------------------------------------------


def decide(
    application_id: int,
    action: str,
    actor: Actor,
    now: datetime,
    version: int,
    reason_code: str | None = None,
    reason: str = "",
    fields: Sequence[str] = (),
    deferred_until: date | None = None,
) -> Application:
    """An officer takes `action` (a step of the table) on the application as seen at `version`.

    `reason_code` is of the catalogue for the action; `fields` (of rules.FIELDS) are what a return asks to mend;
    `deferred_until` is the day until which a deferred review waits. Approval checks the entry gates once more and sends
    ``application_approved``. Raises Conflict("changed_meanwhile") when somebody else was first, StepRefused, Forbidden,
    Invalid (``gate_shut`` with `details["checks"]`: the list of failed Checks).
    """
    application = queries.lock(application_id)
    _same_version(application, version)
    if action in rules.MERCHANT_ACTIONS:
        raise Forbidden("step_forbidden")
    given = Given(reason_code or None, reason.strip()[:REASON_MAX], tuple(fields), deferred_until)
    # The catalogue's code is a reason; where it alone does not say enough, _check_reason asks for words.
    step = STEPS.check(
        application.state, action, actor, application.shop.scope, given.reason or given.reason_code
    )
    _check_person(application, action, actor, now)
    _check_given(step, given, clock.day_of(now))
    found = checks.gather(application.shop)
    if action == "approve":
        _check_gates(application, found)
    stepping.keep_checks(application, found)
    stepping.take(application, step, actor, now, given)
    if action == "approve":
        signals.send(signals.application_approved, shop_id=application.shop_id, actor=actor, now=now)
    return application


@dataclass(frozen=True)
class BulkResult:
    """What became of one of many: `error` is None when it was approved."""

    application_id: int
    error: DomainError | None = None


def bulk_approve(
    chosen: Iterable[tuple[int, int]], actor: Actor, now: datetime, reason_code: str, reason: str = ""
) -> list[BulkResult]:
    """Approve each of `chosen` (number, version as seen) that is in the bureau's review with all checks passed.

    Each stands alone: one that is refused leaves the others be. Returns a result for each, in the order given.
    """
    results: dict[int, BulkResult] = {}
    wanted = dict(chosen)
    for application_id in sorted(
        wanted
    ):  # one order for everybody, so that two officers never wait for each other
        try:
            with db.session.begin_nested():
                application = queries.lock(application_id)
                if not rules.all_passed(checks.gather(application.shop)):
                    raise Invalid("checks_not_all_passed")
                decide(application_id, "approve", actor, now, wanted[application_id], reason_code, reason)
            results[application_id] = BulkResult(application_id)
        except DomainError as error:
            results[application_id] = BulkResult(application_id, error)
    return [results[application_id] for application_id in wanted]


def may_take_back(application: Application, action: str, actor: Actor, now: datetime) -> bool:
    """True when the actor's own last decision can still be undone by `action`: in time and nobody has gone on."""
    last = queries.last_decision(application.id)
    if last is None:
        return False
    taken = rules.Taken(last.action, last.from_state, last.by_id, last.at)
    minutes = policy.get_int("application.take_back_minutes", clock.day_of(now))
    # A merchant who has begun to mend has acted, though the application does not show it yet.
    mending = last.action == "return" and application.shop.updated_at > last.at
    return not mending and rules.may_take_back(action, taken, actor.account_id, now, minutes)


def open_steps(application: Application, actor: Actor, now: datetime) -> list[Step[ApplicationState]]:
    """The steps that this officer may take now: the buttons of the decision bar."""
    if actor.account_id is None:
        return []
    return [
        step
        for step in STEPS.open_to(application.state, actor, application.shop.scope)
        if step.action not in rules.MERCHANT_ACTIONS
        and (step.action not in rules.TAKE_BACKS or may_take_back(application, step.action, actor, now))
        and (step.action != "approve" or not queries.passed_on_by(application.id, actor.account_id))
    ]


def add_note(application_id: int, text: str, actor: Actor, now: datetime) -> ApplicationNote:
    """Add an officers' internal note. Raises Invalid for an empty or overlong one."""
    application = queries.get_application(application_id)
    permit(actor, OFFICER_ROLES, application.shop.scope)
    text = text.strip()
    if not text or actor.account_id is None:
        raise Invalid("note_empty", field="text")
    if len(text) > NOTE_MAX:
        raise Invalid("note_too_long", field="text", max=NOTE_MAX)
    note = ApplicationNote(
        application_id=application_id, by_id=actor.account_id, by_name=actor.name, text=text, at=now
    )
    db.session.add(note)
    stepping.write_down(application, "note", actor, now, before=application.state)
    return note


def stand_aside(application_id: int, actor: Actor, now: datetime) -> None:
    """The officer declares a recusal (回避) for the application's operator; a second time changes nothing."""
    application = queries.get_application(application_id)
    if actor.account_id is None:
        raise Forbidden("step_forbidden")
    if db.session.get(Recusal, (actor.account_id, application.operator_id)) is None:
        db.session.add(
            Recusal(account_id=actor.account_id, operator_id=application.operator_id, declared_at=now)
        )
        stepping.write_down(application, "stand_aside", actor, now, before=application.state)


# --- guards -----------------------------------------------------------------------------------------------------------


def _same_version(application: Application, version: int) -> None:
    if application.version != version:
        raise Conflict("changed_meanwhile")


def _check_person(application: Application, action: str, actor: Actor, now: datetime) -> None:
    """Two levels are two people; only one's own decision is taken back."""
    assert actor.account_id is not None, "officers have accounts"
    if action == "approve" and queries.passed_on_by(application.id, actor.account_id):
        raise Forbidden("two_people")
    if action in rules.TAKE_BACKS and not may_take_back(application, action, actor, now):
        raise Conflict("too_late_to_take_back")


def _check_given(step: Step[ApplicationState], given: Given, today: date) -> None:
    """The reason is of the catalogue and says enough; a return says what to mend; a deferral until when."""
    if step.needs_reason:
        reason = rules.find_reason(step.action, given.reason_code)
        if reason is None:
            raise Invalid("reason_code", field="reason_code")
        if reason.needs_text and not given.reason:
            raise Invalid("reason_required", field="reason")
    if step.action == "return" and not given.fields:
        raise Invalid("fields_required", field="fields")
    if not set(given.fields) <= set(rules.FIELDS):
        raise Invalid("fields_unknown", field="fields")
    if step.action == "defer":
        days = policy.get_int("application.defer_max_days", today)
        if given.deferred_until is None or given.deferred_until <= today:
            raise Invalid("defer_day", field="deferred_until")
        if given.deferred_until > today + timedelta(days=days):
            raise Invalid("defer_too_long", field="deferred_until", days=days)


def _check_gates(application: Application, found: list[Check]) -> None:
    shut = rules.failed([*found, checks.unchanged(application)])
    if shut:
        raise Invalid("gate_shut", checks=shut)
