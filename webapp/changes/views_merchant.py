"""The merchant's side: asking for a change of what the bureau vouches for, seeing what waits, withdrawing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid, NotFound
from webapp.files import queries as files
from webapp.files import staging
from webapp.files.models import FilePurpose
from webapp.merchants import queries as merchants
from webapp.merchants import status
from webapp.merchants.models import Category, Shop
from webapp.merchants.rules import DISTRICT_DIGITS, PHOTOS_MAX
from webapp.merchants.status import ShopLink, ShopStatus
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import forms, operations, queries, showing
from .models import ShopChange
from .rules import NOTE_MAX, Part

bp = Blueprint("changes_merchant", __name__)
Page = ResponseReturnValue


def link(shop: Shop) -> ShopLink | None:
    """Slot ``merchant.shop_links``: the way to the requests, while the bureau vouches or some were made."""
    waiting = queries.all_waiting(shop.id)
    if not (waiting or status.is_reviewed(shop) or queries.ended(shop.id, 1)):
        return None
    note = label("change.link_waiting", count=len(waiting)) if waiting else label("change.link_note")
    return ShopLink(label("change.link"), url_for("changes_merchant.index", shop_id=shop.id), note)


def statuses(shops: Sequence[Shop]) -> dict[int, ShopStatus]:
    """Slot ``merchant.shop_status``: what waits for an officer, and by when."""
    waiting = queries.waiting_by_shop([shop.id for shop in shops])
    return {shop_id: _status(shop_id, found) for shop_id, found in waiting.items()}


def _status(shop_id: int, waiting: list[ShopChange]) -> ShopStatus:
    parts = label("change.and").join(label(f"change.part.{change.part.value}") for change in waiting)
    return ShopStatus(
        label("change.status", parts=parts),
        "info",
        url=url_for("changes_merchant.index", shop_id=shop_id),
        action=label("change.status_see"),
        due=min(change.due_on for change in waiting),
    )


@bp.get("/merchant/shops/<int:shop_id>/changes")
@access.merchant(on=merchants.scope_of_shop)
def index(shop_id: int) -> Page:
    """What is public now, what waits, what was decided."""
    shop = merchants.get_shop(shop_id)
    waiting = {change.part: showing.view(change) for change in queries.all_waiting(shop_id)}
    return render_template(
        "changes/merchant_index.html",
        shop=shop,
        reviewed=status.is_reviewed(shop),
        bound=status.is_bound(shop),
        frozen=status.is_frozen(shop),
        parts=[(part.value, _facts(shop, part), waiting.get(part)) for part in Part],
        ended=[showing.view(change) for change in queries.ended(shop_id)],
        hidden=[
            (photo, label(f"photo.reason.hide.{photo.hidden_reason_code}"))
            for photo in shop.photos
            if photo.hidden_at is not None
        ],
    )


def _facts(shop: Shop, part: Part) -> str:
    """The part's facts as they stand, in one line."""
    facts = {"branch": shop.branch, "name": shop.name, "industry_code": shop.industry_code}
    if part is Part.NAME:
        return shop.full_name
    if part is Part.PLACE:
        names = regions.path_names(shop.region_code)
        written = any(name in shop.address for name in names)
        return shop.address if written else "".join(names[2:]) + shop.address
    if part is Part.TRADE:
        return showing.spoken("industry", facts)
    return label("change.photo_count", count=len(shop.photos))


