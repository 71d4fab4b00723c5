"""Officers' side: what waits, the case with what was taken out, publishing, correcting, removing, requests."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit_queries
from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.complaints.rules import ENDED
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, queries, requests, rules, showing
from .forms import CaseForm
from .models import Disclosure
from .rules import STEPS, DisclosureState

bp = Blueprint("disclosure_office", __name__)

TONES = {
    DisclosureState.DRAFT: "caution",
    DisclosureState.PUBLISHED: "good",
    DisclosureState.REMOVED: "quiet",
    DisclosureState.DROPPED: "quiet",
}


def menu(actor: Actor) -> MenuEntry | None:
    """投诉公示, with the number of cases that wait."""
    posts = access.reach(actor, "disclosure.read")
    if not posts:
        return None
    return MenuEntry(
        url_for("disclosure_office.index"), "disclosure.menu.office", queries.waiting(posts) or None, "eye"
    )


@bp.get("/office/disclosures")
@access.officer("disclosure.read")
def index() -> ResponseReturnValue:
    """Cases within reach, those that wait first."""
    posts = access.reach(access.current_actor(), "disclosure.read")
    state, text = request.args.get("state", "waiting"), typed.line(request.args.get("text"), 80)
    state = state if state in {"", "waiting", *DisclosureState} else "waiting"
    return render_template(
        "disclosure/office_index.html",
        page=paging.paginate(queries.office_list(posts, state=state, text=text)),
        state=state,
        text=text,
        waiting=queries.waiting(posts),
        states=[(one.value, label(f"disclosure.state.{one.value}")) for one in DisclosureState],
        tones=TONES,
    )


@bp.get("/office/disclosures/<int:disclosure_id>")
@access.officer("disclosure.read", on=queries.scope_of)
def show(disclosure_id: int) -> ResponseReturnValue:
    """One case with the words it was made of."""
    return _page(queries.get(disclosure_id))


@bp.post("/office/disclosures/<int:disclosure_id>/<any(revise, drop):action>")
@access.officer("disclosure.edit", on=queries.scope_of)
def edit(disclosure_id: int, action: str) -> ResponseReturnValue:
    """Change a draft's words, or drop it."""
    return _do(disclosure_id, action)


@bp.post("/office/disclosures/<int:disclosure_id>/<any(publish, admit_reply, correct, remove):action>")
@access.officer("disclosure.publish", on=queries.scope_of)
def decide(disclosure_id: int, action: str) -> ResponseReturnValue:
    """What changes the public page."""
    return _do(disclosure_id, action)


def _do(disclosure_id: int, action: str) -> ResponseReturnValue:
    form, actor, now = CaseForm(), access.current_actor(), clock.now()
    version = form.version.data or 0
    try:
        if action == "revise":
            operations.revise(disclosure_id, form.texts, actor, now, version)
        elif action == "publish":
            operations.publish(disclosure_id, form.texts, actor, now, version)
        elif action == "correct":
            operations.correct(disclosure_id, form.texts, form.why, actor, now, version)
        elif action == "admit_reply":
            operations.admit_reply(disclosure_id, form.texts.reply, actor, now, version)
        elif action == "drop":
            operations.drop(disclosure_id, form.why, actor, now, version)
        else:
            operations.remove(disclosure_id, form.why, actor, now, version)
    except (Invalid, Conflict) as error:
        return _again(disclosure_id, action, form, error)
    flash(label(f"disclosure.done.{action}"), "success")
    return redirect(url_for("disclosure_office.show", disclosure_id=disclosure_id), 303)


@bp.post("/office/disclosures/<int:disclosure_id>/requests/<int:request_id>")
@access.officer("disclosure.publish", on=queries.scope_of)
def answer(disclosure_id: int, request_id: int) -> ResponseReturnValue:
    """Grant or refuse a request, with the reason."""
    form, actor, now = CaseForm(), access.current_actor(), clock.now()
    granted = form.do.data == "grant"
    try:
        requests.answer(
            disclosure_id,
            request_id,
            form.why,
            actor,
            now,
            form.version.data or 0,
            granted=granted,
            texts=form.texts,
        )
    except (Invalid, Conflict) as error:
        return _again(disclosure_id, f"request-{request_id}", form, error)
    flash(label("disclosure.done.grant" if granted else "disclosure.done.refuse"), "success")
    return redirect(url_for("disclosure_office.show", disclosure_id=disclosure_id), 303)


def _again(disclosure_id: int, action: str, form: CaseForm, error: DomainError) -> ResponseReturnValue:
    """The page with what was typed."""
    rollback()
    return _page(queries.get(disclosure_id), tried=action, form=form, error=error), error.status


def _page(
    case: Disclosure, *, tried: str = "", form: CaseForm | None = None, error: DomainError | None = None
) -> str:
    actor = access.current_actor()
    complaint = case.complaint
    sight.note(Seen.STATEMENT, "complaint", complaint.id)
    steps = {step.action for step in STEPS.open_to(case.state, actor, complaint.scope)}
    said, scrubbed = showing.differences(complaint.story, case.story)
    waiting = [one for one in case.requests if one.answered_at is None]
    early = case.state is DisclosureState.DRAFT and clock.now() < case.reply_due_at
    return render_template(
        "disclosure/office_show.html",
        case=case,
        complaint=complaint,
        steps=steps,
        said=said,
        scrubbed=scrubbed,
        taken=[(label(f"disclosure.kind.{kind}"), count) for kind, count in sorted(case.scrubbed.items())],
        waiting=waiting,
        may_answer=bool(waiting) and access.may("disclosure.publish", complaint.scope),
        early=early and not (case.reply or case.reply_waiting),
        runs_again=complaint.state not in ENDED,
        aside=access.must_stand_aside(complaint.scope),
        tones=TONES,
        tried=tried,
        form=form,
        error=message_of(error) if error else "",
        error_field=(error.field if error else "") or "",
        history=audit_queries.history("disclosure", case.id),
        machine_reasons=(rules.CONSENT_WITHDRAWN, rules.ENDED_OTHERWISE),
        longest=rules.TEXT_LONGEST,
        asking_longest=rules.ASKING_LONGEST,
    )
