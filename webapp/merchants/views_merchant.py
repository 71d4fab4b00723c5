"""The merchant's home, a shop's page with its contact and photos, and who acts for an operator."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock, transaction
from webapp.core.actor import Actor, Role
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.identifiers import format_phone
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose, StoredFile
from webapp.regions import queries as regions
from webapp.web import access, throttle
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import at_home, forms, members, operations, queries, rules, status
from .models import MemberRole, Shop

bp = Blueprint("merchants", __name__)
Page = ResponseReturnValue


def menu_entry(actor: Actor) -> MenuEntry | None:
    """The shops in the merchant's menu."""
    if actor.role is not Role.MERCHANT:
        return None
    return MenuEntry(url_for("merchants.home"), "merchants.menu", icon="shop", below="/merchant/shops")


def _by_account() -> str:
    """Invitations are limited by account: each sends a message."""
    return f"invite:{access.current_actor().account_id}"


def photos_of(shop: Shop) -> list[StoredFile]:
    """The shop's photos in their order."""
    found = files.by_ids(photo.file_id for photo in shop.photos)
    return [found[photo.file_id] for photo in shop.photos if photo.file_id in found]


@bp.get("/merchant/")
@access.merchant()
def home() -> Page:
    """What to do next, how the shops do, and the way to each."""
    actor, now = access.current_actor(), clock.now()
    found = at_home.gather(queries.shops_of(actor.operator_ids), now)
    invited = members.invitations_for(actor)
    if not actor.operator_ids and not invited and (elsewhere := at_home.elsewhere(actor)):
        return redirect(elsewhere)
    return render_template(
        "merchants/merchant_home.html",
        home=found,
        greeting=at_home.greeting(now),
        names=[(shop.id, shop.full_name) for shop in found.shops],
        shops={shop.id: shop for shop in found.shops},
        covers=files.by_ids(shop.photos[0].file_id for shop in found.shops if shop.photos),
        first=at_home.FIRST,
        links_most=at_home.LINKS_MOST,
        shops_open=at_home.SHOPS_OPEN,
        operators=queries.operators(actor.operator_ids),
        invitations=[(invitation, queries.get_operator(invitation.operator_id)) for invitation in invited],
        url_for_file=files.url_for_file,
        now=now,
    )


# --- a shop -----------------------------------------------------------------------------------------------------------


@bp.get("/merchant/shops/<int:shop_id>")
@access.merchant(on=queries.scope_of_shop)
def shop(shop_id: int) -> Page:
    """A shop: its state, facts, photos, and what other features add."""
    found = queries.get_shop(shop_id)
    return render_template(
        "merchants/merchant_shop.html",
        shop=found,
        statuses=status.statuses([found])[shop_id],
        frozen=status.is_frozen(found),
        reviewed=status.is_reviewed(found),
        place=regions.path_names(found.region_code),
        industry=regions.find_industry(found.industry_code),
        station=regions.find_station(found.station_id),
        phone=format_phone(found.phone),
        hours=rules.grouped(found.opening_hours),
        photos=photos_of(found),
        url_for_file=files.url_for_file,
    )


@bp.route("/merchant/shops/<int:shop_id>/contact", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of_shop)
def contact(shop_id: int) -> Page:
    """Telephone and opening hours: they may change at any time but while an application is reviewed."""
    found = queries.get_shop(shop_id)
    _refuse_frozen(found)
    form = forms.ContactForm(data=forms.contact_data(found))
    errors: forms.Errors = {}
    code = 200
    if request.method == "POST":
        values, errors = form.checked()
        if not form.validate_on_submit():
            errors.setdefault("_form", label("error.form_expired"))
        if not errors:
            try:
                operations.edit_shop(
                    found.id,
                    actor=access.current_actor(),
                    now=clock.now(),
                    version=form.version.data,
                    **values,
                )
                flash(label("merchants.saved"), "success")
                return redirect(url_for("merchants.shop", shop_id=shop_id), 303)
            except (Invalid, Conflict) as error:
                errors = {_field(error, form): message_of(error)}
                if isinstance(error, Conflict):
                    form.version.data = found.version  # seen now: sent again, what is typed here holds
                    errors["_form"] = label("error.shop_changed_meanwhile")
        code = 422
    page = render_template("merchants/merchant_contact.html", shop=found, form=form, errors=errors)
    return page, code


def _field(error: DomainError, form: forms.ContactForm) -> str:
    """The input that an operation's error belongs to."""
    if error.field == "hours":
        return "same" if form.pattern.data != "days" else f"day_{error.details.get('day', 1)}"
    return error.field or "_form"


def _refuse_frozen(found: Shop) -> None:
    if status.is_frozen(found):
        raise Conflict("shop_frozen")


