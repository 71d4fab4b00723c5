"""The merchant's side of applications: claiming an operator, the draft's steps, handing in, following it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, Invalid, StepRefused
from webapp.core.identifiers import format_phone
from webapp.files import queries as files
from webapp.merchants import lookup
from webapp.merchants import queries as merchant_queries
from webapp.merchants.models import Shop
from webapp.merchants.rules import grouped
from webapp.merchants.status import ShopStatus
from webapp.regions import queries as regions
from webapp.web import access, slots, throttle
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import forms_merchant as forms
from . import onboarding, operations, queries, statement
from . import onboarding_rules as rules
from .models import Application
from .onboarding_views import bp
from .rules import EDITABLE, OPEN, ApplicationState

Page = ResponseReturnValue
_TONES = {
    ApplicationState.RETURNED: "caution",
    ApplicationState.REJECTED: "stop",
    ApplicationState.WITHDRAWN: "quiet",
}


def register(app: Flask) -> None:
    """Add the addresses, the menu entry and what other features ask about drafts."""
    app.register_blueprint(bp)
    slots.add(app, "merchant.menu", 20, menu)
    slots.add(app, "shop.frozen", 10, onboarding.frozen)
    slots.add(app, "shop.bound", 10, onboarding.bound)
    slots.add(app, "merchant.shop_status", 10, statuses)


def menu(actor: Actor) -> MenuEntry | None:
    """The entry with the number of applications that wait for the merchant."""
    if actor.account_id is None:
        return None
    waiting = [
        a for a in onboarding.applications_of(actor.operator_ids) if a.state is ApplicationState.RETURNED
    ]
    return MenuEntry(
        url_for("applications_merchant.index"),
        "onboarding.menu",
        len(waiting) or None,
        "form",
        seldom=bool(actor.operator_ids),
    )


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Where each shop's newest application stands; nothing once the trust code speaks for itself."""
    return {
        application.shop_id: _status(application)
        for application in queries.latest_of([shop.id for shop in shops])
        if application.state is not ApplicationState.APPROVED
    }


def _status(application: Application) -> ShopStatus:
    state = application.state.value
    waits = application.state in EDITABLE
    return ShopStatus(
        label(f"onboarding.status_line.{state}"),
        tone=_TONES.get(application.state, "info"),
        next=label(f"onboarding.next.{state}") if waits else "",
        url=url_for("applications_merchant.show", application_id=application.id),
        action=label("onboarding.go_on" if waits else "onboarding.follow"),
        due=application.due_on,
        urgent=waits,
    )


def _account() -> str:
    """Rate limits of the claim count by account, not by address: a market hall shares one."""
    return f"claim:{access.current_actor().account_id}"


# --- the operator -----------------------------------------------------------------------------------------------------


@bp.get("/merchant/applications")
@access.merchant()
def index() -> Page:
    """All applications of the merchant's operators, and the way to a new one."""
    actor = access.current_actor()
    found = onboarding.applications_of(actor.operator_ids)
    operators = merchant_queries.operators(actor.operator_ids)
    return render_template("applications/merchant_index.html", applications=found, operators=operators)


@bp.route("/merchant/apply", methods=["GET", "POST"])
@access.merchant()
def apply() -> Page:
    """The first question: the unified social credit code."""
    form = forms.UsccForm()
    errors: forms.Errors = {}
    if request.method == "POST" and form.validate_on_submit():
        uscc, errors = form.checked()
        if not errors:
            return redirect(url_for("applications_merchant.claim", uscc=uscc), 303)
    operators = merchant_queries.operators(access.current_actor().operator_ids)
    page = render_template("applications/merchant_apply.html", form=form, errors=errors, operators=operators)
    return (page, 422) if errors else page


@bp.route("/merchant/apply/<uscc>", methods=["GET", "POST"])
@throttle.limiter.limit("12/hour", methods=["POST"], key_func=_account)
@access.merchant()
def claim(uscc: str) -> Page:
    """What the register says of the operator, and “this is my shop”."""
    facts = onboarding.facts_of(uscc)
    known = merchant_queries.find_operator(uscc)
    actor, now = access.current_actor(), clock.now()
    if known is not None and known.id in actor.operator_ids:
        return redirect(url_for("applications_merchant.new_shop", operator_id=known.id), 303)
    form = forms.ClaimForm()
    errors: forms.Errors = {}
    if request.method == "POST" and form.validate_on_submit():
        try:
            operator = onboarding.claim(uscc, form.representative.data or "", actor, now)
            return redirect(url_for("applications_merchant.new_shop", operator_id=operator.id), 303)
        except (Invalid, Conflict) as error:
            errors[error.field or "_form"] = message_of(error)
    page = render_template(
        "applications/merchant_claim.html",
        uscc=uscc,
        facts=facts,
        gate=rules.gate(facts),
        owned=known is not None and bool(merchant_queries.owner_ids(known.id)),
        masked=rules.mask_name(facts.legal_representative) if facts else "",
        asks_name=onboarding.wants_representative(now),
        form=form,
        errors=errors,
    )
    return (page, 422) if errors else page


