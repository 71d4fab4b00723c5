"""The page of kept shops, and how the shops in it stand now."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from webapp.core import clock
from webapp.directory import queries
from webapp.directory.asking import county_names
from webapp.directory.standing import verdicts
from webapp.shopfront.presentation import SEALS
from webapp.shopfront.storage import shop_number
from webapp.web import access, languages, throttle

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
    found = queries.public_by_number(list(dict.fromkeys(numbers)))
    now, names = verdicts(found, clock.today()), county_names()
    answer = jsonify(
        shops=[
            {
                "number": shop.id,
                "name": languages.shown(shop.public_full_name),
                "place": languages.shown(names.get(shop.public_region[:6], "")),
                "says": languages.shown(languages.say(f"favourites.{now[shop.id].value}")),
                "tone": SEALS[now[shop.id]][1],
            }
            for shop in found
            if now[shop.id] in SEALS
        ]
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
