"""The officers' side: what waits by due day, old and new side by side, the decision; photos taken off the page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.audit import sight
from webapp.audit.rules import Seen
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.core.identifiers import format_phone
from webapp.core.transaction import rollback
from webapp.merchants import queries as merchants
from webapp.merchants import status
from webapp.merchants.models import Shop
from webapp.merchants.rules import leaves_district
from webapp.web import access, paging
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import operations, photos, queries, rules, showing
from .forms import DecisionForm
from .models import ShopChange
from .rules import STEPS, ChangeState

bp = Blueprint("changes_office", __name__)
Page = ResponseReturnValue
#: How many requests stand in the desk's queue; the list has all.
IN_QUEUE = 8


def menu(actor: Actor) -> MenuEntry | None:
    """The entry with the number of requests that wait."""
    if not access.reach(actor, "change.read"):
        return None
    return MenuEntry(url_for("changes_office.index"), "change.menu", queries.count_waiting(actor) or None)


def queue_section() -> Markup | None:
    """Slot ``office.queue``: the requests that are due first, beside the applications."""
    actor = access.current_actor()
    total = queries.count_waiting(actor)
    if not total:
        return None
    rows = [showing.view(change) for change in queries.first_waiting(actor, IN_QUEUE)]
    return Markup(  # noqa: S704 - our template
        render_template("changes/_office_queue.html", rows=rows, total=total)
    )


def shop_section(shop: Shop) -> Markup | None:
    """Slot ``office.shop``: what waits for this shop, its latest changes, and the way to its photos."""
    if not access.may("change.read", shop.scope):
        return None
    return Markup(  # noqa: S704 - our template
        render_template(
            "changes/_office_shop.html",
            shop=shop,
            waiting=[showing.view(change) for change in queries.all_waiting(shop.id)],
            ended=[showing.view(change) for change in queries.ended(shop.id, 5)],
            hidden=len(shop.photos) - len(shop.shown_photos),
            may_hide=access.may("photo.hide", shop.scope),
        )
    )


# --- the list and a request -------------------------------------------------------------------------------------------


@bp.get("/office/changes")
@access.officer("change.read")
def index() -> Page:
    """What waits by due day; ``?done=1`` what was decided."""
    done = request.args.get("done") == "1"
    page = paging.paginate(queries.queue(access.current_actor(), done=done), 20)
    return render_template(
        "changes/office_index.html",
        page=page,
        rows=[showing.view(change) for change in page.items],
        done=done,
        waiting=queries.count_waiting(access.current_actor()),
    )


@bp.get("/office/changes/next")
@access.officer("change.review")
def next_one() -> Page:
    """Open the next request by due day; back to the list when there is none."""
    after = request.args.get("after", "")
    after_id = int(after[:18]) if after.isascii() and after.isdigit() else 0
    found = queries.find_next(access.current_actor(), after_id)
    if found is None:
        flash(label("change.queue_empty"), "info")
        return redirect(url_for("changes_office.index"))
    return redirect(url_for("changes_office.show", change_id=found.id))


@bp.get("/office/changes/<int:change_id>")
@access.officer("change.read", on=queries.scope_of)
def show(change_id: int) -> Page:
    """One request: what is public now beside what is asked for."""
    return _case(queries.get(change_id))


@bp.post("/office/changes/<int:change_id>/decide")
@access.officer("change.review", on=queries.scope_of)
def decide(change_id: int) -> Page:
    """Approve or refuse; the page again with what is wrong, or the news that somebody else was first."""
    form = DecisionForm()
    action = form.action.data or ""
    try:
        change = operations.decide(
            change_id,
            action,
            access.current_actor(),
            clock.now(),
            form.seen_version,
            form.reason_code.data or None,
            form.reason.data or "",
        )
    except (Invalid, Forbidden, Conflict) as error:
        rollback()
        return _case(queries.get(change_id), form, error), error.status
    flash(label(f"change.done.{action}"), "success")
    if not access.may("change.read", change.shop.scope):  # it moved to another district, to other officers
        return redirect(url_for("changes_office.index"), 303)
    return redirect(url_for("changes_office.show", change_id=change_id), 303)


def _case(change: ShopChange, form: DecisionForm | None = None, error: DomainError | None = None) -> str:
    actor, shop = access.current_actor(), change.shop
    sight.note(Seen.PERSON, "operator", shop.operator_id)
    names = queries.names_of([change.requested_by_id, change.decided_by_id])
    moves = change.state is ChangeState.WAITING and leaves_district(
        shop.region_code, change.new.get("region_code", shop.region_code)
    )
    tie = status.tied_by(shop) if moves else None
    return render_template(
        "changes/office_show.html",
        **showing.view(change),
        shop=shop,
        operator=shop.operator,
        phone=format_phone(shop.phone),
        by=names.get(change.requested_by_id, ""),
        decided_by=names.get(change.decided_by_id, ""),
        steps=[step.action for step in STEPS.open_to(change.state, actor, shop.scope)],
        reasons=rules.REASONS,
        moves=moves,
        tie=label(f"error.{tie}") if tie else "",
        aside=actor.must_stand_aside(shop.scope),
        reviews=access.may("change.review", shop.scope),
        form=form,
        error=error,
        message=message_of(error) if error else "",
        # Somebody was first when the request no longer waits, whatever the form asked for.
        overtaken=isinstance(error, Conflict) and change.state is not ChangeState.WAITING,
    )


# --- storefront photos ------------------------------------------------------------------------------------------------


@bp.get("/office/shops/<int:shop_id>/photos")
@access.officer("photo.hide", on=merchants.scope_of_shop)
def shop_photos(shop_id: int) -> Page:
    """The shop's storefront photos, shown and hidden."""
    return _photos_page(merchants.get_shop(shop_id))


