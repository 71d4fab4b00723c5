"""Rating a shop without an account, and all ratings of a shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit
from wtforms import Field

from webapp.core import clock, policy
from webapp.core.errors import Invalid, NotFound
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants import scanning
from webapp.merchants.models import Shop
from webapp.merchants.queries import figures_of, get_shop
from webapp.merchants.status import public_shop
from webapp.web import access, paging, samesite, throttle, typed
from webapp.web.errors import message_of
from webapp.web.words import label

from . import grounds, operations, queries, rules
from .forms import RatingForm, VoiceForm, new_device, read_device
from .models import Origin, Rating

bp = Blueprint("ratings", __name__)

#: The mark of the device. It says nothing about the person and is read on the rating forms only.
COOKIE = "ydym_rater"
COOKIE_AGE = 400 * 86400
Errors = dict[str, str]


@dataclass(frozen=True)
class Visit:
    """How somebody came to rate: which shop, labelled how."""

    shop: Shop
    origin: Origin
    serial: int | None = None
    ended: scanning.EndedComplaint | None = None


def _visit() -> Visit:
    """The visit of the present address."""
    found = request.view_args or {}
    if "token" in found:
        scanned = scanning.read(found["token"])
        return Visit(public_shop(scanned.shop_number), Origin.SCAN, serial=scanned.serial)
    if "receipt" in found:
        ended = _ended(found["receipt"])
        return Visit(get_shop(ended.shop_number), Origin.COMPLAINT, ended=ended)
    return Visit(public_shop(found["number"]), Origin.OTHER)


def _ended(receipt: str) -> scanning.EndedComplaint:
    """The ended complaint of this receipt; a wrong one is counted where it turns out to be wrong, then NotFound.

    Whoever shares an address with a guesser still opens the own form (as with the follow-up page).
    """
    try:
        return scanning.ended_complaint(receipt)
    except NotFound:
        with _guesses:
            raise


def _too_many(_limit: RequestLimit) -> Response:
    """Too many ratings from here: said above the form, which keeps what was chosen."""
    form = RatingForm()
    return answer(_form_page(_visit(), form, {"_form": label("error.too_many_ratings")}), 429, form)


_limits = throttle.limiter.limit(
    "20/hour",
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 303,
    on_breach=_too_many,
)
_attempts = throttle.limiter.limit("100/hour", methods=["POST"], on_breach=_too_many)
#: Wrong receipts are counted with those of the follow-up page's kind: nobody may try them out here instead.
_guesses = throttle.limiter.shared_limit("20/hour", scope="complaint-receipts")


@bp.route("/c/<token>/rate", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_scan(token: str) -> ResponseReturnValue:  # noqa: ARG001 - _visit reads the address
    """Rating after a scan."""
    return _form(_visit())


@bp.route("/s/<int:number>/rate", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_shop(number: int) -> ResponseReturnValue:  # noqa: ARG001
    """Rating without a scan."""
    return _form(_visit())


@bp.route("/complaints/<receipt>/rate", methods=["GET", "POST"])
@_attempts
@_limits
@access.public
def form_complaint(receipt: str) -> ResponseReturnValue:  # noqa: ARG001
    """Rating after a complaint that came to its end."""
    return _form(_visit())


@bp.get("/s/<int:number>/ratings")
@access.public
def index(number: int) -> ResponseReturnValue:
    """All ratings of a shop, newest first, with their distribution; narrowed by origin, hearts and photos."""
    shop = public_shop(number)
    wanted = _wanted()
    page = render_template(
        "ratings/public_index.html",
        shop=shop,
        page=paging.paginate(queries.of_shop(shop.id, **wanted), 20),
        wanted=wanted,
        summary=queries.summary(figures_of(shop.id)),
        distribution=queries.distribution(shop.id),
        origins=queries.by_origin(shop.id),
        photos=queries.with_photos(shop.id),
        score=queries.score_of(shop.id),
        hearts=rules.HEARTS,
        grounds=grounds.catalogue(),
        thanked=request.args.get("said") == "thanks",
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _wanted() -> dict[str, Any]:
    """The filters in the address; nonsense is none."""
    origin, stars = request.args.get("origin", ""), request.args.get("stars", "")
    return {
        "origin": Origin(origin) if origin in set(Origin) else None,
        "stars": int(stars) if stars in {*"12345"} else None,
        "photos": request.args.get("photos") == "1",
    }


def _form(visit: Visit) -> ResponseReturnValue:
    form, now = RatingForm(), clock.now()
    who = _who(visit, form, now)
    if request.method != "POST":
        former = queries.find(visit.shop.id, who) if who else None
        if former is not None:
            return answer(_former_page(visit, former), 200, form)
        return answer(_form_page(visit, form, {}), 200, form)
    if not samesite.sent_from_here():
        return answer(_form_page(visit, form, {"_form": label("error.sent_from_elsewhere")}), 400, form)
    photos = staging.collect(
        "photos", FilePurpose.RATING, max_files=_photos_max(), actor=access.current_actor(), now=now
    )
    if who is None:
        return answer(_form_page(visit, form, {"_form": label("error.rating_again")}, photos), 422, form)
    marks, errors = _typed(visit, form, photos)
    if errors:
        return answer(_form_page(visit, form, errors, photos), 422, form)
    text = typed.lines(form.text.data)
    try:
        rating, is_new = operations.rate(
            visit.shop.id,
            marks,
            text,
            visit.origin,
            who,
            now,
            sticker_serial=visit.serial,
            file_ids=photos.ids,
            own_hand=queries.is_own_hand(visit.shop.operator_id, who, visit.ended),
        )
    except Invalid as error:
        errors[error.field or "_form"] = message_of(error)
        return answer(_form_page(visit, form, errors, photos), 422, form)
    if is_new or _same(rating, marks, text):
        return _thanks(visit, form)
    return answer(_former_page(visit, rating), 409, form)


def _typed(visit: Visit, form: RatingForm, photos: staging.Staged) -> tuple[dict[str, int], Errors]:
    """The marks, and what is wrong with the form by field."""
    marks, missing = form.marks()
    errors = {heart: label("error.choose_hearts", heart=label(f"rating.heart.{heart}")) for heart in missing}
    if form.website.data:
        errors["website"] = label("error.leave_empty")
    for wrong in (*photos.errors, *staging.lost("photos", photos)):
        errors.setdefault("photos", message_of(wrong))
    if visit.shop.operator_id in access.current_actor().operator_ids:
        errors["_form"] = label("error.rating_own_shop")
    return marks, errors


def _who(visit: Visit, form: RatingForm, now: datetime) -> rules.Raters | None:
    """Who rates, told by the device's mark: the cookie counts before the form, two forms in one browser are one."""
    device = device_of(form.device.data)
    return operations.raters(device, visit.shop.id, now, visit.ended) if device else None


