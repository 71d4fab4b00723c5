"""The office's pages of malls and of the time for a first answer: by mall, kept by the bureau; by industry, by
administrators of the city."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import Actor, Scope
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.transaction import rollback
from webapp.regions import queries as regions
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import malls
from .forms import MallForm, MallShopForm, MallTimeForm
from .models import Mall

bp = Blueprint("malls", __name__, url_prefix="/office/malls")
Page = ResponseReturnValue


def menu(actor: Actor) -> MenuEntry | None:
    """商场和回复期限."""
    if not access.reach(actor, "mall.read"):
        return None
    return MenuEntry(url_for("malls.index"), "mall.menu", None, "shop")


def city_scope(**_address: object) -> Scope:
    """For access rules: industries' times hold in the whole city."""
    return Scope(region_code=current_app.extensions["ydym.settings"].city_region)


@bp.get("")
@access.officer("mall.read")
def index() -> Page:
    """Malls within reach with the time that holds today, and the industries that have their own."""
    today = clock.today()
    page = paging.paginate(malls.listed(access.reach(access.current_actor(), "mall.read")))
    return render_template(
        "merchants/office_malls.html",
        page=page,
        names=_county_names(),
        shops=malls.counts([mall.id for mall in page.items]),
        times={mall.id: malls.in_force(f"mall:{mall.id}", today) for mall in page.items},
        city_hours=malls.city_hours(today),
        may_enter=bool(access.reach(access.current_actor(), "mall.manage")),
    )


@bp.route("/new", methods=["GET", "POST"])
@access.officer("mall.manage")
def new() -> Page:
    """Enter a mall."""
    form = MallForm()
    if not form.is_submitted():
        return _new_page(form, {})
    try:
        mall = malls.enter(form.named, form.county, form.place, access.current_actor(), clock.now())
    except (Invalid, Forbidden) as error:
        rollback()
        return _new_page(form, _errors(error)), error.status
    flash(label("mall.flash.enter"), "success")
    return redirect(url_for("malls.show", mall_id=mall.id), 303)


@bp.get("/<int:mall_id>")
@access.officer("mall.read", on=malls.scope_of)
def show(mall_id: int) -> Page:
    """A mall: its shops, its time now, before and to come."""
    return _page(malls.get(mall_id))


@bp.post("/<int:mall_id>")
@access.officer("mall.manage", on=malls.scope_of)
def correct(mall_id: int) -> Page:
    """Correct name and place."""
    form = MallForm()
    try:
        malls.correct(
            mall_id,
            form.named,
            form.county,
            form.place,
            access.current_actor(),
            clock.now(),
            form.version.data,
        )
    except (Invalid, Conflict, Forbidden) as error:
        rollback()
        return _page(malls.get(mall_id), form=form, errors=_errors(error)), error.status
    flash(label("mall.flash.correct"), "success")
    return redirect(url_for("malls.show", mall_id=mall_id), 303)


