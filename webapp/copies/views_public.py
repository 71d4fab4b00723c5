"""The visitor's side: 「这不是这家店」 and 「我在这家店吗？」. No account; the first works without JavaScript.

Both have addresses of their own below the sticker's, whose page is kept for everybody and knows nobody.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from webapp.core import clock
from webapp.files import queries as files
from webapp.merchants import scanning
from webapp.merchants.models import Shop
from webapp.merchants.status import public_shop
from webapp.regions import queries as regions
from webapp.stickers.models import Sticker, StickerState
from webapp.web import access, samesite, throttle
from webapp.web.words import label

from . import checking, devices, gathering, policies, queries, showing
from .forms import WHAT, PositionForm, ReportForm
from .geography import cell_of, side_metres

bp = Blueprint("copies", __name__)

#: On the visitor's own phone, for this sticker's report alone: the day on which it reported. We keep no such thing.
COOKIE = "ydym_told"
PHOTO_SHOWN = 112
SAID = ("thanks", "before", "undone", "nothing", *WHAT[1:])


def _sticker() -> tuple[Sticker, Shop]:
    """The sticker of the present address and its shop; a forged token is refused before any query."""
    token = (request.view_args or {})["token"]
    scanned = scanning.read(token)
    shop = public_shop(scanned.shop_number)
    return queries.get_paper(shop.id, scanned.serial, token), shop


def _device() -> str:
    return devices.mark(throttle.visitor(), request.user_agent.string, clock.now())


def _private(page: ResponseReturnValue, status: int | None = None) -> Response:
    response = make_response(page)
    response.status_code = status or response.status_code
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _too_many(_limit: RequestLimit) -> Response:
    """Too many from this network in an hour: said above the form, which keeps what was chosen."""
    sticker, shop = _sticker()
    error = {"_form": label("error.too_many_reports")}
    if request.endpoint == "copies.here":
        return _private(_here_page(sticker, shop, error), 429)
    return _private(_report_page(sticker, shop, ReportForm(), error), 429)


_reports = throttle.limiter.limit(
    "20/hour",
    methods=["POST"],
    deduct_when=lambda response: response.status_code == 303,
    on_breach=_too_many,
)
_attempts = throttle.limiter.limit("100/hour", methods=["POST"], on_breach=_too_many)
_positions = throttle.limiter.limit("60/hour", methods=["POST"], on_breach=_too_many)


# --- this is another shop ---------------------------------------------------------------------------------------------


@bp.route("/c/<token>/not-here", methods=["GET", "POST"])
@_attempts
@_reports
@access.public
def not_here(token: str) -> ResponseReturnValue:
    """The paper hangs on another door than the one it was made for: say so by one choice."""
    sticker, shop = _sticker()
    form = ReportForm()
    if request.method != "POST":
        return _private(_report_page(sticker, shop, form, {}))
    if not samesite.sent_from_here():
        return _private(_report_page(sticker, shop, form, {"_form": label("error.sent_from_elsewhere")}), 400)
    if form.what.data not in WHAT or form.website.data:
        return _private(_report_page(sticker, shop, form, {"what": label("error.copy_what")}), 422)
    if form.what.data != "other_shop":
        return _private(redirect(url_for("copies.not_here", token=token, said=form.what.data), 303))
    if _told_on() is not None:
        return _private(redirect(url_for("copies.not_here", token=token, said="before"), 303))
    is_new = gathering.report(sticker, _device(), clock.now())
    said = "thanks" if is_new else "before"
    return _remember(redirect(url_for("copies.not_here", token=token, said=said), 303), token)


@bp.post("/c/<token>/not-here/undo")
@_attempts
@access.public
def undo(token: str) -> ResponseReturnValue:
    """Take today's report back."""
    sticker, shop = _sticker()
    if not samesite.sent_from_here():
        error = {"_form": label("error.sent_from_elsewhere")}
        return _private(_report_page(sticker, shop, ReportForm(formdata=None), error), 400)
    said = "undone" if gathering.take_back(sticker, _device(), clock.now()) else "nothing"
    response = _private(redirect(url_for("copies.not_here", token=token, said=said), 303))
    response.delete_cookie(COOKIE, path=_cookie_path(token))
    return response


