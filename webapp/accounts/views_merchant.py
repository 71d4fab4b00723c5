"""One's own account: name, phone, password, and the devices that are signed in."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core import clock
from webapp.core.errors import Invalid, TooMany
from webapp.web import access
from webapp.web.throttle import limiter
from webapp.web.words import label

from . import browser, forms, onetime, operations, queries, sessions, sign_in
from .blueprint import bp
from .views_public import form_page

_NEW_PHONE = "new_phone_asked"


@bp.get("/merchant/me")
@access.merchant()
def merchant_me() -> ResponseReturnValue:
    """What the platform knows of the merchant's account, and where to change it."""
    count = len(queries.sessions_of(current_user.account.id, clock.now()))
    return render_template("accounts/merchant_me.html", account=current_user.account, sessions=count)


@bp.get("/office/me")
@access.officer("office.home")
def office_me() -> ResponseReturnValue:
    """An officer's own account: posts, password, devices."""
    account = current_user.account
    places = queries.post_places(account.posts)
    return render_template("accounts/office_me.html", account=account, places=places)


@bp.route("/office/me/email", methods=["GET", "POST"])
@access.officer("office.home")
def change_email() -> ResponseReturnValue:
    """Where the officer gets the daily overview of deadlines."""
    form = forms.OwnEmail(email=current_user.account.email or "")
    if form.validate_on_submit():
        actor, now = access.current_actor(), clock.now()
        try:
            operations.set_email(current_user.account.id, form.email.data, actor, now)
        except Invalid as error:
            return form_page("office_email", form, error)
        flash(label("accounts.flash.saved"), "success")
        return redirect(url_for(".office_me"), 303)
    return form_page("office_email", form)


@bp.route("/merchant/me/name", methods=["GET", "POST"])
@access.merchant()
def change_name() -> ResponseReturnValue:
    """The name as shown."""
    form = forms.OwnName(name=current_user.account.name)
    if form.validate_on_submit():
        try:
            sign_in.change_name(current_user.account.id, form.name.data, access.current_actor(), clock.now())
        except Invalid as error:
            return form_page("merchant_name", form, error)
        flash(label("accounts.flash.saved"), "success")
        return redirect(url_for(".merchant_me"), 303)
    return form_page("merchant_name", form)


@bp.route("/merchant/me/phone", methods=["GET", "POST"])
@access.merchant()
@limiter.limit("20/minute;60/hour", methods=["POST"])
def change_phone() -> ResponseReturnValue:
    """A new phone: it gets a code."""
    form = forms.Phone()
    if form.validate_on_submit():
        try:
            phone = operations.mobile(form.phone.data)
            asked = onetime.send_code(phone, "phone", browser.seen_from(f"merchant:{phone}"), clock.now())
        except (Invalid, TooMany) as error:
            return form_page("merchant_phone", form, error)
        session[_NEW_PHONE] = [asked.phone, asked.code_id]
        return redirect(url_for(".change_phone_finish"), 303)
    return form_page("merchant_phone", form)


@bp.route("/merchant/me/phone/finish", methods=["GET", "POST"])
@access.merchant()
def change_phone_finish() -> ResponseReturnValue:
    """The code that the new phone got."""
    held, form = session.get(_NEW_PHONE), forms.Code()
    if held is None:
        return redirect(url_for(".change_phone"), 303)
    asked = onetime.Asked(*held)
    if form.validate_on_submit():
        account_id = current_user.account.id
        try:
            sign_in.change_phone(account_id, asked, form.code.data, access.current_actor(), clock.now())
        except Invalid as error:
            return form_page("merchant_phone_finish", form, error, phone=asked.phone)
        session.pop(_NEW_PHONE)
        flash(label("accounts.flash.phone_changed"), "success")
        return redirect(url_for(".merchant_me"), 303)
    return form_page("merchant_phone_finish", form, phone=asked.phone)


@bp.route("/account/password", methods=["GET", "POST"])
@access.signed_in
@limiter.limit("30/minute", methods=["POST"])
def change_password() -> ResponseReturnValue:
    """The present password, then a new one; the other devices are signed out."""
    form, account, now = forms.OwnPassword(), current_user.account, clock.now()
    if form.validate_on_submit():
        visitor = browser.seen_from(browser.login_name(account))
        try:
            sign_in.check_own_password(account, form.old.data, visitor, now)
            keep, actor = current_user.login.id, access.current_actor()
            sign_in.change_password(account.id, form.password.data, actor, now, keep=keep)
        except (Invalid, TooMany) as error:
            return form_page("own_password", form, error)
        flash(label("accounts.flash.password_changed"), "success")
        return redirect(url_for(".office_me" if current_user.is_officer else ".merchant_me"), 303)
    return form_page("own_password", form)


@bp.get("/account/sessions")
@access.signed_in
def own_sessions() -> ResponseReturnValue:
    """The browsers that are signed in to this account."""
    logins = queries.sessions_of(current_user.account.id, clock.now())
    return render_template("accounts/own_sessions.html", logins=logins, here=current_user.login.id)


@bp.post("/account/sessions/<int:session_id>/end")
@access.signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign one browser out; one's own included."""
    sessions.end(session_id, current_user.account.id, clock.now())
    flash(label("accounts.flash.session_ended"), "success")
    return redirect(url_for(".own_sessions"), 303)


@bp.post("/account/sessions/end-all")
@access.signed_in
def end_other_sessions() -> ResponseReturnValue:
    """Sign all other browsers out."""
    sessions.end_all(current_user.account.id, clock.now(), but=current_user.login.id)
    flash(label("accounts.flash.others_ended"), "success")
    return redirect(url_for(".own_sessions"), 303)
