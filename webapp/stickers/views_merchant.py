"""The merchant's side of stickers: see them, download them, ask for more, replace one, report one gone."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.errors import Invalid
from webapp.core.transaction import note_afterwards
from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopLink
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.words import label

from . import forms, operations, queries, serving
from .models import Sticker, StickerPlace, StickerState
from .rules import AT_ONCE_MAX, STANDING, natural

bp = Blueprint("stickers_merchant", __name__)
Page = ResponseReturnValue


def link(shop: Shop) -> ShopLink | None:
    """Slot ``merchant.shop_links``: the way to the stickers, once there are any."""
    stickers = queries.of_shop(shop.id)
    if not stickers:
        return None
    valid = sum(sticker.state is StickerState.VALID for sticker in stickers)
    return ShopLink(
        label("sticker.link"),
        url_for("stickers_merchant.index", shop_id=shop.id),
        label("sticker.link_note", count=valid),
        often=True,
    )


@bp.get("/merchant/shops/<int:shop_id>/stickers")
@access.merchant(on=merchants.scope_of_shop)
def index(shop_id: int) -> Page:
    """The shop's stickers and the form for another one."""
    return _index(shop_id, forms.MoreForm(formdata=None), {})


def _index(shop_id: int, form: forms.MoreForm, errors: dict[str, str]) -> str:
    stickers, shop = queries.of_shop(shop_id), merchants.get_shop(shop_id)
    return render_template(
        "stickers/merchant_index.html",
        shop=shop,
        code=queries.code_of(shop_id),
        by_place=_by_place(stickers),
        valid=sum(sticker.state is StickerState.VALID for sticker in stickers),
        ended=[sticker for sticker in reversed(stickers) if sticker.state not in STANDING],
        print_address=queries.print_address(shop, "merchant"),
        places=list(StickerPlace),
        known=stickers[-1].serial if stickers else 0,
        at_once=AT_ONCE_MAX,
        form=form,
        errors=errors,
    )


def _by_place(stickers: list[Sticker]) -> list[tuple[StickerPlace, list[Sticker]]]:
    """The standing stickers of each place that has some, by their labels as people count them: 2 before 10."""
    standing = [sticker for sticker in stickers if sticker.state in STANDING]
    groups = ((place, [one for one in standing if one.place is place]) for place in StickerPlace)
    return [(place, sorted(group, key=lambda one: natural(one.spot))) for place, group in groups if group]


@bp.post("/merchant/shops/<int:shop_id>/stickers")
@access.merchant(on=merchants.scope_of_shop)
def more(shop_id: int) -> Page:
    """More stickers for a place."""
    form = forms.MoreForm()
    form.validate_on_submit()
    try:
        place, spots, count, known = form.wanted()
        made = operations.request(shop_id, place, count, access.current_actor(), clock.now(), known, spots)
    except Invalid as error:
        return _index(shop_id, form, {error.field or "_form": message_of(error)}), 422
    flash(label("sticker.done.more", count=len(made)), "success")
    if len(made) == 1:
        return redirect(url_for(".show", shop_id=shop_id, serial=made[0].serial), 303)
    return redirect(url_for(".index", shop_id=shop_id), 303)


@bp.get("/merchant/shops/<int:shop_id>/stickers/<int:serial>")
@access.merchant(on=merchants.scope_of_shop)
def show(shop_id: int, serial: int) -> Page:
    """One sticker: as it looks, its files, what can be done."""
    return _show(shop_id, serial, "", forms.EndForm(formdata=None), {})


def _show(shop_id: int, serial: int, panel: str, form: forms.EndForm, errors: dict[str, str]) -> str:
    data = serving.page_data(shop_id, serial)
    return render_template("stickers/merchant_show.html", panel=panel, form=form, errors=errors, **data)


@bp.get(f"/merchant/shops/<int:shop_id>/stickers/<int:serial>.<{serving.FORMS}:form>")
@access.merchant(on=merchants.scope_of_shop)
def file(shop_id: int, serial: int, form: str) -> Response:
    """One sticker as a file; that it was taken to print is noted, the picture in the page is not."""
    preview, actor = request.args.get("preview") == "1", access.current_actor()
    response = serving.download(shop_id, serial, form, preview=preview)
    if request.method == "GET" and not preview:
        note_afterwards(lambda: operations.note_download(shop_id, serial, form, actor, clock.now()))
    return response


@bp.get("/merchant/shops/<int:shop_id>/stickers.pdf")
@access.merchant(on=merchants.scope_of_shop)
def all_files(shop_id: int) -> Response:
    """All valid stickers of the shop on A4 sheets, noted like a single one."""
    response, actor = serving.download_all(shop_id), access.current_actor()
    serials = [one.serial for one in queries.of_shop(shop_id) if one.state is StickerState.VALID]
    if request.method == "GET":
        note_afterwards(lambda: operations.note_downloads(shop_id, serials, "pdf", actor, clock.now()))
    return response


@bp.post(f"/merchant/shops/<int:shop_id>/stickers/<int:serial>/<{serving.MERCHANT_ACTIONS}:action>")
@access.merchant(on=merchants.scope_of_shop)
def act(shop_id: int, serial: int, action: str) -> Page:
    """Replace the sticker, or say that the paper is gone."""
    following = url_for(".index", shop_id=shop_id)
    return serving.act(shop_id, serial, action, partial(_show, shop_id, serial), following)
