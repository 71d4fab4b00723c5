"""The consumer's pages: the form, looking up by receipt, following up. No account, no script needed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, Role
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.core.transaction import rollback
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.files.views import answer as send_file
from webapp.merchants import scanning
from webapp.merchants.models import Shop
from webapp.merchants.status import public_shop
from webapp.web import access, samesite, throttle
from webapp.web.errors import message_of
from webapp.web.words import label

from . import intake, operations, queries, rules, showing
from .forms import (
    ComplaintForm,
    ConsumerSayingForm,
    ReceiptForm,
    lost_photos,
    new_submission,
    read_submission,
)
from .models import Complaint, Demand, Side

bp = Blueprint("complaints", __name__)

Errors = dict[str, str]
ACTIONS = ("supplement", "confirm_resolved", "say_unresolved", "withdraw")
_BY_CONSUMER = "any(" + ", ".join(ACTIONS) + ")"


def _private(page: ResponseReturnValue) -> Response:
    """A page that holds a receipt or what somebody typed: kept nowhere, named to nobody, found by no search."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _photos_max() -> int:
    return policy.get_int("complaint.photos_max", clock.today())


# --- the form -------------------------------------------------------------------------------------------------------


def _too_many(_limit: RequestLimit) -> Response:
    """Too many complaints from here in an hour: said above the form, which keeps what was typed."""
    arguments = request.view_args or {}
    number = arguments["number"] if "number" in arguments else scanning.read(arguments["token"]).shop_number
    form = ComplaintForm()
    page = _form_page(public_shop(number), form, {"_form": label("error.too_many_complaints")}, None)
    return _private((page, 429))


_limits = throttle.limiter.limit(
    "10/hour",
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 303,
    on_breach=_too_many,
)
_attempts = throttle.limiter.limit("100/hour", methods=["POST"], on_breach=_too_many)


