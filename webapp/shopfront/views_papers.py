"""Two pages beside the trust page: one to share it from, one to print."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp.core import clock
from webapp.stickers import posters
from webapp.web import access

from . import composition, linked, presentation
from .composition import TrustPage
from .rules import Verdict
from .storage import shop_number

bp = Blueprint("shopfront_papers", __name__)


@bp.get("/s/<number>/share")
@access.public
def share(number: str) -> ResponseReturnValue:
    """The shop's address as a symbol to show to somebody beside you, and to copy."""
    page = _page(number)
    return _answer("shopfront/public_share.html", page)


@bp.get("/s/<number>/print")
@access.public
def sheet(number: str) -> ResponseReturnValue:
    """All that the trust page says, on A4, with the moment it was made and the symbol of what stands there now."""
    page = _page(number)
    return _answer("shopfront/public_print.html", page)


def _page(number: str) -> TrustPage:
    shop_id = shop_number(number)
    page = None if shop_id is None else composition.compose(shop_id, None, clock.now())
    if page is None or page.shop is Verdict.NOT_VOUCHED:
        raise NoSuchPage
    return page


def _answer(template: str, page: TrustPage) -> Response:
    html = render_template(
        template,
        **presentation.context(page),
        base=linked.address_of(page),
        scanned=False,
        symbol=posters.symbol(page.rows.shop),
        made_at=clock.now(),
    )
    response = make_response(html)
    response.headers["Cache-Control"] = "no-cache"
    return response
