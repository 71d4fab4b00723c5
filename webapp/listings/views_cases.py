"""Officers' side of appeals and credit repair, and of the documents of an entry."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Conflict, Invalid
from webapp.letters import Subject, serving
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import cases, queries, telling
from .forms import ReasonForm
from .views_office import case_page

bp = Blueprint("listings_cases", __name__)


@bp.post("/office/listings/appeals/<int:appeal_id>/<any(grant, dismiss):action>")
@access.officer("listing.confirm", on=queries.scope_of_appeal)
def appeal(appeal_id: int, action: str) -> ResponseReturnValue:
    """Decide an appeal: by somebody who took no part."""
    listing_id = queries.get_appeal(appeal_id).listing_id
    form = _form()
    try:
        cases.decide_appeal(
            appeal_id,
            grant=action == "grant",
            reason=form.reason.data or "",
            actor=access.current_actor(),
            now=clock.now(),
            version=form.version.data or 0,
        )
    except Invalid as error:
        return _again(listing_id, f"{action}_appeal", form, error)
    return _done(listing_id, f"{action}_appeal")


@bp.post("/office/listings/repairs/<int:repair_id>/<any(grant, dismiss):action>")
@access.officer("listing.confirm", on=queries.scope_of_repair)
def repair(repair_id: int, action: str) -> ResponseReturnValue:
    """Decide a request for credit repair: by who listed, or its office."""
    listing_id = queries.get_repair(repair_id).listing_id
    form = _form()
    try:
        cases.decide_repair(
            repair_id,
            grant=action == "grant",
            reason=form.reason.data or "",
            actor=access.current_actor(),
            now=clock.now(),
            version=form.version.data or 0,
        )
    except Invalid as error:
        return _again(listing_id, f"{action}_repair", form, error)
    return _done(listing_id, f"{action}_repair")


bp.post("/office/listings/<int:listing_id>/letters/<int:letter_id>", endpoint="letter")(
    access.officer("listing.read", on=queries.scope_of)(
        serving.download(lambda listing_id: Subject(telling.SUBJECT, listing_id), recorded=True)
    )
)


def _form() -> ReasonForm:
    form = ReasonForm()
    if not form.validate():
        raise Conflict("changed_meanwhile")  # only the hidden version can be missing
    return form


def _again(listing_id: int, tried: str, form: ReasonForm, error: Invalid) -> ResponseReturnValue:
    failed = {"action": tried, "message": message_of(error), "reason": form.reason.data or ""}
    return case_page(queries.get(listing_id), failed), 422


def _done(listing_id: int, action: str) -> ResponseReturnValue:
    flash(label(f"listing.done.{action}"), "success")
    return redirect(url_for("listings_office.show", listing_id=listing_id), 303)
