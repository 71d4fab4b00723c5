"""The parties' pages of a mediation: when they are heard, what they state, the agreement that they sign."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.complaints import passes
from webapp.complaints import queries as complaints
from webapp.complaints.models import Complaint, Side
from webapp.complaints.rules import ComplaintState
from webapp.core import clock, receipts
from webapp.core.actor import CONSUMER, Actor
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.web import access, throttle
from webapp.web.words import label

from . import handling, queries
from .forms import DeedForm, PartyForm
from .models import Mediation
from .rules import MediationState

bp = Blueprint("mediation_parties", __name__)

_BY_PARTY = "any(" + ", ".join(handling.PARTY_DEEDS) + ")"
_guesses = throttle.limiter.shared_limit("20/hour", scope="mediation-receipts")


def for_consumer(complaint: Complaint, receipt: str, **_context: Any) -> Markup | None:
    """For the consumer's page of a complaint (slot ``complaint.follow``)."""
    return _piece(complaint, url_for("mediation_parties.consumer", receipt=receipt), "consumer")


def for_merchant(complaint: Complaint, **_context: Any) -> Markup | None:
    """For the merchant's page of a complaint (slot ``merchant.complaint``)."""
    return _piece(complaint, url_for("mediation_parties.merchant", complaint_id=complaint.id), "merchant")


def _piece(complaint: Complaint, url: str, side: str) -> Markup | None:
    mediation = latest(complaint)
    if mediation is None:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "mediation/_party.html",
            mediation=mediation,
            coming=queries.next_hearing(mediation, clock.now()),
            signs=bool(mediation.agreement)
            and mediation.state.value == "open"
            and getattr(mediation, f"{side}_signed_at") is None,
            url=url,
            waits_for_office=mediation.state in {MediationState.FAILED, MediationState.RETURNED}
            and complaint.state is ComplaintState.MEDIATING,
            tone=handling.STATE_TONES[mediation.state],
        )
    )


def latest(complaint: Complaint) -> Mediation | None:
    """The attempt that is under way, or the last one."""
    found = queries.of_complaint(complaint.id)
    return found[-1] if found else None


@bp.get("/complaints/<receipt>/mediation")
@access.public
def consumer(receipt: str) -> ResponseReturnValue:
    """The consumer's page, by the complaint's receipt."""
    return _private(_page(_mediation_of(_opened(receipt)), CONSUMER, Side.CONSUMER, receipt=receipt))


@bp.post(f"/complaints/<receipt>/mediation/<{_BY_PARTY}:action>")
@throttle.limiter.limit("60/hour")
@access.public
def consumer_act(receipt: str, action: str) -> ResponseReturnValue:
    """The consumer states or signs. Who holds the receipt may act, so no other token is asked."""
    mediation, form = _mediation_of(_opened(receipt)), PartyForm()
    try:
        handling.take(mediation.id, action, form, CONSUMER, clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        page = _page(
            queries.get(mediation.id),
            CONSUMER,
            Side.CONSUMER,
            receipt=receipt,
            tried=action,
            form=form,
            error=error,
        )
        return _private((page, error.status))
    return _private(redirect(url_for("mediation_parties.consumer", receipt=receipt, said=action), 303))


@bp.get("/merchant/complaints/<int:complaint_id>/mediation")
@access.merchant(on=complaints.scope_of)
def merchant(complaint_id: int) -> ResponseReturnValue:
    """The merchant's page."""
    mediation = _mediation_of(complaints.get(complaint_id))
    return _private(_page(mediation, access.current_actor(), Side.MERCHANT))


@bp.post(f"/merchant/complaints/<int:complaint_id>/mediation/<{_BY_PARTY}:action>")
@access.merchant(on=complaints.scope_of)
def merchant_act(complaint_id: int, action: str) -> ResponseReturnValue:
    """The merchant states or signs."""
    mediation, form, actor = _mediation_of(complaints.get(complaint_id)), DeedForm(), access.current_actor()
    try:
        handling.take(mediation.id, action, form, actor, clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        page = _page(queries.get(mediation.id), actor, Side.MERCHANT, tried=action, form=form, error=error)
        return _private((page, error.status))
    flash(label(f"mediation.flash.{action}"), "success")
    return redirect(url_for("mediation_parties.merchant", complaint_id=complaint_id), 303)


def _opened(receipt: str) -> Complaint:
    if (complaint := passes.read(receipt)) is not None:
        return complaint
    try:
        return complaints.by_receipt(receipt)
    except NotFound:
        with _guesses:
            abort(404)


def _mediation_of(complaint: Complaint) -> Mediation:
    found = latest(complaint)
    if found is None:
        raise NotFound("no_such_thing")
    return found


def _page(
    mediation: Mediation,
    actor: Actor,
    side: Side,
    *,
    receipt: str = "",
    tried: str = "",
    form: DeedForm | None = None,
    error: DomainError | None = None,
) -> str:
    shown = handling.context(mediation, actor, side, tried=tried, form=form, error=error)
    said = request.args.get("said", "")
    if side is Side.CONSUMER:
        at = receipts.show(receipts.tidy(receipt) or "") or receipt
        here = {
            action: url_for("mediation_parties.consumer_act", receipt=at, action=action)
            for action in handling.PARTY_DEEDS
        }
        back = url_for("complaints.follow", receipt=at)
        template = "mediation/public_show.html"
    else:
        number = mediation.complaint_id
        here = {
            action: url_for("mediation_parties.merchant_act", complaint_id=number, action=action)
            for action in handling.PARTY_DEEDS
        }
        back = url_for("complaints_merchant.show", complaint_id=number)
        template = "mediation/merchant_show.html"
    return render_template(
        template, **shown, here=here, back=back, said=said if said in handling.PARTY_DEEDS else ""
    )


def _private(page: ResponseReturnValue) -> Response:
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
