"""The consumer's part of the follow-up page: how it looks or will look in public, withdrawing consent, a correction."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.complaints import passes
from webapp.complaints import queries as complaints
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ENDED
from webapp.core import clock
from webapp.core.actor import CONSUMER
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of

from . import operations, queries, requests, rules
from .cleaning import clean_text, public_of
from .forms import ConsumerForm
from .rules import DisclosureState

bp = Blueprint("disclosure_follow", __name__)


def section(complaint: Complaint, receipt: str) -> Markup | None:
    """For the follow-up page (slot ``complaint.follow``): a line and the way to the page about publication."""
    disclosure = queries.of_complaint(complaint.id)
    if disclosure is None and not complaint.consent_disclosure:
        return None
    return Markup(  # noqa: S704 - our own template, which escapes
        render_template(
            "disclosure/_follow.html",
            complaint=complaint,
            receipt=receipt,
            disclosure=disclosure,
            ended=complaint.state in ENDED,
        )
    )


@bp.get("/complaints/<receipt>/disclosure")
@access.public
def show(receipt: str) -> ResponseReturnValue:
    """How the complaint looks, or will look, in public; and what the consumer may do about it."""
    return _private(_page(_opened(receipt), receipt))


@bp.post("/complaints/<receipt>/disclosure/withdraw")
@throttle.limiter.limit("20/hour")
@access.public
def withdraw(receipt: str) -> ResponseReturnValue:
    """No publication any more."""
    _from_here()
    operations.withdraw_consent(_opened(receipt).id, clock.now())
    return _private(redirect(url_for("disclosure_follow.show", receipt=receipt), 303))


@bp.post("/complaints/<receipt>/disclosure/request")
@throttle.limiter.limit("20/hour")
@access.public
def ask(receipt: str) -> ResponseReturnValue:
    """Ask for a correction."""
    _from_here()
    complaint, form = _opened(receipt), ConsumerForm()
    try:
        requests.ask(queries.get_of_complaint(complaint.id).id, "correct", form.said, CONSUMER, clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _private((_page(complaints.get(complaint.id), receipt, form, error), error.status))
    return _private(redirect(url_for("disclosure_follow.show", receipt=receipt), 303))


def _opened(receipt: str) -> Complaint:
    if (complaint := passes.read(receipt)) is not None:
        return complaint
    try:
        return complaints.by_receipt(receipt)
    except NotFound:
        abort(404)


def _from_here() -> None:
    if not samesite.sent_from_here():
        raise Forbidden("form_expired")


def _page(
    complaint: Complaint, receipt: str, form: ConsumerForm | None = None, error: DomainError | None = None
) -> str:
    disclosure = queries.of_complaint(complaint.id)
    return render_template(
        "disclosure/public_follow.html",
        complaint=complaint,
        receipt=receipt,
        case=disclosure,
        public=disclosure is not None and disclosure.state is DisclosureState.PUBLISHED,
        preview=clean_text(complaint.story, public_of(complaint.shop)) if disclosure is None else "",
        mine=[] if disclosure is None else [one for one in disclosure.requests if one.side == "consumer"],
        waits=disclosure is not None and queries.open_request(disclosure, "consumer") is not None,
        form=form,
        error=message_of(error) if error else "",
        machine_reasons=(rules.CONSENT_WITHDRAWN, rules.ENDED_OTHERWISE),
        asking_longest=rules.ASKING_LONGEST,
    )


def _private(page: ResponseReturnValue) -> Response:
    """A page that holds a receipt: kept nowhere, named to nobody, found by no search."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