def _remember(answer: ResponseReturnValue, token: str) -> Response:
    """The phone itself keeps that it has reported, for as long as reports count: we cannot tell it again tomorrow."""
    response, today = _private(answer), clock.today()
    response.set_cookie(
        COOKIE,
        today.isoformat(),
        max_age=policies.limits_on(today).report_days * 86400,
        path=_cookie_path(token),
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


def _cookie_path(token: str) -> str:
    return url_for("copies.not_here", token=token)


def _told_on() -> date | None:
    """The day on which this phone says that it reported this sticker."""
    try:
        return date.fromisoformat(request.cookies.get(COOKIE, ""))
    except ValueError:
        return None


def _report_page(sticker: Sticker, shop: Shop, form: ReportForm, errors: dict[str, str]) -> str:
    said, told_on = request.args.get("said", ""), _told_on()
    return render_template(
        "copies/public_not_here.html",
        **_shown(sticker, shop),
        form=form,
        errors=errors,
        what=[(code, label(f"copy.what.{code}"), label(f"copy.what.{code}.hint")) for code in WHAT],
        said=said if said in SAID and not errors else "",
        told_on=told_on,
        may_undo=told_on == clock.today(),
    )


# --- am I at this shop? -----------------------------------------------------------------------------------------------


@bp.route("/c/<token>/here", methods=["GET", "POST"])
@_positions
@access.public
def here(token: str) -> ResponseReturnValue:  # noqa: ARG001 - _sticker reads the address
    """Compare the phone's position with the shop's: asked for after a tap, kept as a coarse cell with consent only."""
    sticker, shop = _sticker()
    if request.method != "POST":
        return _private(_here_page(sticker, shop, {}))
    if not samesite.sent_from_here():
        return _private(_here_page(sticker, shop, {"_form": label("error.sent_from_elsewhere")}), 400)
    form, now = PositionForm(), clock.now()
    limits = policies.limits_on(clock.day_of(now))
    fix = form.fix
    found = checking.answer(fix, form.why.data or "", sticker.place, queries.position_of(shop), limits)
    kept = form.may_keep and fix is not None and gathering.keep_position(sticker, fix, _device(), now)
    return _private(_here_page(sticker, shop, {}, found, kept=kept, asked=form.may_keep))


def _here_page(
    sticker: Sticker,
    shop: Shop,
    errors: dict[str, str],
    found: checking.Answer | None = None,
    *,
    kept: bool = False,
    asked: bool = False,
) -> str:
    limits = policies.limits_on(clock.today())
    position = queries.position_of(shop)
    cell = cell_of(position, limits.cell_size) if position else None
    return render_template(
        "copies/public_here.html",
        **_shown(sticker, shop),
        errors=errors,
        answer=found,
        why=label(f"copy.why.{found.why}") if found is not None and found.why else "",
        hindrance=checking.unanswerable(sticker.place, position),
        kept=kept,
        asked=asked,
        limits=limits,
        sides=[round(side, -1) for side in side_metres(cell)] if cell else [],
    )


def _shown(sticker: Sticker, shop: Shop) -> dict[str, Any]:
    """What both pages say of the sticker and its shop."""
    return {
        "sticker": sticker,
        "shop": shop,
        "base": f"/c/{sticker.token}",
        "is_valid": sticker.state is StickerState.VALID,
        "address": showing.address(shop),
        "station": regions.find_station(shop.station_id),
        "photo": _photo(shop),
    }


def _photo(shop: Shop) -> files.Picture | None:
    """The storefront's first photo that the public sees, small."""
    looked_at = None if shop.shown_as is None else set(shop.shown_as.get("photos", []))
    shown = [one.file_id for one in shop.shown_photos if looked_at is None or one.file_id in looked_at][:1]
    file = files.by_ids(shown).get(shown[0]) if shown else None
    if file is None or file.erased_at is not None:
        return None
    return files.picture_of(file, PHOTO_SHOWN)
