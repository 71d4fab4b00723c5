"""The trust page: a sticker was scanned (/c/), and the same shop without a scan (/s/)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.stickers.reading import ForgedCode, Reading, read
from webapp.web import access
from webapp.web.kept import keep, keep_for_all
from webapp.web.negotiation import HTML, JSON, LINKS, best_form, view_of

from . import composition, representations
from .composition import TrustPage
from .rendering import render, trust_page
from .rules import StickerFact, Verdict
from .storage import PLAIN, SCANNED, Shelf, refusal_name, shop_number

bp = Blueprint("shopfront", __name__)


@bp.get("/c/<token>")
@access.public
def scan(token: str) -> ResponseReturnValue:
    """A sticker was scanned. A code that is not ours is refused before anything is asked of the database."""
    try:
        reading = read(token)
    except ForgedCode as forged:
        return _refused(forged.stage)
    return _answer(reading.shop_number, reading)


@bp.get("/s/<number>")
@access.public
def shop(number: str) -> ResponseReturnValue:
    """The shop's page without a scan: it never says that a sticker was checked."""
    shop_id = shop_number(number)
    if shop_id is None:
        return _unknown("shop")
    return _answer(shop_id, None)


def _answer(shop_id: int, reading: Reading | None) -> ResponseReturnValue:
    page = composition.compose(shop_id, None if reading is None else reading.paper, clock.now())
    # Who was never vouched for has published nothing: the same answer as for a number that nobody has.
    if page is None or page.shop is Verdict.NOT_VOUCHED:
        return _unknown("shop" if reading is None else "sticker")
    wanted = _wanted()
    if wanted == JSON:
        return _vary(jsonify(representations.facts(page, reading)))
    if wanted == LINKS:
        response = _vary(jsonify(representations.linkset(page, reading)))
        response.content_type = LINKS
        return response
    return _page(page, reading)


def _page(page: TrustPage, reading: Reading | None) -> Response:
    """HTML, rendered with gaps so that one rendering serves all valid stickers of the shop."""
    shelf: Shelf = current_app.extensions["ydym.shelf"]
    view, shop_id = view_of(request.environ), page.rows.shop.id
    kind = PLAIN if reading is None else SCANNED
    html = trust_page(page, kind, view, shelf.gaps)
    if not current_app.debug:
        etag = None
        if page.sticker_fact in {StickerFact.VALID, StickerFact.NOT_SCANNED}:
            etag = shelf.put(
                html, shop_id=shop_id, kind=kind, view=view, seq=page.rows.seq, expires_at=page.expires_at
            )
        # A paper that is in no book is no sticker of ours: its number may be another's.
        counted = reading is not None and page.rows.sticker is not None
        scan = (shop_id, reading.serial) if reading is not None and counted else None
        keep(shop_id=shop_id, seq=page.rows.seq, expires_at=page.expires_at, scan=scan, etag=etag)
    return _vary(make_response(shelf.gaps.write_out(html, reading)))


def _refused(stage: str) -> Response:
    """Not a code of this platform: the same page for every such address. No database."""
    if _wanted() != HTML:
        return representations.problem(404, "forged", stage=stage)
    response = make_response(_render("public_forged.html", "/verify", stage=stage), 404)
    keep_for_all(refusal_name(stage), expires_at=clock.now() + timedelta(days=7))
    return _vary(response)


def _unknown(what: str) -> Response:
    if _wanted() != HTML:
        return representations.problem(404, f"unknown_{what}")
    return _vary(make_response(_render("public_unknown.html", "/", what=what), 404))


def _wanted() -> str:
    return best_form(request.headers.get("Accept", ""))


def _render(template: str, path: str, **context: Any) -> str:
    return render(template, path, view_of(request.environ), **context)


def _vary(response: Response) -> Response:
    response.headers["Vary"] = "Accept, Accept-Encoding, Accept-Language, Cookie"
    return response
