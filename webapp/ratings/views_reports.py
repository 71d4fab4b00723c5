"""Anybody reports a rating that breaks a rule, or objects to a removal: without an account and without JavaScript."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from webapp.core import clock
from webapp.core.actor import CONSUMER
from webapp.core.errors import DomainError, NotFound
from webapp.core.transaction import rollback
from webapp.merchants.status import public_shop
from webapp.web import access, samesite, throttle, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import grounds, moderating, moderation, operations, queries, records, rules
from .forms import VoiceForm
from .models import Rating
from .views_public import answer, device_of, give_device

bp = Blueprint("ratings_reports", __name__)


def _too_many(_limit: RequestLimit) -> Response:
    form, rating = VoiceForm(), _rating()
    return answer(_page(rating, form, {"_form": label("error.too_many_ratings")}), 429, form)


_limits = throttle.limiter.limit(
    "10/hour",
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 303,
    on_breach=_too_many,
)
_attempts = throttle.limiter.limit("60/hour", methods=["POST"], on_breach=_too_many)


def _rating() -> Rating:
    """The rating of the present address, of a shop that the public may know of."""
    rating = queries.get((request.view_args or {})["rating_id"])
    public_shop(rating.shop_id)
    return rating


@bp.route("/ratings/<int:rating_id>/report", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def report(rating_id: int) -> ResponseReturnValue:  # noqa: ARG001 - _rating reads the address
    """举报: which rule is broken. It removes nothing; an officer looks."""
    rating = _rating()
    if rating.is_removed:
        return redirect(url_for("ratings.index", number=rating.shop_id), 303)
    return _form(rating, "report")


@bp.route("/ratings/<int:rating_id>/object", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def object_(rating_id: int) -> ResponseReturnValue:  # noqa: ARG001
    """对移除有异议: why the rating should come back."""
    rating = _rating()
    if not rating.is_removed:
        raise NotFound("no_such_thing")
    return _form(rating, "object")


def _form(rating: Rating, what: str) -> ResponseReturnValue:
    form = VoiceForm()
    if request.method != "POST":
        return answer(_page(rating, form, {}, done=request.args.get("said") == "thanks"), 200, form)
    if not samesite.sent_from_here():
        return answer(_page(rating, form, {"_form": label("error.sent_from_elsewhere")}), 400, form)
    device = device_of(form.device.data)
    if device is None:
        return answer(_page(rating, form, {"_form": label("error.rating_again")}), 422, form)
    if form.website.data:
        return answer(_page(rating, form, {"website": label("error.leave_empty")}), 422, form)
    words, now = typed.lines(form.words.data), clock.now()
    try:
        if what == "report":
            moderating.report(rating.id, form.ground.data or "", words, f"device:{device}", CONSUMER, now)
        else:
            own = operations.raters(device, rating.shop_id, rating.created_at).device == rating.rater_hash
            moderating.object_to(rating.id, words, now, own=own)
    except DomainError as error:
        rollback()
        field = "words" if error.field == "reason" else (error.field or "_form")
        return answer(_page(queries.get(rating.id), form, {field: message_of(error)}), error.status, form)
    return answer(
        redirect(url_for(request.endpoint or "", rating_id=rating.id, said="thanks"), 303), 303, form
    )


def _page(rating: Rating, form: VoiceForm, errors: dict[str, str], *, done: bool = False) -> str:
    give_device(form.device)
    objecting = (request.endpoint or "").endswith("object_")
    case = records.live_case(rating.id) if objecting else None
    return render_template(
        "ratings/public_object.html" if objecting else "ratings/public_report.html",
        rating=rating,
        shop=rating.shop,
        case=case,
        final=case is not None and moderating.is_final(case),
        form=form,
        errors=errors,
        grounds=grounds.catalogue(),
        hearts=rules.HEARTS,
        words_max=moderation.REASON_LONGEST if objecting else moderation.WORDS_LONGEST,
        done=done,
    )
