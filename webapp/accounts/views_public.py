"""The merchants' door: sign in by password or code, register, set a forgotten password anew; and signing out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core import clock
from webapp.core.errors import DomainError, Invalid, TooMany
from webapp.web import access
from webapp.web.throttle import limiter
from webapp.web.words import label

from . import browser, forms, onetime, operations, queries, sign_in
from .blueprint import MERCHANT_HOME, asked_target, bp, safe_target

_ASKED = "code_asked"  # the code that this browser had sent to a phone, between two pages


def form_page(
    name: str, form: forms.Errors, error: DomainError | None = None, /, **values: Any
) -> ResponseReturnValue:
    """A form's page; after a fault with its status, and Retry-After when one must wait."""
    if error is not None:
        form.add_fault(error)
    status = error.status if error is not None else (422 if form.errors else 200)
    response = render_template(f"accounts/{name}.html", form=form, errors=form.faults(), **values)
    headers = {"Retry-After": str(error.details["retry_after"])} if isinstance(error, TooMany) else {}
    return response, status, headers


@bp.route("/merchant/login", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def merchant_login() -> ResponseReturnValue:
    """Phone and password."""
    form, target = forms.PasswordLogin(), safe_target(asked_target(), MERCHANT_HOME)
    if form.validate_on_submit():
        now = clock.now()
        try:
            number = operations.mobile(form.phone.data)
            visitor = browser.seen_from(f"merchant:{number}")
            account = sign_in.merchant_by_password(number, form.password.data, visitor, now)
        except (Invalid, TooMany) as error:
            return form_page("public_login", form, error, target=target)
        browser.enter(account, now)
        return redirect(target, 303)
    return form_page("public_login", form, target=target)


@bp.route("/merchant/login/code", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute;60/hour", methods=["POST"])
def merchant_login_code() -> ResponseReturnValue:
    """Ask for a code to sign in with."""
    return _ask_code("login", "public_login_code", ".merchant_login_verify")


@bp.route("/merchant/login/verify", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def merchant_login_verify() -> ResponseReturnValue:
    """Type the code: signs in, or leads a new phone to registration."""
    asked, form = _asked_for("login"), forms.Code()
    if asked is None:
        return redirect(url_for(".merchant_login_code"), 303)
    target = safe_target(session[_ASKED]["next"], MERCHANT_HOME)
    if form.validate_on_submit():
        try:
            account = sign_in.merchant_by_code(asked, form.code.data, clock.now())
        except (Invalid, TooMany) as error:
            return form_page("public_verify", form, error, phone=asked.phone)
        if account is None:
            flash(label("accounts.flash.not_registered"), "info")
            return redirect(url_for(".merchant_register"), 303)
        browser.enter(account, clock.now())
        return redirect(target, 303)
    return form_page("public_verify", form, phone=asked.phone)


@bp.route("/merchant/register", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute;60/hour", methods=["POST"])
def merchant_register() -> ResponseReturnValue:
    """First page of registering: the phone."""
    return _ask_code("register", "public_register", ".merchant_register_finish")


@bp.route("/merchant/register/finish", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def merchant_register_finish() -> ResponseReturnValue:
    """Second page: the code, a name and a password."""
    asked, form = _asked_for("register"), forms.Registration()
    if asked is None:
        return redirect(url_for(".merchant_register"), 303)
    if form.validate_on_submit():
        now = clock.now()
        try:
            operations.check_name(form.name.data)
            operations.check_password(form.password.data, (asked.phone.removeprefix("+86"),))
            phone = onetime.use_code(asked, "register", form.code.data, now)
            # The code has proved who asks: whether there is an account tells no stranger anything.
            account = queries.find_merchant(phone)
            sign_in.check_open(account)
            known = account is not None
            account = account or operations.create_merchant(form.name.data, phone, form.password.data, now)
        except (Invalid, TooMany) as error:
            return form_page("public_register_finish", form, error, phone=asked.phone)
        browser.enter(account, now)
        flash(label("accounts.flash.known_already" if known else "accounts.flash.registered"), "success")
        return redirect(MERCHANT_HOME, 303)
    return form_page("public_register_finish", form, phone=asked.phone)


@bp.route("/merchant/forgot", methods=["GET", "POST"])
@access.public
@limiter.limit("20/minute;60/hour", methods=["POST"])
def merchant_forgot() -> ResponseReturnValue:
    """Forgotten password: the phone."""
    return _ask_code("reset", "public_forgot", ".merchant_forgot_finish")


@bp.route("/merchant/forgot/finish", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def merchant_forgot_finish() -> ResponseReturnValue:
    """The code and the new password; ends all sessions and begins one here."""
    asked, form = _asked_for("reset"), forms.CodeAndPassword()
    if asked is None:
        return redirect(url_for(".merchant_forgot"), 303)
    if form.validate_on_submit():
        now = clock.now()
        try:
            operations.check_password(form.password.data, (asked.phone.removeprefix("+86"),))
            phone = onetime.use_code(asked, "reset", form.code.data, now)
            account = queries.find_merchant(phone)
            if account is None:
                flash(label("accounts.flash.not_registered"), "info")
                return redirect(url_for(".merchant_register"), 303)
            sign_in.check_open(account)
            sign_in.change_password(account.id, form.password.data, account.actor(), now)
        except (Invalid, TooMany) as error:
            return form_page("public_forgot_finish", form, error, phone=asked.phone)
        browser.enter(account, now)
        flash(label("accounts.flash.password_changed"), "success")
        return redirect(MERCHANT_HOME, 303)
    return form_page("public_forgot_finish", form, phone=asked.phone)


@bp.post("/logout")
@access.public
def logout() -> ResponseReturnValue:
    """Sign this browser out; also when the session has ended meanwhile."""
    officer = current_user.is_authenticated and current_user.is_officer
    browser.leave(clock.now())
    flash(label("accounts.flash.signed_out"), "success")
    return redirect(url_for(".office_login" if officer else ".merchant_login"), 303)


def _ask_code(purpose: str, page: str, following: str) -> ResponseReturnValue:
    """A page that takes a phone and sends it a code; the answer is the same whoever's phone it is."""
    form, target = forms.Phone(), safe_target(asked_target(), MERCHANT_HOME)
    if form.validate_on_submit():
        try:
            phone = operations.mobile(form.phone.data)
            visitor = browser.seen_from(f"merchant:{phone}")
            asked = onetime.send_code(phone, purpose, visitor, clock.now())
        except TooMany as error:
            before = _asked_for(purpose)
            if error.code == "code_too_soon" and before is not None and before.phone == phone:
                flash(label("error.code_too_soon", **error.details), "info")
                return redirect(url_for(following), 303)  # the code of a moment ago still holds
            return form_page(page, form, error, target=target)
        except Invalid as error:
            return form_page(page, form, error, target=target)
        session[_ASKED] = {"phone": phone, "code": asked.code_id, "purpose": purpose, "next": target}
        return redirect(url_for(following), 303)
    return form_page(page, form, target=target)


def _asked_for(purpose: str) -> onetime.Asked | None:
    """The code that this browser had sent to a phone for `purpose`."""
    held = session.get(_ASKED)
    return onetime.Asked(held["phone"], held["code"]) if held and held["purpose"] == purpose else None