def device_of(signed: str | None) -> str | None:
    """The random mark of this browser: of its cookie, or of the form that was sent."""
    return read_device(request.cookies.get(COOKIE)) or read_device(signed)


def _photos_max() -> int:
    return policy.get_int("rating.photos_max", clock.today())


def _same(rating: Rating, marks: dict[str, int], text: str) -> bool:
    """The same form sent twice: thanked twice, counted once."""
    return rating.text == text.strip() and all(
        getattr(rating, heart) == mark for heart, mark in marks.items()
    )


def _form_page(visit: Visit, form: RatingForm, errors: Errors, photos: staging.Staged | None = None) -> str:
    give_device(form.device)
    return render_template(
        "ratings/public_form.html",
        shop=visit.shop,
        origin=visit.origin.value,
        form=form,
        errors=errors,
        hearts=rules.HEARTS,
        text_max=rules.TEXT_MAX,
        photos=photos,
        photos_max=_photos_max(),
    )


def give_device(field: Field) -> None:
    """Put the browser's signed mark into a form; a new one where it has none."""
    if read_device(field.data) is None:
        signed = request.cookies.get(COOKIE)
        field.data = signed if signed and read_device(signed) else new_device()


def _former_page(visit: Visit, former: Rating) -> str:
    return render_template(
        "ratings/public_former.html",
        shop=visit.shop,
        rating=former,
        hearts=rules.HEARTS,
        grounds=grounds.catalogue(),
        again=operations.next_rating_on(clock.now()),
    )


def _thanks(visit: Visit, form: RatingForm) -> Response:
    address = url_for("ratings.index", number=visit.shop.id, said="thanks")
    return answer(redirect(address, 303), 303, form)


def answer(page: str | ResponseReturnValue, status: int, form: RatingForm | VoiceForm) -> Response:
    """The page, private to this browser, with the device's mark in a long-lived cookie."""
    response = make_response(page)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    if "receipt" in (request.view_args or {}):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    mark = request.cookies.get(COOKIE)
    if read_device(mark) is None and form.device.data:
        mark = form.device.data
    if mark and read_device(mark) is not None:
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(COOKIE, mark, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=secure)
    return response
