"""The merchant reads ratings and replies."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.core.actor import Actor, Role
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.core.transaction import rollback
from webapp.merchants.queries import shops_of
from webapp.web import access, paging, typed
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import grounds, moderating, moderation, operations, queries, records, rules
from .forms import ReplyForm, VoiceForm, read_device
from .views_public import COOKIE

bp = Blueprint("ratings_merchant", __name__)


def menu(actor: Actor) -> MenuEntry | None:
    """评价."""
    if actor.role is not Role.MERCHANT or not actor.operator_ids:
        return None
    return MenuEntry(url_for("ratings_merchant.index"), "rating.menu.merchant", None, "heart")


@bp.get("/merchant/ratings")
@access.merchant()
def index() -> ResponseReturnValue:
    """Ratings of all own shops, newest first."""
    return _page()


@bp.post("/merchant/ratings/<int:rating_id>/reply")
@access.merchant(on=queries.scope_of)
def reply(rating_id: int) -> ResponseReturnValue:
    """The public reply."""
    form = ReplyForm()
    text = typed.lines(form.text.data)
    try:
        operations.note_own_browser(
            access.current_actor().operator_ids, read_device(request.cookies.get(COOKIE)), clock.now()
        )
        operations.reply(rating_id, text, access.current_actor(), clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _page(tried=rating_id, words=text, error=error), error.status
    flash(label("rating.flash.replied"), "success")
    return redirect(_address(rating_id), 303)


@bp.post("/merchant/ratings/<int:rating_id>/report")
@access.merchant(on=queries.scope_of)
def report(rating_id: int) -> ResponseReturnValue:
    """The merchant says which rule a rating breaks; it stands until officers have looked."""
    form, actor = VoiceForm(), access.current_actor()
    words = typed.lines(form.words.data)
    try:
        reporter = f"operator:{queries.get(rating_id).shop.operator_id}"
        moderating.report(rating_id, form.ground.data or "", words, reporter, actor, clock.now())
    except (Invalid, Conflict) as error:
        rollback()
        return _page(
            reported=rating_id, words=words, ground=form.ground.data or "", error=error
        ), error.status
    flash(label("rating.flash.reported"), "success")
    return redirect(_address(rating_id), 303)


def _address(rating_id: int) -> str:
    filters = {name: request.args[name] for name in ("shop", "unanswered", "page") if name in request.args}
    return url_for("ratings_merchant.index", _anchor=f"rating-{rating_id}", **filters)  # type: ignore[arg-type]


def _page(
    tried: int = 0,
    reported: int = 0,
    words: str = "",
    ground: str = "",
    error: DomainError | None = None,
) -> str:
    actor, now = access.current_actor(), clock.now()
    shop_id, unanswered = (
        request.args.get("shop", type=paging.whole_number),
        bool(request.args.get("unanswered")),
    )
    statement = queries.of_operators(actor.operator_ids, shop_id=shop_id, unanswered=unanswered)
    page = paging.paginate(statement, 20)
    wanted = tried or reported
    if wanted and wanted not in {rating.id for rating in page.items}:
        page.items.insert(0, queries.get(wanted))
    return render_template(
        "ratings/merchant_index.html",
        page=page,
        shops=shops_of(actor.operator_ids),
        shop_id=shop_id,
        unanswered=unanswered,
        hearts=rules.HEARTS,
        mendable={rating.id: rules.may_mend_reply(rating.replied_at, now) for rating in page.items},
        own_reports=records.merchants_reports([rating.id for rating in page.items]),
        grounds=grounds.catalogue(),
        tried=tried,
        reported=reported,
        typed=words,
        ground=ground,
        error_field=(error.field or "") if error else "",
        words_max=moderation.WORDS_LONGEST,
        error=message_of(error) if error else "",
        reply_max=rules.REPLY_MAX,
    )
