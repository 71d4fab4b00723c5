"""The guide through the demo city: accounts with their one-time codes of this minute, and where to begin.

It exists in development only: elsewhere the addresses are not even there.
"""

from __future__ import annotations

import pyotp
from flask import Blueprint, Response, abort, render_template

from webapp.core import clock
from webapp.demo import newcomers, showcase, words
from webapp.demo.people_writer import (
    MEDIATOR_PHONE,
    MERCHANT_PHONE,
    OFFICERS,
    PASSWORD,
    SECOND_PHONE,
    TOTP_SECRET,
)
from webapp.web import access

bp = Blueprint("demo", __name__)


@bp.get("/demo")
@access.public
def guide() -> str:
    """The accounts, and one sticker in each state."""
    phrases, now = words.phrases(), clock.now()
    code = pyotp.TOTP(TOTP_SECRET)
    officers = [(username, phrases[row[0]], row[1].value) for username, row in OFFICERS.items()]
    merchants = [(MERCHANT_PHONE, phrases["merchant"]), (SECOND_PHONE, phrases["merchant_2"])]
    return render_template(
        "demo/public_guide.html",
        officers=officers,
        merchants=merchants,
        mediator=(MEDIATOR_PHONE, phrases["mediator"]),
        password=PASSWORD,
        totp_secret=TOTP_SECRET,
        one_time_code=code.at(now),
        seconds=30 - int(now.timestamp()) % 30,
        samples=showcase.tour(clock.day_of(now)),
        newcomers=newcomers.unclaimed(),
    )


@bp.get("/demo/newcomers/<int:index>/<kind>.webp")
@access.public
def newcomer_picture(index: int, kind: str) -> Response:
    """A front or a sample licence for somebody who walks the merchant's part: to save and to upload."""
    shop = next((shop for shop in newcomers.unclaimed() if shop.index == index), None)
    data = newcomers.picture(shop, kind) if shop is not None else None
    if data is None:
        abort(404)
    return Response(data, mimetype="image/webp", headers={"Cache-Control": "private, max-age=3600"})
