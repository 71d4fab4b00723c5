"""The officers' side of printing: choose among the shops of a post, watch the job, hand the file to a print shop."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from webapp.core.actor import Actor, Post
from webapp.merchants.models import Category, Shop
from webapp.regions import queries as regions
from webapp.web import access, paging
from webapp.web.slots import MenuEntry

from . import forms, queries, serving
from .queries import Reach
from .serving import Side

bp = Blueprint("printing_office", __name__)
Page = ResponseReturnValue
MAY = "sticker.print"


def menu(actor: Actor) -> MenuEntry | None:
    """码贴印制."""
    if not access.reach(actor, MAY):
        return None
    return MenuEntry(url_for("printing_office.index"), "sticker.menu.print")


def address_for(shop: Shop, side: str) -> str | None:
    """Slot ``sticker.print_address``: choosing among this shop's stickers."""
    if side != "office" or not access.may(MAY, shop.scope):
        return None
    return url_for("printing_office.new", shop=shop.id, new="0")


def _posts() -> tuple[Post, ...]:
    return access.reach(access.current_actor(), MAY)


def _chosen(given: Any) -> int:
    """Which of one's posts; the first for nonsense."""
    place = forms.number(given, "post")
    return place if place < len(_posts()) else 0


def _reach(given: Any) -> Reach:
    return Reach(post=_posts()[_chosen(given)])


def _post_name(post: Post) -> str:
    station = regions.find_station(post.station_id)
    return "".join(regions.path_names(post.region_code)[1:]) + (station.name if station else "")


def _extras(given: Any) -> dict[str, Any]:
    posts = _posts()
    shop = forms.wanted_from({"shop": given.get("shop")}).shop_id
    return {
        "posts": [(str(place), _post_name(post)) for place, post in enumerate(posts)],
        "chosen_post": str(_chosen(given)),
        "districts": regions.counties_of((posts[_chosen(given)],)),
        "categories": list(Category),
        "only_shop": shop,
    }


SIDE = Side("printing_office", "office", _reach, _extras)


@bp.get("/office/printing")
@access.officer(MAY)
def index() -> Page:
    """Who had what printed, and when."""
    page = paging.paginate(queries.jobs_of_posts(_posts()), serving.LISTED)
    return SIDE.render("index", page=page)


@bp.get("/office/printing/new")
@access.officer(MAY)
def new() -> Page:
    """Choose what to print."""
    return serving.choose(SIDE)


@bp.get("/office/printing/preview.png")
@access.officer(MAY)
def preview() -> Response:
    """The first sticker of the choice."""
    return serving.preview(SIDE)


@bp.post("/office/printing")
@access.officer(MAY)
def order() -> Page:
    """Order the job."""
    return serving.order(SIDE)


@bp.get("/office/printing/<int:job_id>")
@access.officer(MAY, on=queries.scope_of_job)
def show(job_id: int) -> Page:
    """One job."""
    return serving.show(SIDE, job_id)


@bp.get("/office/printing/<int:job_id>/file")
@access.officer(MAY, on=queries.scope_of_job)
def file(job_id: int) -> Response:
    """Its file."""
    return serving.noted_file(job_id)


@bp.post("/office/printing/<int:job_id>/cancel")
@access.officer(MAY, on=queries.scope_of_job)
def cancel(job_id: int) -> Page:
    """Stop it."""
    return serving.cancel(SIDE, job_id)


@bp.post("/office/printing/<int:job_id>/again")
@access.officer(MAY, on=queries.scope_of_job)
def again(job_id: int) -> Page:
    """Make the file once more."""
    return serving.again(SIDE, job_id)


@bp.post("/office/printing/<int:job_id>/links")
@access.officer(MAY, on=queries.scope_of_job)
def hand_over(job_id: int) -> Page:
    """A link for a print shop."""
    return serving.hand_over(SIDE, job_id)


@bp.post("/office/printing/<int:job_id>/links/<int:link_id>/revoke")
@access.officer(MAY, on=queries.scope_of_job)
def revoke(job_id: int, link_id: int) -> Page:
    """The link opens no more."""
    return serving.revoke(SIDE, job_id, link_id)