@bp.post("/office/shops/<int:shop_id>/photos/<int:file_id>/hide")
@access.officer("photo.hide", on=merchants.scope_of_shop)
def hide_photo(shop_id: int, file_id: int) -> Page:
    """Take a photo off the public page, with a reason."""
    form = DecisionForm()
    try:
        photos.hide(
            shop_id,
            file_id,
            form.reason_code.data or None,
            form.reason.data or "",
            access.current_actor(),
            clock.now(),
        )
    except (Invalid, Conflict) as error:
        rollback()
        return _photos_page(merchants.get_shop(shop_id), file_id, form, error), error.status
    flash(label("photo.hidden"), "success")
    return redirect(url_for("changes_office.shop_photos", shop_id=shop_id), 303)


@bp.post("/office/shops/<int:shop_id>/photos/<int:file_id>/show")
@access.officer("photo.hide", on=merchants.scope_of_shop)
def show_photo(shop_id: int, file_id: int) -> Page:
    """Put a hidden photo back on the public page."""
    try:
        photos.show(shop_id, file_id, access.current_actor(), clock.now())
    except Conflict as error:
        rollback()
        return _photos_page(merchants.get_shop(shop_id), file_id, None, error), error.status
    flash(label("photo.shown"), "success")
    return redirect(url_for("changes_office.shop_photos", shop_id=shop_id), 303)


def _photos_page(
    shop: Shop, file_id: int = 0, form: DecisionForm | None = None, error: DomainError | None = None
) -> str:
    pictures = {photo.file_id: showing.photos([photo.file_id]) for photo in shop.photos}
    names = queries.names_of(photo.hidden_by_id for photo in shop.photos)
    rows: list[dict[str, Any]] = [
        {
            "photo": photo,
            "picture": pictures[photo.file_id][0] if pictures[photo.file_id] else None,
            "first": photo in shop.shown_photos[:1],
            "why": label(f"photo.reason.hide.{photo.hidden_reason_code}") if photo.hidden_at else "",
            "by": names.get(photo.hidden_by_id, ""),
        }
        for photo in shop.photos
    ]
    return render_template(
        "changes/office_photos.html",
        shop=shop,
        rows=rows,
        reasons=rules.HIDE_REASONS,
        tried=file_id,
        form=form,
        error=error,
        message=message_of(error) if error else "",
        public=status.was_ever_public(shop),
    )