@bp.route("/merchant/apply/operators/<int:operator_id>/shop", methods=["GET", "POST"])
@access.merchant(on=merchant_queries.scope_of_operator)
def new_shop(operator_id: int) -> Page:
    """A shop's name; its draft begins here. What is the same at another shop of the operator is copied."""
    operator = merchant_queries.get_operator(operator_id)
    form = forms.NameForm(data={"name": operator.shops[-1].name if operator.shops else ""})
    errors: forms.Errors = {}
    if request.method == "POST" and form.validate_on_submit():
        like = next((shop for shop in operator.shops if shop.id == form.like.data), None)
        try:
            application = onboarding.new_shop(
                operator_id,
                form.name.data or "",
                form.branch.data or "",
                like,
                access.current_actor(),
                clock.now(),
            )
            return redirect(onboarding.address(application, "place"), 303)
        except Invalid as error:
            errors[error.field or "_form"] = message_of(error)
    page = render_template("applications/merchant_new_shop.html", operator=operator, form=form, errors=errors)
    return (page, 422) if errors else page


@bp.post("/merchant/shops/<int:shop_id>/apply")
@access.merchant(on=merchant_queries.scope_of_shop)
def start(shop_id: int) -> Page:
    """A new application for a shop that has none open (again after a refusal or a revoked code)."""
    application = operations.start(shop_id, access.current_actor(), clock.now())
    return redirect(onboarding.resume_address(application), 303)


# --- handing in and following -----------------------------------------------------------------------------------------


@bp.get("/merchant/applications/<int:application_id>/preview")
@access.merchant(on=queries.scope_of)
def preview(application_id: int) -> Page:
    """The future public page, what is still missing, and the button that hands in."""
    application = queries.get_application(application_id)
    if application.state not in EDITABLE:
        return redirect(url_for("applications_merchant.show", application_id=application_id), 303)
    return _preview(application, forms.SubmitForm(data={"version": application.version}), {})


def _preview(application: Application, form: forms.SubmitForm, errors: forms.Errors) -> str:
    own = application.shop
    changes = statement.diff(application.statement, statement.build(current_app, own))
    shown = files.by_ids(photo.file_id for photo in own.photos)
    return render_template(
        "applications/merchant_preview.html",
        frame=onboarding.frame(application, onboarding.PREVIEW),
        application=application,
        shop=own,
        place=regions.path_names(own.region_code),
        industry=regions.find_industry(own.industry_code),
        phone=format_phone(own.phone),
        hours=grouped(own.opening_hours),
        photos=[
            files.picture_of(shown[p.file_id], 200, private=True) for p in own.photos if p.file_id in shown
        ],
        lacks=onboarding.said(onboarding.missing(own), application),
        gate=rules.gate(lookup.find_facts(own.operator.uscc)),
        changed=list(dict.fromkeys(change.part for change in changes)),
        form=form,
        errors=errors,
    )


@bp.post("/merchant/applications/<int:application_id>/submit")
@access.merchant(on=queries.scope_of)
def submit(application_id: int) -> Page:
    """Hand in, if nothing is missing and the register lets the operator in."""
    application = queries.get_application(application_id)
    form = forms.SubmitForm()
    done = redirect(url_for("applications_merchant.show", application_id=application_id), 303)
    if application.state not in EDITABLE:
        flash(label("onboarding.already_submitted"), "info")
        return done
    errors = {} if form.validate_on_submit() else {"declared": label("error.declare_first")}
    blocked = onboarding.missing(application.shop) or rules.gate(
        lookup.find_facts(application.shop.operator.uscc)
    )
    if errors or blocked:
        return _preview(application, form, errors), 422
    try:
        operations.submit(application_id, access.current_actor(), clock.now(), version=form.version.data)
    except StepRefused:  # the other of two presses of the button was first
        flash(label("onboarding.already_submitted"), "info")
    return done


@bp.get("/merchant/applications/<int:application_id>/submit")
@access.merchant(on=queries.scope_of)
def submit_page(application_id: int) -> Page:
    """A reload after handing in, or a bookmark: to where the button is."""
    return redirect(url_for("applications_merchant.preview", application_id=application_id), 303)


@bp.get("/merchant/applications/<int:application_id>")
@access.merchant(on=queries.scope_of)
def show(application_id: int) -> Page:
    """Where the application stands, what comes next and by when, what was asked, everything that happened."""
    application = queries.get_application(application_id)
    open_now = application.state in EDITABLE
    lacks = onboarding.missing(application.shop) if open_now else []
    parts, words = onboarding.asked_parts(application)
    asked = [(part, onboarding.address(application, rules.STEP_OF_PART[part])) for part in parts]
    return render_template(
        "applications/merchant_status.html",
        application=application,
        shop=application.shop,
        state=application.state.value,
        lacks=onboarding.said(lacks, application),
        resume=onboarding.resume_address(application) if open_now else "",
        asked=asked,
        asked_words=words,
        decisions=list(reversed(application.decisions)),
        may_withdraw=application.state in OPEN,
    )


@bp.post("/merchant/applications/<int:application_id>/withdraw")
@access.merchant(on=queries.scope_of)
def withdraw(application_id: int) -> Page:
    """Take the application back; the drafted shop stays for a new one."""
    if not forms.PlainForm().validate_on_submit():
        raise Invalid("form_expired")
    try:
        operations.withdraw(application_id, access.current_actor(), clock.now())
        flash(label("onboarding.withdrawn"), "success")
    except StepRefused:
        flash(label("onboarding.cannot_withdraw"), "info")
    return redirect(url_for("applications_merchant.show", application_id=application_id), 303)