@bp.route("/merchant/shops/<int:shop_id>/photos", methods=["GET", "POST"])
@access.merchant(on=queries.scope_of_shop)
def photos(shop_id: int) -> Page:
    """The shop's photos: each is kept as soon as it has come in."""
    found = queries.get_shop(shop_id)
    _refuse_frozen(found)
    if status.is_reviewed(found):
        raise Conflict("change_by_request")
    form = forms.PhotosForm()
    errors: forms.Errors = {}
    if request.method == "POST":
        errors = _change_photos(found, form)
        if not errors:
            flash(label("merchants.saved"), "success")
            return redirect(url_for("merchants.photos", shop_id=shop_id), 303)
        transaction.commit()  # the good photos stay although the answer tells of a bad one
    shown = photos_of(found)
    page = render_template(
        "merchants/merchant_photos.html",
        shop=found,
        photos=shown,
        room=rules.PHOTOS_MAX - len(shown),
        errors=errors,
        url_for_file=files.url_for_file,
    )
    return page, 422 if errors else 200


def _change_photos(found: Shop, form: forms.PhotosForm) -> forms.Errors:
    actor, now = access.current_actor(), clock.now()
    if not form.validate_on_submit():
        return {"_form": label("error.form_expired")}
    ids = [photo.file_id for photo in found.photos]
    if form.remove.data in ids or form.first.data in ids:
        if len(ids) == 1 and form.remove.data in ids:
            return {"photos": label("error.shop_last_photo")}
        rest = [number for number in ids if number not in {form.remove.data, form.first.data}]
        first = [form.first.data] if form.first.data in ids and form.first.data is not None else []
        operations.set_photos(found.id, first + rest, actor=actor, now=now)
        return {}
    room = rules.PHOTOS_MAX - len(ids)
    staged = staging.collect("photos", FilePurpose.STOREFRONT, max_files=room, actor=actor, now=now)
    if staged.ids:
        operations.set_photos(found.id, ids + staged.ids, actor=actor, now=now)
    elif staged.error is None:
        return {"photos": label("error.shop_photo_missing")}
    return {"photos": message_of(staged.error)} if staged.error else {}


# --- who acts for an operator -----------------------------------------------------------------------------------------


@bp.route("/merchant/operators/<int:operator_id>/members", methods=["GET", "POST"])
@throttle.limiter.limit("20/day", methods=["POST"], key_func=_by_account)
@access.merchant(on=queries.scope_of_operator)
def people(operator_id: int) -> Page:
    """Who acts for the operator; an owner invites a clerk by phone."""
    actor = access.current_actor()
    form = forms.InviteForm()
    errors: forms.Errors = {}
    if request.method == "POST":
        try:
            members.invite(operator_id, form.phone.data or "", actor, clock.now())
            flash(label("merchants.invited"), "success")
            return redirect(url_for("merchants.people", operator_id=operator_id), 303)
        except Invalid as error:
            errors = {error.field or "_form": message_of(error)}
    page = render_template(
        "merchants/merchant_people.html",
        operator=queries.get_operator(operator_id),
        people=members.accounts_of(operator_id),
        invitations=members.open_invitations(operator_id),
        is_owner=actor.account_id in queries.owner_ids(operator_id),
        me=actor.account_id,
        owner=MemberRole.OWNER,
        form=form,
        errors=errors,
    )
    return page, 422 if errors else 200


@bp.post("/merchant/operators/<int:operator_id>/members/<int:account_id>/remove")
@access.merchant(on=queries.scope_of_operator)
def remove(operator_id: int, account_id: int) -> Page:
    """Let a clerk go, or leave."""
    actor = access.current_actor()
    members.remove(operator_id, account_id, actor, clock.now())
    flash(label("merchants.removed"), "success")
    if account_id == actor.account_id:
        return redirect(url_for("merchants.home"), 303)
    return redirect(url_for("merchants.people", operator_id=operator_id), 303)


@bp.post("/merchant/operators/<int:operator_id>/invitations/<int:invitation_id>/take-back")
@access.merchant(on=queries.scope_of_operator)
def take_back(operator_id: int, invitation_id: int) -> Page:
    """Take an invitation back."""
    members.take_back(invitation_id, operator_id, access.current_actor(), clock.now())
    return redirect(url_for("merchants.people", operator_id=operator_id), 303)


@bp.post("/merchant/invitations/<int:invitation_id>")
@access.merchant()
def answer(invitation_id: int) -> Page:
    """The invited person accepts or declines."""
    actor, now = access.current_actor(), clock.now()
    if request.form.get("answer") == "accept":
        members.accept(
            invitation_id,
            actor,
            now,
            lambda operator_id: url_for("merchants.people", operator_id=operator_id),
        )
        flash(label("merchants.joined"), "success")
    else:
        members.decline(invitation_id, actor, now)
    return redirect(url_for("merchants.home"), 303)
