"""Officers' side of what the register proposes for the black list: make it one's own proposal, or decline it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.accounts import queries as accounts
from webapp.core import clock
from webapp.core.errors import Conflict, Invalid
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import leads
from .forms import ReasonForm

bp = Blueprint("listings_leads", __name__)


@bp.get("/office/listings/leads/<int:lead_id>")
@access.officer("listing.read", on=leads.scope_of_lead)
def show(lead_id: int) -> ResponseReturnValue:
    """One lead, what the register says, and what can be done."""
    return _page(leads.get(lead_id))


@bp.post("/office/listings/leads/<int:lead_id>/decline")
@access.officer("listing.confirm", on=leads.scope_of_lead)
def decline(lead_id: int) -> ResponseReturnValue:
    """Not to be listed, with a reason."""
    form = ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    try:
        leads.decline(
            lead_id, form.reason.data or "", form.version.data or 0, access.current_actor(), clock.now()
        )
    except Invalid as error:
        return _page(leads.get(lead_id), message_of(error), form.reason.data or ""), 422
    flash(label("listing_lead.done.decline"), "success")
    return redirect(url_for("listings_office.index"), 303)


def _page(lead: leads.ListingLead, error: str = "", reason: str = "") -> str:
    return render_template(
        "listings/office_lead.html",
        lead=lead,
        error=error,
        reason=reason,
        people=accounts.names_of([lead.decided_by_id]),
        may_propose=access.may("listing.propose", lead.shop.scope),
        may_decline=access.may("listing.confirm", lead.shop.scope),
    )
