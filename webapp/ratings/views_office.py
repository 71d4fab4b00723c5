"""Officers read the ratings within their reach."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core.actor import Actor
from webapp.web import access, paging, typed
from webapp.web.slots import MenuEntry

from . import queries, rules

bp = Blueprint("ratings_office", __name__)


def menu(actor: Actor) -> MenuEntry | None:
    """评价."""
    if not access.reach(actor, "rating.read"):
        return None
    return MenuEntry(url_for("ratings_office.index"), "rating.menu.office", None, "heart")


@bp.get("/office/ratings")
@access.officer("rating.read")
def index() -> ResponseReturnValue:
    """Ratings within reach, newest first."""
    posts = access.reach(access.current_actor(), "rating.read")
    shop_id, low = request.args.get("shop", type=paging.whole_number), bool(request.args.get("low"))
    text = typed.line(request.args.get("text"), 80)
    return render_template(
        "ratings/office_index.html",
        page=paging.paginate(queries.office_list(posts, shop_id=shop_id, text=text, low=low)),
        shop_id=shop_id,
        text=text,
        low=low,
        hearts=rules.HEARTS,
    )
