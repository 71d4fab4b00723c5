"""The steps of a draft in the browser: the shop's own facts, its photos, and the steps that other features add."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core import clock, transaction
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants import operations as merchants
from webapp.merchants import rules as merchant_rules
from webapp.merchants import status
from webapp.merchants.models import Category, Shop
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import forms_merchant as forms
from . import onboarding, queries
from . import onboarding_rules as rules
from .models import Application

bp = Blueprint("applications_merchant", __name__)
Page = ResponseReturnValue


@bp.route("/merchant/applications/<int:application_id>/shop", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def shop(application_id: int) -> Page:
    """Name and branch."""
    application = onboarding.editable(application_id)
    own = application.shop
    form = forms.NameForm(data={"name": own.name, "branch": own.branch, "version": own.version})
    values = {"name": form.name.data or "", "branch": form.branch.data or ""}
    return _step(application, "shop", form, (values, {}))


@bp.route("/merchant/applications/<int:application_id>/place", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def place(application_id: int) -> Page:
    """District, street, address and the place on the map. ``?county=`` chooses the district without a script."""
    application = onboarding.editable(application_id)
    own = application.shop
    elsewhere = request.args.get("county", own.region_code[:6]) != own.region_code[:6]
    region_code, address = (own.region_code, own.address) if elsewhere else onboarding.stated_place(own)
    data = {"region_code": region_code, "address": address, "version": own.version}
    form = forms.PlaceForm(data={**data, "lat": _text(own.latitude), "lng": _text(own.longitude)})
    # Officers who have dealt with the shop keep it: another district is asked for by a change request.
    bound = status.is_bound(own)
    asked = (
        request.args.get("county") or (form.region_code.data or own.region_code)[:6] or own.region_code[:6]
    )
    county = regions.find(own.region_code[:6] if bound else asked)
    if county is None or county.level != "county":
        county = regions.find(own.region_code[:6])
    assert county is not None, "a shop lies in a county"
    streets = regions.streets(county.code)
    return _step(
        application,
        "place",
        form,
        form.checked(),
        counties=regions.all_counties(),
        county=county,
        streets=streets,
        bound=bound,
        from_register=bool(address) and not own.address,
    )


@bp.route("/merchant/applications/<int:application_id>/trade", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def trade(application_id: int) -> Page:
    """The line of business, grouped by 吃住游购娱."""
    application = onboarding.editable(application_id)
    own = application.shop
    form = forms.TradeForm(data={"industry_code": own.industry_code, "version": own.version})
    code = form.industry_code.data or ""
    errors = {} if code else {"industry_code": label("error.industry_required")}
    groups = [(category.value, regions.industries(category.value)) for category in Category]
    return _step(
        application, "trade", form, ({"industry_code": code, "category": None}, errors), groups=groups
    )


@bp.route("/merchant/applications/<int:application_id>/hours", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def hours(application_id: int) -> Page:
    """Opening hours by quick patterns, and the public telephone."""
    application = onboarding.editable(application_id)
    own = application.shop
    form = forms.HoursForm(data=forms.hours_data(own))
    posted = request.method == "POST"
    days = {
        day: request.form.get(f"day-{day}", "")
        if posted
        else merchant_rules.spans_text(own.opening_hours.get(day, []))
        for day in rules.WEEKDAYS
    }
    return _step(application, "hours", form, form.checked(request.form), days=days)


def _step(
    application: Application, key: str, form: Any, checked: tuple[dict[str, Any], forms.Errors], **more: Any
) -> Page:
    """Draw a step of the shop's own facts, or keep what it posts and go on. What was typed is shown again."""
    frame, own = onboarding.frame(application, key), application.shop
    errors: forms.Errors = {}
    status = 200
    if request.method == "POST":
        values, errors = checked
        if not form.validate_on_submit():
            errors.setdefault("_form", label("error.form_unreadable"))
        if not errors:
            try:
                merchants.edit_shop(
                    own.id, actor=access.current_actor(), now=clock.now(), version=form.version.data, **values
                )
                return redirect(frame.next, 303)
            except (Invalid, Conflict) as error:
                errors, status = {_field(error): message_of(error)}, error.status
                if isinstance(error, Conflict):
                    form.version.data = own.version  # what is typed here wins when it is sent again
        status = 422 if status == 200 else status
    page = render_template(
        f"applications/merchant_{key}.html", frame=frame, shop=own, form=form, errors=errors, **more
    )
    return page, status


def _field(error: DomainError) -> str:
    """The field of our forms for a field of the operations."""
    return {"hours": "opens", None: "_form"}.get(error.field, error.field or "_form")


def _text(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.6f}"


@bp.route("/merchant/applications/<int:application_id>/photos", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def photos(application_id: int) -> Page:
    """Storefront photos: each is kept as soon as it has come in."""
    application = onboarding.editable(application_id)
    frame, form = onboarding.frame(application, "photos"), forms.PhotosForm()
    errors: forms.Errors = {}
    if request.method == "POST":
        errors = _take_photos(application.shop, form)
        if not errors:
            return redirect(frame.here, 303)
        transaction.commit()  # the good photos stay although the answer tells of a bad one
    shown = files.by_ids(photo.file_id for photo in application.shop.photos)
    ordered = [shown[photo.file_id] for photo in application.shop.photos if photo.file_id in shown]
    page = render_template(
        "applications/merchant_photos.html",
        frame=frame,
        shop=application.shop,
        photos=[(file, files.picture_of(file, 200, private=True)) for file in ordered],
        room=rules.PHOTOS_MOST - len(ordered),
        errors=errors,
    )
    return (page, 422) if errors else page


def _take_photos(shop: Shop, form: forms.PhotosForm) -> forms.Errors:
    actor, now = access.current_actor(), clock.now()
    room = rules.PHOTOS_MOST - len(shop.photos)
    staged = staging.collect("photos", FilePurpose.STOREFRONT, max_files=room, actor=actor, now=now)
    wanted = [photo.file_id for photo in shop.photos] + staged.ids
    if not form.validate_on_submit():
        return {"photos": label("error.form_unreadable")}
    if form.remove.data in wanted:
        wanted.remove(form.remove.data)
    if form.first.data in wanted:
        wanted.remove(form.first.data)
        wanted.insert(0, form.first.data)
    merchants.set_photos(shop.id, wanted, actor=actor, now=now)
    if staged.error is not None:
        return {"photos": message_of(staged.error)}
    if not staged.ids and not form.remove.data and not form.first.data:
        return {"photos": label("error.photo_choose")}
    return {}


@bp.route(
    "/merchant/applications/<int:application_id>/<step>", methods=["GET", "POST"], defaults={"item": ""}
)
@bp.route("/merchant/applications/<int:application_id>/<step>/<item>", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of)
def added(application_id: int, step: str, item: str) -> Page:
    """A step that another feature adds: licences, commitments."""
    found = onboarding.find_step(step)
    application = onboarding.editable(application_id)
    return found.answer(application.shop, item, onboarding.frame(application, step))
