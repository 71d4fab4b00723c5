"""The page of kept shops, and how the shops in it stand now."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.shopfront.storage import shop_number
from webapp.web import access, throttle

from .standing import standings

bp = Blueprint("favourites", __name__)

#: The page asks for so many at most.
MOST: Final = 100


@bp.get("/favourites")
@access.public
def index() -> ResponseReturnValue:
    """The page is the same for everybody: the list is on the device and put in there."""
    response = make_response(render_template("favourites/public_index.html"))
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/favourites/standing")
@throttle.limiter.limit("60/minute")
@access.public
def standing() -> Response:
    """How these shops (``shop`` = number, many) stand: {"shops": [{"number", "name", "place", "says", "tone"}]}.

    Posted, so that the list is in no address and no server's log; nothing of it is kept. Numbers that no public shop
    has are left out.
    """
    numbers = [number for text in request.form.getlist("shop")[:MOST] if (number := shop_number(text))]
    answer = jsonify(shops=standings(numbers))
    answer.headers["Cache-Control"] = "no-store"
    return answer
