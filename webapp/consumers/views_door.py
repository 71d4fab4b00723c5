"""The consumers' door: a phone with a code, or WeChat; the same for adding one of them to the account."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from webapp.accounts.operations import mobile
from webapp.core import clock
from webapp.core.db import may_write
from webapp.core.errors import DomainError, Invalid, TooMany
from webapp.core.transaction import rollback
from webapp.filing import phones
from webapp.ratings.views_public import device_of
from webapp.web import access, languages, throttle
from webapp.web.errors import message_of

from . import browser, operations, queries, wechat
from .forms import PhoneForm
from .models import Consumer
from .rules import Link, Way

bp = Blueprint("consumers", __name__)
PURPOSE = "consumer"
HOME = "/me"


def private(answer: ResponseReturnValue) -> Response:
    """The answer, kept by nobody: what is in it is one person's."""
    response = make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def target() -> str:
    """Where to go once signed in: a page of one's own that was asked for, else the first."""
    asked = request.values.get("next", "")
    own = asked == HOME or asked.startswith((f"{HOME}/", f"{HOME}?"))
    return asked if own and not asked.startswith(f"{HOME}/login") and asked.isprintable() else HOME


@bp.route("/me/login", methods=["GET", "POST"])
@access.public
@throttle.limiter.limit("60/hour", methods=["POST"])
def login() -> ResponseReturnValue:
    """Ask for a code, then sign in with it."""
    form, now = PhoneForm(), clock.now()
    if not form.is_submitted():
        return redirect(target(), 303) if browser.signed_in() else _door(form)
    try:
        phone = _proved(form, now)
    except (Invalid, TooMany) as refusal:
        rollback()
        return _door(form, refusal)
    if phone is None:
        return _door(form)
    consumer, is_new = operations.enter(Way.PHONE, queries.phone_key(phone), phone, now)
    return _welcome(consumer, redirect(target(), 303), now, is_new=is_new)


@bp.route("/me/phone", methods=["GET", "POST"])
@access.consumer
@throttle.limiter.limit("60/hour", methods=["POST"])
def phone() -> ResponseReturnValue:
    """Add a phone to an account that was begun with WeChat."""
    form, now = PhoneForm(), clock.now()
    if not form.is_submitted():
        return _door(form, linking=True)
    try:
        number = _proved(form, now)
        if number is None:
            return _door(form, linking=True)
        outcome = operations.link(browser.current(), Way.PHONE, queries.phone_key(number), number, now)
    except DomainError as refusal:
        rollback()
        return _door(form, refusal, linking=True)
    operations.claim(browser.current(), device_of(None), now)
    return private(_linked(outcome, Way.PHONE))


@bp.get("/me/wechat")
@access.public
@throttle.limiter.limit("30/minute")
def to_wechat() -> ResponseReturnValue:
    """To WeChat: to sign in, or (signed in already) to add it. What comes back must bring the state of this browser."""
    provider = wechat.provider()
    if provider is None or not wechat.offered():
        return private(redirect(url_for(".login"), 303))
    settings = current_app.extensions["ydym.settings"]
    back = f"{settings.public_scheme}://{settings.public_host}{url_for('.from_wechat')}"
    address, state = provider.leave(back)
    here = browser.signed_in()
    notes: dict[str, Any] = {"state": state, "next": target(), "for": here[0].id if here else None}
    return browser.note_leaving(private(redirect(address)), notes)


@bp.get("/me/wechat/back")
@access.public
@throttle.limiter.limit("30/minute")
def from_wechat() -> ResponseReturnValue:
    """Back from WeChat. A GET that writes: said before the first statement, for SQLite's sake."""
    provider = wechat.provider()
    if provider is None:
        return private(redirect(url_for(".login"), 303))
    may_write.set(True)
    now, notes = clock.now(), browser.noted()
    here = browser.signed_in()
    code, state = request.args.get("code", ""), request.args.get("state", "")
    if notes is None or not hmac.compare_digest(str(notes.get("state", "")).encode(), state.encode()):
        if here is not None:  # WeChat's browser loads the same address twice: the first time was right
            return private(redirect(HOME, 303))
        return _problem(Invalid("wechat_again"))
    if not code:
        return _problem(Invalid("wechat_not_allowed"))
    if notes["for"] != (here[0].id if here else None):
        return _problem(Invalid("wechat_again"))
    try:
        key = queries.wechat_key(provider.app_id, provider.openid(code))
        if here is not None:
            answer = _linked(operations.link(here[0], Way.WECHAT, key, None, now), Way.WECHAT)
            return browser.forget_leaving(private(answer))
        consumer, is_new = operations.enter(Way.WECHAT, key, None, now)
    except DomainError as refusal:
        rollback()
        return _problem(refusal)
    return browser.forget_leaving(_welcome(consumer, redirect(notes["next"], 303), now, is_new=is_new))


@bp.post("/me/logout")
@access.public
def logout() -> ResponseReturnValue:
    """Sign this browser out; also when the session has ended meanwhile."""
    flash(languages.say("consumers.flash.signed_out"), "success")
    return browser.leave(private(redirect(url_for(".login"), 303)))


def _welcome(consumer: Consumer, answer: Any, now: datetime, *, is_new: bool) -> Response:
    found = operations.claim(consumer, device_of(None), now)
    if found:
        flash(languages.say("consumers.flash.ratings_found", count=found), "success")
    elif is_new:
        flash(languages.say("consumers.flash.joined"), "success")
    return browser.enter(private(answer), consumer, now)


def _linked(outcome: Link, way: Way) -> Any:
    flash(languages.say(f"consumers.flash.{outcome.value}.{way.value}"), "success")
    return redirect(url_for("consumers_mine.account"), 303)


def _proved(form: PhoneForm, now: datetime) -> str | None:
    """The phone (E.164) that the form's code proves; None when a code was just sent. Raises Invalid, TooMany."""
    number = mobile(form.phone.data or "")
    if not form.asked.data or not (form.code.data or "").strip():
        form.asked.data = phones.send(number, now, purpose=PURPOSE, asker=browser.seen_from(number))
        return None
    if phones.take(form.asked.data, form.code.data or "", now, purpose=PURPOSE) != number:
        raise Invalid("code_expired", field="code")  # the number was changed after the code was sent
    return number


def _door(
    form: PhoneForm, refusal: DomainError | None = None, *, linking: bool = False
) -> ResponseReturnValue:
    errors = {refusal.field or "phone": message_of(refusal)} if refusal else {}
    page = render_template(
        "consumers/public_login.html",
        form=form,
        errors=errors,
        asked=bool(form.asked.data),
        linking=linking,
        target=target(),
        by_wechat=wechat.offered() and not linking,
        wechat_elsewhere=wechat.provider() is not None and not wechat.offered() and not linking,
    )
    response = private((page, refusal.status if refusal else 200))
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.details["retry_after"])
    return response


def _problem(refusal: DomainError) -> Response:
    page = render_template(
        "consumers/public_problem.html", message=message_of(refusal), here=browser.signed_in() is not None
    )
    return browser.forget_leaving(private((page, refusal.status)))