@bp.post("/<int:mall_id>/time")
@access.officer("mall.manage", on=malls.scope_of)
def set_time(mall_id: int) -> Page:
    """Give the mall a time of its own from a day to come."""
    form = MallTimeForm()
    try:
        malls.set_mall_time(mall_id, form.count, form.day, form.paper, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _page(malls.get(mall_id), time_form=form, errors=_errors(error)), error.status
    flash(label("mall.flash.time"), "success")
    return redirect(url_for("malls.show", mall_id=mall_id, _anchor="time"), 303)


@bp.post("/<int:mall_id>/shops")
@access.officer("mall.manage", on=malls.scope_of)
def add_shop(mall_id: int) -> Page:
    """A shop of the mall, by its number."""
    form = MallShopForm()
    try:
        malls.add_shop(mall_id, form.number, access.current_actor(), clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        rollback()
        field = {error.field or "shop": message_of(error)}
        return _page(malls.get(mall_id), shop_form=form, errors=field), error.status
    flash(label("mall.flash.add_shop"), "success")
    return redirect(url_for("malls.show", mall_id=mall_id, _anchor="shops"), 303)


@bp.post("/<int:mall_id>/shops/<int:shop_id>/remove")
@access.officer("mall.manage", on=malls.scope_of)
def remove_shop(mall_id: int, shop_id: int) -> Page:
    """The shop has left."""
    try:
        malls.remove_shop(mall_id, shop_id, access.current_actor(), clock.now())
        flash(label("mall.flash.remove_shop"), "success")
    except Conflict as error:
        rollback()
        flash(message_of(error), "error")
    return redirect(url_for("malls.show", mall_id=mall_id, _anchor="shops"), 303)


@bp.post("/<int:mall_id>/close")
@access.officer("mall.manage", on=malls.scope_of)
def close(mall_id: int) -> Page:
    """The mall is no more."""
    try:
        malls.close(mall_id, access.current_actor(), clock.now())
        flash(label("mall.flash.close"), "success")
    except Conflict as error:
        rollback()
        flash(message_of(error), "error")
    return redirect(url_for("malls.show", mall_id=mall_id), 303)


@bp.get("/industries")
@access.officer("mall.read")
def industries() -> Page:
    """Which industries have a time of their own."""
    return _industries_page(MallTimeForm(formdata=None), {})


@bp.post("/industries")
@access.officer("policy.manage", on=city_scope)
def set_industry_time() -> Page:
    """Give an industry a time of its own from a day to come."""
    form = MallTimeForm()
    try:
        malls.set_industry_time(
            form.industry.data or "", form.count, form.day, form.paper, access.current_actor(), clock.now()
        )
    except Invalid as error:
        rollback()
        return _industries_page(form, _errors(error)), error.status
    flash(label("mall.flash.time"), "success")
    return redirect(url_for("malls.industries"), 303)


def _errors(error: DomainError) -> dict[str, str]:
    if isinstance(error, Forbidden):
        return {"region_code": label("error.mall_out_of_reach")}
    return {error.field or "_form": message_of(error)}


def _county_names() -> dict[str, str]:
    return {county.code: county.name for county in regions.all_counties()}


def _counties() -> list[tuple[str, str]]:
    posts = access.reach(access.current_actor(), "mall.manage")
    return [
        (code, name)
        for code, name in _county_names().items()
        if any(code.startswith(post.region_code) for post in posts)
    ]


def _new_page(form: MallForm, errors: dict[str, str]) -> str:
    return render_template("merchants/office_mall_new.html", form=form, errors=errors, counties=_counties())


def _page(
    mall: Mall,
    *,
    form: MallForm | None = None,
    time_form: MallTimeForm | None = None,
    shop_form: MallShopForm | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    today = clock.today()
    if form is None:
        form = MallForm(formdata=None, obj=mall)
    return render_template(
        "merchants/office_mall.html",
        mall=mall,
        county=_county_names().get(mall.region_code, ""),
        form=form,
        time_form=time_form or MallTimeForm(formdata=None),
        shop_form=shop_form or MallShopForm(formdata=None),
        errors=errors or {},
        page=paging.paginate(malls.shops_in(mall.id)),
        now_time=malls.in_force(f"mall:{mall.id}", today),
        times=malls.times_of(f"mall:{mall.id}"),
        city_hours=malls.city_hours(today),
        counties=_counties(),
        today=today,
        tomorrow=date.fromordinal(today.toordinal() + 1),
        may_manage=mall.closed_at is None and access.may("mall.manage", malls.scope_of(mall.id)),
    )


def _industries_page(form: MallTimeForm, errors: dict[str, str]) -> str:
    today = clock.today()
    known = regions.industries()
    return render_template(
        "merchants/office_industry_times.html",
        form=form,
        errors=errors,
        industries=[(industry.code, industry.name) for industry in known],
        rows=[(industry, malls.times_of(f"industry:{industry.code}")) for industry in known],
        city_hours=malls.city_hours(today),
        today=today,
        tomorrow=date.fromordinal(today.toordinal() + 1),
        may_set=access.may("policy.manage", city_scope()),
    )
