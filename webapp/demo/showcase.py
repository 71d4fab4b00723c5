"""Stickers worth showing first: a shop that is trusted now and has a picture, then one in each other state."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.db import db
from webapp.directory.standing import verdicts
from webapp.merchants.models import Shop, ShopPhoto
from webapp.shopfront.rules import Verdict
from webapp.stickers.models import Sticker, StickerState

CANDIDATES = 60


def trusted(today: date) -> str | None:
    """A sticker's token of a shop that its page shows green, with a photo where there is one; None without any."""
    pictured = sa.exists().where(ShopPhoto.shop_id == Shop.id)
    statement = (
        sa.select(Shop)
        .join(TrustCode, TrustCode.shop_id == Shop.id)
        .where(TrustCode.state == CodeState.ACTIVE)
        .order_by(pictured.desc(), Shop.id)
        .limit(CANDIDATES)
    )
    shops = list(db.session.scalars(statement))
    judged = verdicts(shops, today)
    green = next((shop for shop in shops if judged.get(shop.id) is Verdict.TRUSTED), None)
    return None if green is None else _token(Sticker.shop_id == green.id)


def tour(today: date) -> list[tuple[str, str]]:
    """(what it shows, token): trusted, suspended, revoked, a replaced sticker, and a code forged from the first."""
    shown = [("active", trusted(today))]
    shown += [
        (
            state.value,
            _token(Sticker.shop_id.in_(sa.select(TrustCode.shop_id).where(TrustCode.state == state))),
        )
        for state in (CodeState.SUSPENDED, CodeState.REVOKED)
    ]
    shown.append(("replaced", _token(state=StickerState.REPLACED)))
    found = [(what, token) for what, token in shown if token is not None]
    if found:
        token = found[0][1]
        found.append(("forged", token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]))
    return found


def _token(*conditions: sa.ColumnElement[bool], state: StickerState = StickerState.VALID) -> str | None:
    statement = (
        sa.select(Sticker.token).where(Sticker.state == state, *conditions).order_by(Sticker.id).limit(1)
    )
    return db.session.scalar(statement)
