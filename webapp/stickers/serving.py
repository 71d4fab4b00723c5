"""What the merchant's and the officer's pages share: one sticker's page data, its files, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.audit import queries as audit
from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, Invalid
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.web import access
from webapp.web.downloads import attach
from webapp.web.errors import message_of
from webapp.web.words import label

from . import forms, operations, printing, queries
from .models import Sticker, StickerState
from .rules import REASONS, STEPS

FORMS = "any(png,svg,pdf)"
#: By the word in the address.
ACTIONS: dict[str, Callable[..., Sticker]] = {
    "suspend": operations.suspend,
    "resume": operations.resume,
    "replace": operations.replace,
    "lost": operations.report_lost,
    "destroy": operations.destroy,
}
#: What the table of steps calls them where it is another word.
STEP_OF = {"lost": "report_lost"}
OFFICE_ACTIONS = "any(suspend,resume,replace,lost,destroy)"
MERCHANT_ACTIONS = "any(replace,lost,destroy)"
#: Draws a sticker's page again: (panel that stands open, its form, errors by field).
Show = Callable[[str, forms.EndForm, dict[str, str]], str]


def printable(shop_id: int, serial: int) -> tuple[Sticker, Shop]:
    """The sticker and its shop. Raises NotFound, Conflict when the paper or the shop's code is not valid."""
    sticker, shop = queries.get(shop_id, serial), get_shop(shop_id)
    code = queries.code_of(shop_id)
    if not code.is_active:
        raise Conflict(f"code_not_active_{code.state or 'none'}")
    if sticker.state is not StickerState.VALID:
        raise Conflict("sticker_not_valid")
    return sticker, shop


def download(shop_id: int, serial: int, form: str, *, preview: bool = False) -> Response:
    """The sticker as ``png``, ``svg`` or ``pdf``; the `preview` is a smaller picture to look at in the page."""
    sticker, shop = printable(shop_id, serial)
    layout = printing.proof(sticker, shop).layout
    data = printing.render(layout, form, printing.PREVIEW_DPI if preview else printing.PRINT_DPI)
    name = f"{label('sticker.file')}-{sticker.label}-{label('sticker.place.' + sticker.place.value)}.{form}"
    response = send_file(BytesIO(data), mimetype=printing.MIME[form])
    if not preview:
        attach(response, f"sticker-{sticker.label}.{form}", name)
    return response


def download_all(shop_id: int) -> Response:
    """All valid stickers of the shop on A4 sheets, each in its place's template."""
    valid = [sticker for sticker in queries.of_shop(shop_id) if sticker.state is StickerState.VALID]
    if not valid:
        raise Conflict("no_valid_sticker")
    pairs = [printable(shop_id, sticker.serial) for sticker in valid]
    title = f"{label('sticker.file')}-{shop_id:06d}"
    data = BytesIO(printing.sheets(pairs, title))
    response = send_file(data, mimetype=printing.MIME["pdf"])
    attach(response, f"stickers-{shop_id:06d}.pdf", f"{title}.pdf")
    return response


def page_data(shop_id: int, serial: int) -> dict[str, Any]:
    """What the page of one sticker shows. A sticker that cannot be printed now has no preview but the `refusal`."""
    sticker, shop = queries.get(shop_id, serial), get_shop(shop_id)
    code = queries.code_of(shop_id)
    data: dict[str, Any] = {
        "shop": shop,
        "sticker": sticker,
        "code": code,
        "refusal": "",
        "missing": (),
        "cut": False,
        "steps": _open_steps(sticker, shop, may_replace=code.is_active),
        "history_events": audit.history("sticker", sticker.id),
        "printings": queries.printings(sticker.id),
    }
    try:
        found = printing.proof(*printable(shop_id, serial))
        data.update(missing=found.missing, cut=found.cut)
    except DomainError as error:
        data["refusal"] = message_of(error)
    return data


def _open_steps(sticker: Sticker, shop: Shop, *, may_replace: bool) -> list[tuple[str, tuple[str, ...]]]:
    """What this person may do to the sticker now: (the address's word, its reasons)."""
    names = {STEP_OF.get(action, action): action for action in ACTIONS}
    open_now = STEPS.open_to(sticker.state, access.current_actor(), shop.scope)
    return [
        (names[step.action], REASONS[step.action])
        for step in open_now
        if step.action != "replace" or may_replace
    ]


def act(
    shop_id: int, serial: int, action: str, show: Show, following: str | None = None
) -> ResponseReturnValue:
    """Do what was posted, one of the `ACTIONS`. Goes on to the successor's page after a replacement, else to
    `following` or the sticker's own page.
    """
    form = forms.EndForm()
    form.validate_on_submit()
    actor, now = access.current_actor(), clock.now()
    try:
        sticker = ACTIONS[action](shop_id, serial, form.reason.data or "", actor, now, form.note.data or "")
    except Invalid as error:
        return show(action, form, {error.field or "_form": message_of(error)}), 422
    flash(label(f"sticker.done.{action}"), "success")
    own = url_for(".show", shop_id=shop_id, serial=sticker.serial)
    return redirect(own if following is None or action == "replace" else following, 303)
