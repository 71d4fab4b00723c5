"""Officers' side of one talk and one order: the case, and every step on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Invalid, StepRefused
from webapp.core.transaction import rollback
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.letters import Subject, serving
from webapp.letters import showing as letters
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import (
    cases,
    consequences,
    extensions,
    grounds,
    orders,
    queries,
    rules,
    showing,
    sources,
    talks,
    telling,
)
from .forms import DeedForm, instant_of
from .models import Correction, Talk
from .rules import ORDER_STEPS, TALK_STEPS, Source

bp = Blueprint("oversight_deeds", __name__)
READ = "oversight.read"


# --- talks ------------------------------------------------------------------------------------------------------------


@bp.get("/office/talks/<int:talk_id>")
@access.officer(READ, on=queries.scope_of_talk)
def talk(talk_id: int) -> ResponseReturnValue:
    """One talk with its steps."""
    return _talk_page(queries.get_talk(talk_id))


@bp.post("/office/talks/<int:talk_id>/<any(take_back,postpone,hold,absent):action>")
@access.officer("oversight.check", on=queries.scope_of_talk)
def do_talk(talk_id: int, action: str) -> ResponseReturnValue:
    """Steps of whoever holds it."""
    return _do_talk(talk_id, action)


@bp.post("/office/talks/<int:talk_id>/<any(approve,refuse,cancel,withdraw):action>")
@access.officer("oversight.approve", on=queries.scope_of_talk)
def decide_talk(talk_id: int, action: str) -> ResponseReturnValue:
    """Steps of the bureau: the second officer's decision, calling it off, withdrawing what was wrong."""
    return _do_talk(talk_id, action)


def _do_talk(talk_id: int, action: str) -> ResponseReturnValue:
    form, actor, now = DeedForm(), access.current_actor(), clock.now()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason, version = form.reason.data or "", form.version.data or 0
    staged = None
    try:
        if action in {"approve", "refuse"}:
            talks.decide(talk_id, action, reason, actor, now, version)
        elif action == "take_back":
            talks.take_back(talk_id, actor, now, version)
        elif action == "postpone":
            at = instant_of(form.talk_at.data)
            talks.postpone(talk_id, at, form.place.data or "", reason, actor, now, version)
        elif action == "absent":
            talks.absent(talk_id, reason, actor, now, version)
        elif action == "hold":
            staged = _evidence(actor, now)
            said = (form.attended.data or "", form.minutes.data or "", form.admonition.data or "")
            talks.hold(talk_id, *said, actor, now, version, staged.ids)
        else:
            talks.end(talk_id, action, reason, actor, now, version)
    except (Invalid, Conflict) as error:
        if isinstance(error, StepRefused) or error.code == "changed_meanwhile":
            raise
        rollback()
        failed = _failed(action, form, error)
        return _talk_page(queries.get_talk(talk_id), failed, staged), error.status
    flash(label(f"oversight.done.talk.{action}"), "success")
    return redirect(url_for("oversight_deeds.talk", talk_id=talk_id), 303)


def _evidence(actor: Actor, now: datetime) -> staging.Staged:
    """The photos of a talk; raises Invalid for one that cannot be taken."""
    staged = staging.collect(
        "evidence", FilePurpose.EVIDENCE, max_files=rules.FILES_MOST, actor=actor, now=now
    )
    if staged.error is not None:
        raise Invalid(staged.error.code, field="evidence", **staged.error.details)
    return staged


def _talk_page(
    found: Talk, failed: dict[str, Any] | None = None, staged: staging.Staged | None = None
) -> str:
    steps = {
        step.action for step in TALK_STEPS.open_to(found.state, access.current_actor(), found.shop.scope)
    }
    if found.comes or found.attended:  # by name, who speaks for the merchant
        sight.note(Seen.PERSON, "operator", found.shop.operator_id)
    return render_template(
        "oversight/office_talk.html",
        staged=staged,
        past=found.talk_at <= clock.now(),
        **_common(found, steps, failed),
    )


# --- orders -----------------------------------------------------------------------------------------------------------


@bp.get("/office/orders/<int:order_id>")
@access.officer(READ, on=queries.scope_of_order)
def order(order_id: int) -> ResponseReturnValue:
    """One order with its steps."""
    return _order_page(queries.get_order(order_id))


@bp.post("/office/orders/<int:order_id>/<any(take_back,perform,send_back,fail,ask_extension):action>")
@access.officer("oversight.check", on=queries.scope_of_order)
def do_order(order_id: int, action: str) -> ResponseReturnValue:
    """Steps of whoever checks it."""
    return _do_order(order_id, action)


@bp.post(
    "/office/orders/<int:order_id>/<any(approve,refuse,withdraw,approve_extension,refuse_extension):action>"
)
@access.officer("oversight.approve", on=queries.scope_of_order)
def decide_order(order_id: int, action: str) -> ResponseReturnValue:
    """Steps of the bureau: the second officer's decision, more time, withdrawing what was wrong."""
    return _do_order(order_id, action)


