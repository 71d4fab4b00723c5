"""The officers' door: password, then the authenticator; or the single sign-on."""

from __future__ import annotations

import base64
import io
from datetime import datetime
from typing import Any

import pyotp
from flask import current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.db import may_write
from webapp.core.errors import DomainError, Invalid, TooMany
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.throttle import limiter

from . import browser, forms, rules, sign_in, sso
from .blueprint import OFFICE_HOME, asked_target, bp, safe_target
from .models import Account
from .views_public import form_page


@bp.route("/office/login", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def office_login() -> ResponseReturnValue:
    """Username and password."""
    form, target = forms.OfficerLogin(), safe_target(asked_target(), OFFICE_HOME)
    values = {"target": target, "single_sign_on": sso.provider() is not None}
    if form.validate_on_submit():
        now = clock.now()
        visitor = browser.seen_from(f"officer:{rules.tidy_username(form.username.data)}")
        try:
            account = sign_in.officer_by_password(form.username.data, form.password.data, visitor, now)
        except (Invalid, TooMany) as error:
            return form_page("desk_login", form, error, **values)
        browser.begin_half(account, now, target)
        return redirect(url_for(".office_totp" if account.totp_secret else ".office_enrol"), 303)
    return form_page("desk_login", form, **values)


@bp.route("/office/login/totp", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def office_totp() -> ResponseReturnValue:
    """The authenticator's six digits."""
    now, form = clock.now(), forms.Code()
    found = browser.half(now)
    if found is None or not found[0].totp_secret:
        return redirect(url_for(".office_login"), 303)
    account, notes = found
    if form.validate_on_submit():
        try:
            visitor = browser.seen_from(browser.login_name(account))
            sign_in.officer_by_totp(account, form.code.data, visitor, now)
        except (Invalid, TooMany) as error:
            return form_page("desk_totp", form, error)
        return _proved(account, notes, now)
    return form_page("desk_totp", form)


@bp.route("/office/login/enrol", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def office_enrol() -> ResponseReturnValue:
    """First sign-in: tie an authenticator by a QR code or by its text."""
    now, form = clock.now(), forms.Code()
    found = browser.half(now)
    if found is None or found[0].totp_secret:
        return redirect(url_for(".office_login"), 303)
    account, notes = found
    secret = str(notes.get("secret") or pyotp.random_base32())
    browser.note_half(secret=secret)
    values = {"secret": secret, "qr": _qr(secret, account)}
    if form.validate_on_submit():
        try:
            sign_in.enrol(account, secret, form.code.data, now)
        except Invalid as error:
            return form_page("desk_enrol", form, error, **values)
        return _proved(account, notes, now)
    return form_page("desk_enrol", form, **values)


@bp.route("/office/login/password", methods=["GET", "POST"])
@access.public
@limiter.limit("60/minute", methods=["POST"])
def office_new_password() -> ResponseReturnValue:
    """A password given out by an administrator is changed before anything else."""
    now, form = clock.now(), forms.NewPassword()
    found = browser.half(now)
    if found is None or not found[1].get("proved"):
        return redirect(url_for(".office_login"), 303)
    account, notes = found
    if form.validate_on_submit():
        try:
            sign_in.change_password(account.id, form.password.data, account.actor(), now)
        except Invalid as error:
            return form_page("desk_new_password", form, error, username=account.username)
        browser.enter(account, now)
        return redirect(safe_target(notes["next"], OFFICE_HOME), 303)
    return form_page("desk_new_password", form, username=account.username)


def _proved(account: Account, notes: dict[str, Any], now: datetime) -> ResponseReturnValue:
    """Both factors are right: in, or first to a password of one's own."""
    if account.password_temporary:
        browser.note_half(proved=True)
        return redirect(url_for(".office_new_password"), 303)
    browser.enter(account, now)
    return redirect(safe_target(notes["next"], OFFICE_HOME), 303)


def _qr(secret: str, account: Account) -> str:
    """The authenticator's address (otpauth) as a QR code: a data address of an SVG picture."""
    import qrcode  # noqa: PLC0415 - drawing is loaded only to draw
    import qrcode.image.svg  # noqa: PLC0415

    issuer = current_app.extensions["ydym.settings"].platform_name
    address = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=issuer)
    stream = io.BytesIO()
    qrcode.make(address, image_factory=qrcode.image.svg.SvgPathFillImage, border=2).save(stream)
    return "data:image/svg+xml;base64," + base64.b64encode(stream.getvalue()).decode()


@bp.get("/office/sso")
@access.public
@limiter.limit("30/minute")
def office_sso() -> ResponseReturnValue:
    """Off to the provider."""
    provider = sso.provider()
    if provider is None:
        return redirect(url_for(".office_login"), 303)
    session.clear()
    session["sso_next"] = safe_target(asked_target(), OFFICE_HOME)
    settings = current_app.extensions["ydym.settings"]
    back = f"{settings.public_scheme}://{settings.public_host}{url_for('.office_sso_back')}"
    try:
        return provider.leave(back)
    except DomainError as error:
        return _sso_problem(error)


@bp.get("/office/sso/back")
@access.public
@limiter.limit("30/minute")
def office_sso_back() -> ResponseReturnValue:
    """Back from the provider. A GET that writes: said before the first statement, for SQLite's sake."""
    provider = sso.provider()
    if provider is None:
        return redirect(url_for(".office_login"), 303)
    may_write.set(True)
    target = safe_target(session.pop("sso_next", None), OFFICE_HOME)
    try:
        who = provider.come_back()
        account = sign_in.officer_by_subject(who.issuer, who.subject, who.username, clock.now())
    except DomainError as error:
        return _sso_problem(error)
    browser.enter(account, clock.now())
    return redirect(target, 303)


def _sso_problem(error: DomainError) -> ResponseReturnValue:
    return render_template(
        "accounts/desk_sso_problem.html", message=message_of(error), down=error.status == 503
    ), error.status
