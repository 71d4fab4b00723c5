"""The officers' side of stickers: each shop's own."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.transaction import note_afterwards
from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.web import access

from . import forms, operations, queries, serving

bp = Blueprint("stickers_office", __name__)
Page = ResponseReturnValue


def shop_section(shop: Shop) -> Markup:
    """Slot ``office.shop``: the shop's stickers."""
    stickers = queries.of_shop(shop.id)
    return Markup(  # noqa: S704 - our template
        render_template(
            "stickers/_office_shop.html",
            shop=shop,
            stickers=stickers,
            printed=queries.printed_at(sticker.id for sticker in stickers),
            code=queries.code_of(shop.id),
            print_address=queries.print_address(shop, "office"),
        )
    )


# --- one sticker ------------------------------------------------------------------------------------------------------


@bp.get("/office/shops/<int:shop_id>/stickers/<int:serial>")
@access.officer("shop.read", on=merchants.scope_of_shop)
def show(shop_id: int, serial: int) -> Page:
    """One sticker of a shop."""
    return _show(shop_id, serial, "", forms.EndForm(formdata=None), {})


def _show(shop_id: int, serial: int, panel: str, form: forms.EndForm, errors: dict[str, str]) -> str:
    data = serving.page_data(shop_id, serial)
    may_change = access.may("sticker.print", data["shop"].scope)
    return render_template(
        "stickers/office_show.html", panel=panel, form=form, errors=errors, may_change=may_change, **data
    )


@bp.get(f"/office/shops/<int:shop_id>/stickers/<int:serial>.<{serving.FORMS}:form>")
@access.officer("sticker.print", on=merchants.scope_of_shop)
def file(shop_id: int, serial: int, form: str) -> Response:
    """One sticker as a file to print, and in its history who took it."""
    actor, response = access.current_actor(), serving.download(shop_id, serial, form)
    if request.method == "GET":
        note_afterwards(lambda: operations.note_download(shop_id, serial, form, actor, clock.now()))
    return response


@bp.get("/office/shops/<int:shop_id>/stickers/<int:serial>/preview.png")
@access.officer("shop.read", on=merchants.scope_of_shop)
def preview(shop_id: int, serial: int) -> Response:
    """How one sticker looks on a screen: 144 dots an inch, where a file to print has 300."""
    return serving.download(shop_id, serial, "png", preview=True)


@bp.post(f"/office/shops/<int:shop_id>/stickers/<int:serial>/<{serving.OFFICE_ACTIONS}:action>")
@access.officer("sticker.print", on=merchants.scope_of_shop)
def act(shop_id: int, serial: int, action: str) -> Page:
    """Suspend the sticker, let it be valid again, replace it, or end it."""
    return serving.act(shop_id, serial, action, partial(_show, shop_id, serial))
