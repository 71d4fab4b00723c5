"""The officers' side of stickers: a shop's own, and many at once for the print shop."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.merchants import queries as merchants
from webapp.merchants.models import Shop
from webapp.regions import queries as regions
from webapp.web import access
from webapp.web.errors import message_of
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import forms, operations, printing, queries, serving
from .models import StickerPlace
from .queries import Wanted
from .rules import SHEET_MAX

bp = Blueprint("stickers_office", __name__)
Page = ResponseReturnValue
SHOWN = 30


def menu(actor: Actor) -> MenuEntry | None:
    """码贴印制."""
    if not access.reach(actor, "sticker.print"):
        return None
    return MenuEntry(url_for("stickers_office.print_page"), "sticker.menu.print")


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
            may_print=access.may("sticker.print", shop.scope),
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
@access.officer("shop.read", on=merchants.scope_of_shop)
def file(shop_id: int, serial: int, form: str) -> Response:
    """One sticker as a file."""
    return serving.download(shop_id, serial, form)


@bp.post("/office/shops/<int:shop_id>/stickers/<int:serial>/replace")
@access.officer("sticker.print", on=merchants.scope_of_shop)
def replace(shop_id: int, serial: int) -> Page:
    """A new sticker for the same place."""
    return serving.replace(shop_id, serial, partial(_show, shop_id, serial))


@bp.post("/office/shops/<int:shop_id>/stickers/<int:serial>/lost")
@access.officer("sticker.print", on=merchants.scope_of_shop)
def lost(shop_id: int, serial: int) -> Page:
    """The paper is gone."""
    return serving.report_lost(
        shop_id, serial, partial(_show, shop_id, serial), url_for("codes_office.shop", shop_id=shop_id)
    )


# --- many for the print shop ------------------------------------------------------------------------------------------


@bp.get("/office/stickers/print")
@access.officer("sticker.print")
def print_page() -> Page:
    """Choose what to print; the filters stand in the address."""
    try:
        return _print_page(forms.wanted_from(request.args))
    except Invalid as error:
        kept = {name: value for name, value in request.args.items() if name != "since"}
        return _print_page(forms.wanted_from(kept), {error.field or "_form": message_of(error)}), 422


def _print_page(wanted: Wanted, errors: dict[str, str] | None = None) -> str:
    actor = access.current_actor()
    posts = access.reach(actor, "sticker.print")
    count = queries.count_to_print(wanted, posts)
    pairs = db.session.execute(queries.to_print(wanted, posts).limit(min(count, SHEET_MAX))).tuples().all()
    lacking = {shop.id: (shop, printing.without_glyph(shop)) for _, shop in pairs}
    return render_template(
        "stickers/office_print.html",
        wanted=wanted,
        typed_since=request.args.get("since", ""),
        count=count,
        most=SHEET_MAX,
        pairs=pairs[:SHOWN],
        lacking=[(shop, characters) for shop, characters in lacking.values() if characters],
        districts=regions.counties_of(posts),
        places=list(StickerPlace),
        only_shop=pairs[0][1] if wanted.shop_id and pairs else None,
        runs=queries.runs(actor.account_id),
        errors=errors or {},
    )


@bp.post("/office/stickers/print")
@access.officer("sticker.print")
def print_many() -> Page:
    """The file of what the page showed; written down who had it printed."""
    form = forms.PrintForm()
    form.validate_on_submit()
    wanted, actor, now = forms.wanted_from(request.form), access.current_actor(), clock.now()
    posts = access.reach(actor, "sticker.print")
    pairs = db.session.execute(queries.to_print(wanted, posts).limit(SHEET_MAX + 1)).tuples().all()
    if not pairs:
        raise Conflict("nothing_to_print")
    if len(pairs) > SHEET_MAX:
        raise Invalid("too_many_to_print", most=SHEET_MAX, count=queries.count_to_print(wanted, posts))
    run = operations.note_printed([sticker for sticker, _ in pairs], wanted.as_json(), actor, now)
    return serving.send_sheets(pairs, _title(run.id))


@bp.get("/office/stickers/print/<int:run_id>.pdf")
@access.officer("sticker.print")
def print_again(run_id: int) -> Response:
    """One's own earlier file once more, without what has become invalid since."""
    actor = access.current_actor()
    run = queries.get_run(run_id, actor.account_id)
    posts = access.reach(actor, "sticker.print")
    pairs = db.session.execute(queries.of_run(run.id, posts)).tuples().all()
    if not pairs:
        raise Conflict("nothing_to_print")
    return serving.send_sheets(pairs, _title(run.id))


def _title(run_id: int) -> str:
    return f"{label('sticker.file')}-{clock.today():%Y%m%d}-{run_id}"
