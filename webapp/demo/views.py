"""The guide through the demo city: accounts with their one-time codes of this minute, and where to begin.

It exists in development only: elsewhere the addresses are not even there.
"""

from __future__ import annotations

import pyotp
from flask import Blueprint, render_template

from webapp.codes.models import TrustCode
from webapp.core import clock
from webapp.core.db import db
from webapp.demo import words
from webapp.demo.people_writer import MERCHANT_PHONE, OFFICERS, PASSWORD, SECOND_PHONE, TOTP_SECRET
from webapp.stickers.models import Sticker, StickerState
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
        password=PASSWORD,
        totp_secret=TOTP_SECRET,
        one_time_code=code.at(now),
        seconds=30 - int(now.timestamp()) % 30,
        samples=_samples(),
    )


def _samples() -> list[tuple[str, str]]:
    """(state, token) of one sticker for each state of the code, and a replaced one."""
    found = []
    for state in ("active", "suspended", "revoked"):
        row = (
            db.session.query(Sticker.token)
            .join(TrustCode, TrustCode.shop_id == Sticker.shop_id)
            .filter(TrustCode.state == state, Sticker.state == StickerState.VALID)
            .order_by(Sticker.id)
            .first()
        )
        if row is not None:
            found.append((state, row[0]))
    replaced = db.session.query(Sticker.token).filter(Sticker.state == StickerState.REPLACED).first()
    if replaced is not None:
        found.append(("replaced", replaced[0]))
    if found:
        token = found[0][1]
        found.append(("forged", token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]))
    return found