@bp.route("/c/<token>/complain", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_scan(token: str) -> ResponseReturnValue:
    """The form after a scan: the sticker's serial is noted."""
    scanned = scanning.read(token)
    return _form(public_shop(scanned.shop_number), scanned.serial)


@bp.route("/s/<int:number>/complain", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_shop(number: int) -> ResponseReturnValue:
    """The form for any shop that the public may know of, whatever its code is worth today."""
    return _form(public_shop(number), None)


def _form(shop: Shop, serial: int | None) -> ResponseReturnValue:
    form = ComplaintForm()
    if request.method != "POST":
        if serial is not None:  # who scans is standing in the shop
            form.happened_on.data = clock.today().isoformat()
        return _private(_form_page(shop, form, {}, None))
    key = read_submission(form.submission.data)
    if key and (known := queries.by_submission(key)) is not None:
        return _to_receipt(known, intake.receipt_for(key), form)
    if not samesite.sent_from_here():
        return _private((_form_page(shop, form, {"_form": label("error.sent_from_elsewhere")}, None), 400))
    photos = staging.collect(
        "photos",
        FilePurpose.COMPLAINT,
        max_files=_photos_max(),
        actor=access.current_actor(),
        now=clock.now(),
    )
    errors = _file(shop, serial, key, form, photos)
    if isinstance(errors, Response):
        return errors
    return _private((_form_page(shop, form, errors, photos), 422))


def _file(
    shop: Shop, serial: int | None, key: str | None, form: ComplaintForm, photos: staging.Staged
) -> Errors | Response:
    filing, wrong = form.filing(key or "", serial, photos.ids)
    wrong = [*wrong, *photos.errors, *lost_photos(photos)]
    if key is None:
        wrong.insert(0, Invalid("form_again"))
    if filing is not None and not wrong:
        try:
            complaint, receipt = intake.file(shop.id, filing, clock.now())
            return _to_receipt(complaint, receipt, form)
        except Invalid as refusal:
            wrong.append(refusal)
    errors: Errors = {}
    for error in wrong:
        errors.setdefault(error.field or "_form", message_of(error))
    return errors


def _to_receipt(complaint: Complaint, receipt: str, form: ComplaintForm) -> Response:
    # The same form may have come back by the browser's Back with other words in it: they must not vanish silently.
    said = "filed" if form.told == complaint.story else "filed_before"
    return _private(
        redirect(url_for("complaints.follow", receipt=rules.show_receipt(receipt), said=said), 303)
    )


def _form_page(shop: Shop, form: ComplaintForm, errors: Errors, photos: staging.Staged | None) -> str:
    if read_submission(form.submission.data) is None:
        form.submission.data = new_submission()
    return render_template(
        "complaints/public_form.html",
        shop=shop,
        form=form,
        errors=errors,
        photos=photos,
        photos_max=_photos_max(),
        topics=[(topic, label(f"complaint.topic.{topic}")) for topic in rules.TOPICS],
        demands=[(demand.value, label(f"complaint.demand.{demand.value}")) for demand in Demand],
        hours=policy.get_int("complaint.first_answer_hours", clock.today()),
        today=clock.today().isoformat(),
        story_max=rules.STORY_LENGTH[1],
        name_max=rules.NAME_MAX,
    )


# --- looking up and following up ------------------------------------------------------------------------------------


#: Wrong receipts are counted where they turn out to be wrong: whoever shares an address with a guesser (a mall, a
#: mobile network) still opens their own complaint. A receipt has 80 random bits; this only keeps floods away.
_guesses = throttle.limiter.shared_limit("20/hour", scope="complaint-receipts")


@bp.route("/complaints", methods=["GET", "POST"])
@access.public
def index() -> ResponseReturnValue:
    """Looking a complaint up by its receipt."""
    form = ReceiptForm()
    if request.method != "POST":
        return _private(_lookup_page(""))
    typed = form.receipt.data or ""
    if not typed.strip():
        return _private((_lookup_page(typed, label("error.receipt_empty")), 422))
    tidy = rules.tidy_receipt(typed)
    if tidy is None:
        return _private((_lookup_page(typed, label("error.receipt_form")), 422))
    _opened(typed)
    return _private(redirect(url_for("complaints.follow", receipt=rules.show_receipt(tidy)), 303))


def _lookup_page(typed: str, error: str = "") -> str:
    return render_template("complaints/public_lookup.html", typed=typed, error=error)


@bp.get("/complaints/<receipt>")
@access.public
def follow(receipt: str) -> ResponseReturnValue:
    """Where it stands, what was said, what can be done now."""
    return _private(_follow_page(_opened(receipt), receipt))


def _opened(receipt: str) -> Complaint:
    """The complaint of this receipt; else the look-up form comes back with what was typed."""
    try:
        return queries.by_receipt(receipt)
    except NotFound as error:
        with _guesses:
            abort(_private((_lookup_page(receipt, message_of(error)), 404)))


@bp.post(f"/complaints/<receipt>/<{_BY_CONSUMER}:action>")
@throttle.limiter.limit("60/hour")
@access.public
def act(receipt: str, action: str) -> ResponseReturnValue:
    """The consumer's next word. Who holds the receipt may speak: no other site knows it, so no other token is asked."""
    complaint = _opened(receipt)
    form = ConsumerSayingForm()
    now = clock.now()
    photos = staging.collect(
        "photos",
        FilePurpose.COMPLAINT,
        max_files=_photos_max(),
        actor=access.current_actor(),
        now=now,
    )
    error: DomainError | None = next(iter([*photos.errors, *lost_photos(photos)]), None)
    if error is None:
        try:
            operations.act(
                complaint.id,
                action,
                CONSUMER,
                now,
                text=form.said,
                file_ids=tuple(photos.ids),
                version=form.version.data,
            )
        except (Invalid, Conflict) as refusal:
            error = refusal
    if error is not None:
        page = _follow_page(complaint, receipt, tried=action, form=form, error=error, photos=photos)
        return _private((page, error.status))
    return _private(redirect(url_for("complaints.follow", receipt=receipt, said=action), 303))


def _follow_page(
    complaint: Complaint,
    receipt: str,
    *,
    tried: str = "",
    form: ConsumerSayingForm | None = None,
    error: DomainError | None = None,
    photos: staging.Staged | None = None,
) -> str:
    """The page; after a fault with what was typed for `tried`. It is drawn from the complaint as it stands now."""
    if error is not None:
        rollback()
        complaint = queries.get(complaint.id)
    said = request.args.get("said", "")
    tidy = rules.tidy_receipt(receipt) or ""
    context: dict[str, Any] = {
        "complaint": complaint,
        "receipt": rules.show_receipt(tidy),
        "groups": rules.show_receipt(tidy).split("-"),
        "situation": showing.situation(complaint, clock.now(), Side.CONSUMER),
        "thread": showing.thread(complaint, Side.CONSUMER),
        "photos": showing.photos(queries.photos(complaint), Side.CONSUMER),
        "actions": rules.open_actions(complaint.state, Role.CONSUMER),
        "rateable": complaint.state in rules.RATEABLE,
        "said": said if said in {"filed", "filed_before", *ACTIONS} else "",
        "tried": tried,
        "typed": form.text.data if form else "",
        "error": message_of(error) if error else "",
        "staged": photos,
        "photos_max": _photos_max(),
        "state_tone": showing.STATE_TONES[complaint.state],
    }
    return render_template("complaints/public_follow.html", **context)


@bp.get("/complaints/photos/<token>")
@access.public
def photo(token: str) -> ResponseReturnValue:
    """A photo of the follow-up page: its address is signed and opens it for an hour."""
    file = showing.file_of_address(token)
    if file is None:
        raise NoSuchPage
    response = send_file(file)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
