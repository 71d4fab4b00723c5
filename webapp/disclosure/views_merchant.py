"""The merchant's side: cases of their shops before and after publication, their reply, their requests."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.merchants.models import Shop
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.words import label

from . import operations, queries, requests, rules
from .forms import SideForm
from .models import Disclosure
from .rules import STEPS, DisclosureState
from .views_office import TONES

bp = Blueprint("disclosure_merchant", __name__)


def home(shops: list[Shop]) -> Markup | None:
    """A piece of the start page (slot ``merchant.home``) once there is a case, with those that a reply may precede."""
    operator_ids = access.current_actor().operator_ids
    if not shops or not queries.has_any(operator_ids):
        return None
    waiting = queries.waiting_for_merchant(operator_ids, clock.now())
    return Markup(render_template("disclosure/_merchant_home.html", waiting=waiting))  # noqa: S704 - our template


@bp.get("/merchant/disclosures")
@access.merchant()
def index() -> ResponseReturnValue:
    """Cases of the own shops."""
    actor = access.current_actor()
    page = paging.paginate(queries.of_operators(actor.operator_ids))
    return render_template("disclosure/merchant_index.html", page=page, tones=TONES)


@bp.get("/merchant/disclosures/<int:disclosure_id>")
@access.merchant(on=queries.scope_of)
def show(disclosure_id: int) -> ResponseReturnValue:
    """One case as the public will read it."""
    return _page(queries.get(disclosure_id))


@bp.post("/merchant/disclosures/<int:disclosure_id>/reply")
@access.merchant(on=queries.scope_of)
def reply(disclosure_id: int) -> ResponseReturnValue:
    """The merchant's words beside it."""
    form = SideForm()
    try:
        operations.reply(disclosure_id, form.said, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        return _again(disclosure_id, "reply", form, error)
    flash(label("disclosure.done.reply"), "success")
    return redirect(url_for("disclosure_merchant.show", disclosure_id=disclosure_id), 303)


@bp.post("/merchant/disclosures/<int:disclosure_id>/request")
@access.merchant(on=queries.scope_of)
def ask(disclosure_id: int) -> ResponseReturnValue:
    """Ask to correct or remove it."""
    form = SideForm()
    try:
        requests.ask(disclosure_id, form.kind.data or "", form.said, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        return _again(disclosure_id, "ask", form, error)
    flash(label("disclosure.done.ask"), "success")
    return redirect(url_for("disclosure_merchant.show", disclosure_id=disclosure_id), 303)


def _again(disclosure_id: int, tried: str, form: SideForm, error: DomainError) -> ResponseReturnValue:
    rollback()
    return _page(queries.get(disclosure_id), tried=tried, form=form, error=error), error.status


def _page(
    case: Disclosure, *, tried: str = "", form: SideForm | None = None, error: DomainError | None = None
) -> str:
    steps = {one.action for one in STEPS.open_to(case.state, access.current_actor(), case.complaint.scope)}
    return render_template(
        "disclosure/merchant_show.html",
        case=case,
        complaint=case.complaint,
        steps=steps,
        mine=[one for one in case.requests if one.side == "merchant"],
        waits=queries.open_request(case, "merchant") is not None,
        public=case.state is DisclosureState.PUBLISHED,
        tones=TONES,
        tried=tried,
        form=form,
        error=message_of(error) if error else "",
        error_field=(error.field if error else "") or "",
        kinds=[(kind, label(f"disclosure.ask.{kind}")) for kind in rules.KINDS],
        longest=rules.TEXT_LONGEST,
        asking_longest=rules.ASKING_LONGEST,
        machine_reasons=(rules.CONSENT_WITHDRAWN, rules.ENDED_OTHERWISE),
    )