@bp.route("/merchant/shops/<int:shop_id>/changes/<part>", methods=["GET", "POST"])
@access.merchant(on=merchants.scope_of_shop)
def edit(shop_id: int, part: str) -> Page:
    """The form of one part; what waits already is shown instead."""
    if part not in set(Part):
        raise NotFound("no_such_thing")
    shop, wanted = merchants.get_shop(shop_id), Part(part)
    if request.method == "GET" and queries.waiting(shop_id, wanted) is not None:
        return redirect(url_for("changes_merchant.index", shop_id=shop_id))
    form = forms.FORMS[wanted](data=forms.shown(shop, wanted))
    staged = None
    errors: forms.Errors = {}
    code = 200
    if request.method == "POST":
        if isinstance(form, forms.PhotosForm):
            staged = staging.collect(
                "photos",
                FilePurpose.STOREFRONT,
                max_files=max(0, PHOTOS_MAX - len(form.keep.data or [])),
                actor=access.current_actor(),
                now=clock.now(),
            )
        errors, code = _ask(shop, wanted, form, staged)
        if not errors:
            flash(label("change.sent"), "success")
            return redirect(url_for("changes_merchant.index", shop_id=shop_id), 303)
    return _form_page(shop, wanted, form, errors, staged), code


def _ask(
    shop: Shop, part: Part, form: forms.RequestForm, staged: staging.Staged | None
) -> tuple[forms.Errors, int]:
    """Send what was typed to the operation; what is wrong by field, and the status."""
    if not form.validate_on_submit():
        return {"_form": label("error.form_unreadable")}, 422
    actor, now = access.current_actor(), clock.now()
    note, version = form.note.data or "", form.version.data
    try:
        if isinstance(form, forms.PhotosForm):
            if staged is not None and staged.error is not None:
                return {"photos": message_of(staged.error)}, 422
            kept = form.kept([photo.file_id for photo in shop.photos])
            wanted = form.ordered(kept, staged.ids if staged else [])
            operations.request_photos(shop.id, wanted, actor, now, note=note, version=version)
        else:
            stated, errors = form.checked()
            if errors:
                return errors, 422
            operations.request(shop.id, part, stated, actor, now, note=note, version=version)
    except (Invalid, Conflict) as error:
        if error.code == "changed_meanwhile":
            form.version.data = shop.version  # seen now: sent again, what is typed here holds
        return {_field(error): message_of(error)}, error.status
    return {}, 200


def _field(error: DomainError) -> str:
    return {"latitude": "lat", "longitude": "lng", None: "_form"}.get(error.field, error.field or "_form")


def _form_page(
    shop: Shop,
    part: Part,
    form: forms.RequestForm,
    errors: forms.Errors,
    staged: staging.Staged | None,
) -> str:
    more: dict[str, Any] = {}
    if isinstance(form, forms.PlaceForm):
        more = _place_choices(shop, form)
    elif isinstance(form, forms.TradeForm):
        more = {"groups": [(kind.value, regions.industries(kind.value)) for kind in Category]}
    elif isinstance(form, forms.PhotosForm):
        found = files.by_ids(photo.file_id for photo in shop.photos)
        present = [found[photo.file_id] for photo in shop.photos if photo.file_id in found]
        more = {
            "photos": [(file, files.picture_of(file, 200, private=True)) for file in present],
            "staged": staged,
            "most": PHOTOS_MAX,
        }
    return render_template(
        f"changes/merchant_{part.value}.html",
        shop=shop,
        form=form,
        errors=errors,
        note_max=NOTE_MAX,
        reviewed=status.is_reviewed(shop),
        **more,
    )


def _place_choices(shop: Shop, form: forms.PlaceForm) -> dict[str, Any]:
    """Districts and the streets of one; ``?county=`` chooses the district without a script."""
    own = shop.region_code[:DISTRICT_DIGITS]
    county = regions.find(request.args.get("county") or (form.region_code.data or own)[:DISTRICT_DIGITS])
    if county is None or county.level != "county":
        county = regions.find(own)
    assert county is not None, "a shop lies in a county"
    return {
        "county": county,
        "moves": county.code != own,
        "own_county": regions.find(own),
        "counties": regions.all_counties(),
        "streets": regions.streets(county.code),
    }


@bp.post("/merchant/changes/<int:change_id>/withdraw")
@access.merchant(on=queries.scope_of)
def withdraw(change_id: int) -> Page:
    """Take a request back."""
    change = operations.withdraw(change_id, access.current_actor(), clock.now())
    flash(label("change.withdrawn"), "info")
    return redirect(url_for("changes_merchant.index", shop_id=change.shop_id), 303)
