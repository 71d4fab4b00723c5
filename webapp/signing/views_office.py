"""The administrators' pages of the signing keys: one proposes, another confirms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import forms, operations, queries
from .models import Action, KeyProposal
from .rules import MAKING, PROPOSAL_STEPS, STEPS
from .store import SignerUnavailable, store

bp = Blueprint("signing", __name__, url_prefix="/office/keys")
Page = ResponseReturnValue

TONES = {"active": "good", "retired": "quiet", "compromised": "stop", "withdrawn": "quiet"}


def menu(actor: Actor) -> MenuEntry | None:
    """签名密钥, with the number of proposals that this administrator may decide."""
    if not access.may("key.manage", queries.scope_of_keys()):
        return None
    return MenuEntry(url_for("signing.index"), "signing.menu", queries.count_waiting(actor) or None)


@bp.get("")
@access.officer("key.manage", on=queries.scope_of_keys)
def index() -> Page:
    """All keys, what waits for a second person, and what was decided."""
    return _page()


def _page(panel: str = "", form: FlaskForm | None = None, error: Invalid | None = None) -> str:
    """The page. After a fault `panel` stands open with what was typed in `form`, the `error` at its field."""
    now, actor = clock.now(), access.current_actor()
    waiting, decided = queries.waiting(), queries.decided()
    people = {by for p in (*waiting, *decided) for by in (p.proposed_by_id, p.decided_by_id)}
    names = queries.names_of(people)
    next_kid, refusal = _next_kid()
    return render_template(
        "signing/office_index.html",
        keys=[_line(line, actor) for line in queries.lines(now)],
        waiting=[_view(proposal, names, actor) for proposal in waiting],
        decided=[_view(proposal, names, actor) for proposal in decided],
        source=store().sources()[0].name,
        next_kid=next_kid,
        refusal=refusal,
        tones=TONES,
        panel=panel,
        typed=form,
        errors={error.field or "_form": message_of(error)} if error else {},
    )


def _next_kid() -> tuple[int | None, str]:
    """The number that the next key would have, or why there can be none now."""
    try:
        return store().next_kid(), ""
    except DomainError as error:
        return None, message_of(error)


def _line(line: queries.KeyLine, actor: Actor) -> dict[str, Any]:
    steps = STEPS.open_to(line.key.state, actor, queries.scope_of_keys())
    may = [step.action for step in steps]
    if line.valid and "withdraw" in may:
        may.remove("withdraw")
    return {"line": line, "key": line.key, "state": line.key.state.value, "may": may}


def _view(proposal: KeyProposal, names: dict[int | None, str], actor: Actor) -> dict[str, Any]:
    touched = None
    if proposal.action is Action.COMPROMISE and proposal.moment is not None:
        touched = queries.issued_since(proposal.kid, proposal.moment, proposal.leaf)
    return {
        "row": proposal,
        "by": names.get(proposal.proposed_by_id, ""),
        "decided_by": names.get(proposal.decided_by_id, ""),
        "mine": proposal.proposed_by_id == actor.account_id,
        "may": {
            step.action for step in PROPOSAL_STEPS.open_to(proposal.state, actor, queries.scope_of_keys())
        },
        "makes": proposal.action in MAKING,
        "touched": touched,
    }


def _act(panel: str, form: FlaskForm, work: Callable[[], Any], done: str) -> Page:
    """Do `work` and go back to the page; a fault of the input shows the page again with all that was typed."""
    form.validate_on_submit()
    try:
        work()
    except (Invalid, SignerUnavailable) as error:
        rollback()  # the page reads what stands, not what was tried
        fault = error if isinstance(error, Invalid) else Invalid(error.code)
        return _page(panel, form, fault), error.status
    flash(label(f"signing.done.{done}"), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/proposals")
@access.officer("key.manage", on=queries.scope_of_keys)
def propose() -> Page:
    """First of two: propose to make, retire, declare compromised or withdraw a key."""
    form = forms.ProposalForm()
    return _act(
        f"{form.action.data}-{form.kid.data or 'new'}",
        form,
        lambda: operations.propose(
            form.wanted,
            form.number,
            form.instant,
            form.reason.data or "",
            access.current_actor(),
            clock.now(),
            form.before_leaf,
        ),
        "propose",
    )


@bp.post("/proposals/<int:proposal_id>/decide")
@access.officer("key.manage", on=queries.scope_of_proposal)
def decide(proposal_id: int) -> Page:
    """Second of two: confirm, and it is done at once, or refuse."""
    form = forms.DecisionForm()
    outcome = form.outcome.data
    if outcome not in {"confirm", "refuse"}:
        raise Conflict("step_refused")
    return _act(
        f"{outcome}-{proposal_id}",
        form,
        lambda: operations.decide(
            proposal_id,
            confirm=outcome == "confirm",
            reason=form.reason.data or "",
            actor=access.current_actor(),
            now=clock.now(),
        ),
        outcome,
    )


@bp.post("/proposals/<int:proposal_id>/withdraw")
@access.officer("key.manage", on=queries.scope_of_proposal)
def withdraw(proposal_id: int) -> Page:
    """The proposer takes it back."""
    form = FlaskForm()
    return _act(
        f"withdraw-{proposal_id}",
        form,
        lambda: operations.withdraw(proposal_id, access.current_actor(), clock.now()),
        "withdraw",
    )
