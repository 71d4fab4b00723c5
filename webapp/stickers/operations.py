"""Issuing and replacing stickers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from qrservice import Payload
from qrservice import issue as sign_token
from webapp import audit, feed
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.merchants.models import Shop

from . import queries
from .keys import store
from .models import Sticker, StickerPlace, StickerState

SERIAL_MAX = 65535


def issue(shop_id: int, place: StickerPlace, actor: Actor, now: datetime) -> Sticker:
    """Sign a new sticker with the shop's next serial. Serials are never used twice."""
    # The shop's row is locked so that two officers do not draw the same serial (SQLite has one writer anyway).
    db.session.execute(sa.select(Shop.id).where(Shop.id == shop_id).with_for_update())
    last = db.session.scalar(sa.select(sa.func.max(Sticker.serial)).where(Sticker.shop_id == shop_id)) or 0
    if last >= SERIAL_MAX:
        raise Conflict("serials_used_up")
    signer = store().signer()
    host = current_app.extensions["ydym.settings"].public_host
    token = sign_token(Payload(signer.kid, shop_id, last + 1), host, signer)
    sticker = Sticker(
        shop_id=shop_id,
        serial=last + 1,
        kid=signer.kid,
        token=token,
        place=place,
        state=StickerState.VALID,
        issued_at=now,
    )
    db.session.add(sticker)
    db.session.flush()
    audit.record(
        actor,
        "sticker.issue",
        "sticker",
        sticker.id,
        now=now,
        shop_id=shop_id,
        new={"serial": sticker.serial, "place": place.value},
    )
    return sticker


def replace(shop_id: int, serial: int, reason: str, actor: Actor, now: datetime) -> Sticker:
    """Issue a successor and kill the old one, which then says that it was replaced, and why."""
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    old = queries.get(shop_id, serial)
    if old.state is not StickerState.VALID:
        raise Conflict("sticker_not_valid")
    new = issue(shop_id, old.place, actor, now)
    old.state, old.ended_at, old.ended_reason, old.replaced_by_serial = (
        StickerState.REPLACED,
        now,
        reason,
        new.serial,
    )
    _announce(old, "sticker.replace", reason, actor, now)
    return new


def withdraw(
    shop_id: int, serial: int, state: StickerState, reason: str, actor: Actor, now: datetime
) -> Sticker:
    """Declare a sticker lost or destroyed; it is worth nothing from then on."""
    if state not in {StickerState.LOST, StickerState.DESTROYED}:
        raise Invalid("sticker_state")
    if not reason.strip():
        raise Invalid("reason_required", field="reason")
    sticker = queries.get(shop_id, serial)
    if sticker.state is not StickerState.VALID:
        raise Conflict("sticker_not_valid")
    sticker.state, sticker.ended_at, sticker.ended_reason = state, now, reason
    _announce(sticker, "sticker.withdraw", reason, actor, now)
    return sticker


def _announce(sticker: Sticker, action: str, reason: str, actor: Actor, now: datetime) -> None:
    audit.record(
        actor,
        action,
        "sticker",
        sticker.id,
        now=now,
        shop_id=sticker.shop_id,
        old={"state": StickerState.VALID.value},
        new={"state": sticker.state.value, "serial": sticker.serial},
        reason=reason,
    )
    feed.publish(action, now=now, shop_id=sticker.shop_id, serial=sticker.serial)