def _do_order(order_id: int, action: str) -> ResponseReturnValue:
    form, actor, now = DeedForm(), access.current_actor(), clock.now()
    if not form.validate() and "days" not in form.errors:
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    reason, version = form.reason.data or "", form.version.data or 0
    try:
        if action in {"approve", "refuse"}:
            orders.decide(order_id, action, reason, actor, now, version)
        elif action == "take_back":
            orders.take_back(order_id, actor, now, version)
        elif action == "ask_extension":
            extensions.ask(order_id, form.days.data, reason, actor, now)
        elif action in {"approve_extension", "refuse_extension"}:
            extensions.decide(order_id, action.partition("_")[0], reason, actor, now, version)
        elif action == "withdraw":
            orders.withdraw(order_id, reason, actor, now, version)
        else:
            orders.check(order_id, action, reason, actor, now, version)
    except (Invalid, Conflict) as error:
        if isinstance(error, StepRefused) or error.code == "changed_meanwhile":
            raise
        rollback()
        return _order_page(queries.get_order(order_id), _failed(action, form, error)), error.status
    flash(label(f"oversight.done.order.{action}"), "success")
    return redirect(url_for("oversight_deeds.order", order_id=order_id), 303)


def _order_page(found: Correction, failed: dict[str, Any] | None = None) -> str:
    actor, today = access.current_actor(), clock.today()
    scope = found.shop.scope
    steps = {step.action for step in ORDER_STEPS.open_to(found.state, actor, scope)}
    if found.state in rules.RUNNING and not rules.is_over(found.due_on, today):
        steps.discard("fail")
    waiting = found.asked_extension
    if access.may("oversight.check", scope) and not extensions.refusal(found, today):
        steps.add("ask_extension")
    if waiting is not None and waiting.asked_by_id != actor.account_id:
        steps |= (
            {"approve_extension", "refuse_extension"} if access.may("oversight.approve", scope) else set()
        )
    return render_template(
        "oversight/office_order.html",
        today=today,
        late=showing.overdue(found, today),
        report_files=files.of_owner(orders.REPORT_OWNER, found.id),
        waiting=waiting,
        most_days=extensions.most_days(today),
        **_common(found, steps, failed),
    )


# --- both -------------------------------------------------------------------------------------------------------------


def _failed(action: str, form: DeedForm, error: Invalid | Conflict) -> dict[str, Any]:
    return {
        "action": action,
        "message": message_of(error),
        "field": error.field or "reason",
        "form": form,
    }


def _common(case: Talk | Correction, steps: set[str], failed: dict[str, Any] | None) -> dict[str, Any]:
    """What both pages need. Who proposed does not decide, and alone takes it back."""
    own = access.current_actor().account_id == case.proposed_by_id
    proposed = case.state.value == "proposed"
    steps = steps - {"approve", "refuse"} if own else steps - {"take_back"}
    return {
        "case": case,
        "steps": steps,
        "own": own and proposed,
        "failed": failed or {"action": ""},
        "ground": grounds.get(case.kind, case.ground),
        "tone": showing.TONES[case.state.value],
        "source_url": sources.address(case.source, case.source_ref, case.shop_id)
        if _may_see_source(case)
        else "",
        "sees_source": _may_see_source(case),
        "files": files.of_owner(cases.subject_of(case), case.id),
        "letters": letters.office_list(
            *telling.subject(case),
            lambda letter_id: url_for(
                f"oversight_deeds.{case.kind}_letter", letter_id=letter_id, **_key(case)
            ),
        ),
        "history": audit_queries.history(cases.subject_of(case), case.id),
        "lines": showing.rule_lines(case.kind, clock.today()),
        "is_public": case.is_public(clock.today()),
        # It is over and the shop is still suspended because of it.
        "to_lift": case.state.value in {"withdrawn", "performed"} and consequences.suspended_by(case),
        "may_lift": access.may("code.restore", case.shop.scope),
        "rules": rules,
    }


def _key(case: Talk | Correction) -> dict[str, Any]:
    return {f"{case.kind}_id": case.id}


def _may_see_source(case: Talk | Correction) -> bool:
    """A tip's number is for officers who may read tips."""
    return case.source is not Source.TIP or access.may("tip.read", case.shop.scope)


bp.post("/office/talks/<int:talk_id>/letters/<int:letter_id>", endpoint="talk_letter")(
    access.officer(READ, on=queries.scope_of_talk)(
        serving.download(lambda talk_id: Subject("talk", talk_id), recorded=True)
    )
)
bp.post("/office/orders/<int:order_id>/letters/<int:letter_id>", endpoint="order_letter")(
    access.officer(READ, on=queries.scope_of_order)(
        serving.download(lambda order_id: Subject("correction", order_id), recorded=True)
    )
)
