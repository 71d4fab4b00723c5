"""The merchant's side of printing: choose among one's own shops, watch the job, hand the file to a print shop."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from webapp.core.errors import NotFound
from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.merchants.status import ShopLink
from webapp.stickers import queries as stickers
from webapp.web import access, paging
from webapp.web.words import label

from . import forms, queries, serving
from .queries import Reach
from .serving import Side

bp = Blueprint("printing_merchant", __name__)
Page = ResponseReturnValue


def link(shop: Shop) -> ShopLink | None:
    """Slot ``merchant.shop_links``: the way to printing, once there is something to print."""
    if not stickers.last_serial(shop.id):
        return None
    return ShopLink(label("print.link"), url_for("printing_merchant.index"), label("print.link_note"))


def address_for(shop: Shop, side: str) -> str | None:
    """Slot ``sticker.print_address``: choosing among this shop's stickers."""
    return url_for("printing_merchant.new", shop=shop.id, new="0") if side == "merchant" else None


def _operator(given: Any) -> int:
    """The operator that is printed for: the one asked for, or the asked shop's, or the first."""
    mine = access.current_actor().operator_ids
    asked = forms.number(given, "operator")
    shop_id = forms.wanted_from({"shop": given.get("shop")}).shop_id
    if not asked and shop_id:
        asked = merchants.get_shop(shop_id).operator_id
    if not mine or (asked and asked not in mine):
        raise NotFound("no_such_thing")
    return asked or min(mine)


def _reach(given: Any) -> Reach:
    return Reach(operator_id=_operator(given))


def _extras(given: Any) -> dict[str, Any]:
    actor, chosen = access.current_actor(), _operator(given)
    return {
        "operators": merchants.operators(actor.operator_ids),
        "chosen_operator": chosen,
        "shops": merchants.shops_of(frozenset({chosen})),
    }


SIDE = Side("printing_merchant", "merchant", _reach, _extras)


@bp.get("/merchant/printing")
@access.merchant()
def index() -> Page:
    """What was printed for one's shops, by whom and when."""
    page = paging.paginate(queries.jobs_of_merchant(access.current_actor()), serving.LISTED)
    return SIDE.render("index", page=page)


@bp.get("/merchant/printing/new")
@access.merchant()
def new() -> Page:
    """Choose what to print."""
    return serving.choose(SIDE)


@bp.get("/merchant/printing/preview.png")
@access.merchant()
def preview() -> Response:
    """The first sticker of the choice."""
    return serving.preview(SIDE)


@bp.post("/merchant/printing")
@access.merchant()
def order() -> Page:
    """Order the job."""
    return serving.order(SIDE)


@bp.get("/merchant/printing/<int:job_id>")
@access.merchant(on=queries.scope_of_job)
def show(job_id: int) -> Page:
    """One job."""
    return serving.show(SIDE, job_id)


@bp.get("/merchant/printing/<int:job_id>/file")
@access.merchant(on=queries.scope_of_job)
def file(job_id: int) -> Response:
    """Its file."""
    return serving.file(job_id)


@bp.post("/merchant/printing/<int:job_id>/cancel")
@access.merchant(on=queries.scope_of_job)
def cancel(job_id: int) -> Page:
    """Stop it."""
    return serving.cancel(SIDE, job_id)


@bp.post("/merchant/printing/<int:job_id>/again")
@access.merchant(on=queries.scope_of_job)
def again(job_id: int) -> Page:
    """Make the file once more."""
    return serving.again(SIDE, job_id)


@bp.post("/merchant/printing/<int:job_id>/links")
@access.merchant(on=queries.scope_of_job)
def hand_over(job_id: int) -> Page:
    """A link for a print shop."""
    return serving.hand_over(SIDE, job_id)


@bp.post("/merchant/printing/<int:job_id>/links/<int:link_id>/revoke")
@access.merchant(on=queries.scope_of_job)
def revoke(job_id: int, link_id: int) -> Page:
    """The link opens no more."""
    return serving.revoke(SIDE, job_id, link_id)
