"""Issuing, suspending, replacing and withdrawing stickers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from qrservice import Payload
from qrservice import issue as sign_token
from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.steps import permit
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop

from . import queries
from .keys import store
from .models import Sticker, StickerPlace, StickerState
from .rules import AT_ONCE_MAX, ISSUERS, REASONS, SERIAL_MAX, STANDING, STEPS

NOTE_LONGEST = 200


def issue(shop_id: int, place: StickerPlace, actor: Actor, now: datetime, spot: str = "") -> Sticker:
    """Sign a new sticker with the shop's next serial. Serials are never used twice. `spot` is the place's free label.

    Who may ask for it, the caller has checked. Raises Conflict (``serials_used_up``) and NoSigningKey.
    """
    last = _lock_serials(shop_id)
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
        spot=spot,
        state=StickerState.VALID,
        issued_at=now,
    )
    db.session.add(sticker)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("already_done") from error
    audit.record(
        actor,
        "sticker.issue",
        "sticker",
        sticker.id,
        now=now,
        shop_id=shop_id,
        new={"serial": sticker.serial, "kid": sticker.kid, "place": place.value}
        | ({"spot": spot} if spot else {}),
    )
    return sticker


def request(
    shop_id: int,
    place: StickerPlace,
    count: int,
    actor: Actor,
    now: datetime,
    known_serial: int | None = None,
    spots: tuple[str, ...] = (),
) -> list[Sticker]:
    """`count` more stickers for a place, for the shop's own people or an officer; only while its code is active.

    `spots` are the labels of each, as many as `count`, or none. `known_serial` is the highest serial that the page
    showed: Conflict when there are newer ones (the form was sent twice). Raises Invalid (``sticker_count``,
    ``too_many_stickers``).
    """
    permit(actor, ISSUERS, get_shop(shop_id).scope)
    _check_active(shop_id)
    if not 1 <= count <= AT_ONCE_MAX:
        raise Invalid("sticker_count", field="count", most=AT_ONCE_MAX)
    last = _lock_serials(shop_id)
    if known_serial is not None and known_serial != last:
        raise Conflict("stickers_changed")
    _check_room(shop_id, count, now)
    feed.publish("sticker.request", now=now, shop_id=shop_id)
    return [issue(shop_id, place, actor, now, spot) for spot in spots or ("",) * count]


def replace(shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str = "") -> Sticker:
    """Issue a successor and kill the old one, which then says that it was replaced, and why.

    `reason` is of ``REPLACE_REASONS``; ``other`` wants a `note`. Only while the shop's code is active.
    """
    old, target = _permitted(shop_id, serial, "replace", reason, note, actor)
    _check_active(shop_id)
    new = issue(shop_id, old.place, actor, now, old.spot)
    old.replaced_by_serial = new.serial
    _move(old, target, "replace", reason, note, actor, now)
    return new


def report_lost(
    shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str = ""
) -> Sticker:
    """The paper is gone: whoever scans it from now on is told so. `reason` is of ``LOST_REASONS``."""
    return _take("report_lost", shop_id, serial, reason, actor, now, note)


def destroy(shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str = "") -> Sticker:
    """The paper was done away with, or never hung. `reason` is of ``DESTROY_REASONS``."""
    return _take("destroy", shop_id, serial, reason, actor, now, note)


def suspend(shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str = "") -> Sticker:
    """This paper alone is not to be believed for the time being. `reason` is of ``SUSPEND_REASONS``."""
    return _take("suspend", shop_id, serial, reason, actor, now, note)


def resume(shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str = "") -> Sticker:
    """The check found nothing against a suspended paper: it is valid again. `reason` is of ``RESUME_REASONS``."""
    return _take("resume", shop_id, serial, reason, actor, now, note)


def retire_all(shop_id: int, reason: str, actor: Actor, now: datetime) -> int:
    """Make all standing stickers worthless (a new code begins with new serials); returns how many there were."""
    gone = [sticker for sticker in queries.of_shop(shop_id) if sticker.state in STANDING]
    for sticker in gone:
        _move(sticker, StickerState.DESTROYED, "destroy", reason, "", actor, now)
    return len(gone)


def note_download(shop_id: int, serial: int, form: str, actor: Actor, now: datetime) -> None:
    """Write down that an officer or the shop's people took a sticker away as a file to print."""
    audit.record(
        actor,
        "sticker.download",
        "sticker",
        queries.get(shop_id, serial).id,
        now=now,
        shop_id=shop_id,
        new={"serial": serial, "form": form},
    )


def note_downloads(shop_id: int, serials: Iterable[int], form: str, actor: Actor, now: datetime) -> None:
    """The same of many stickers of a shop in one file."""
    for serial in serials:
        note_download(shop_id, serial, form, actor, now)


# --- guards -----------------------------------------------------------------------------------------------------------


def _check_active(shop_id: int) -> None:
    code = queries.code_of(shop_id)
    if not code.is_active:
        raise Conflict(f"code_not_active_{code.state or 'none'}")


def _check_room(shop_id: int, count: int, now: datetime) -> None:
    most = policy.get_int("sticker.max_valid", clock.day_of(now))
    valid = sum(sticker.state in STANDING for sticker in queries.of_shop(shop_id))
    if valid + count > most:
        raise Invalid("too_many_stickers", field="count", most=most, valid=valid)


def _permitted(
    shop_id: int, serial: int, action: str, reason: str, note: str, actor: Actor
) -> tuple[Sticker, StickerState]:
    """The sticker, held, and the state that the step leads to, if this actor may take it for this reason."""
    if reason not in REASONS[action]:
        raise Invalid("sticker_reason", field="reason")
    if reason == "other" and not note.strip():
        raise Invalid("reason_required", field="note")
    if len(note) > NOTE_LONGEST:
        raise Invalid("reason_too_long", field="note", most=NOTE_LONGEST)
    sticker = _lock(shop_id, serial)
    step = STEPS.check(sticker.state, action, actor, get_shop(shop_id).scope, reason)
    return sticker, step.target


def _lock_serials(shop_id: int) -> int:
    """Hold the shop's serials until the transaction ends; the highest one so far.

    Two at once do not draw the same one (SQLite has one writer anyway). NO KEY UPDATE: rows that only refer to the
    shop, a complaint say, need not wait.
    """
    db.session.execute(sa.select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))
    return queries.last_serial(shop_id)


def _lock(shop_id: int, serial: int) -> Sticker:
    """The sticker as it stands now. Serials first, as in :func:`issue`, so that two never wait for each other."""
    _lock_serials(shop_id)
    return queries.get(shop_id, serial, fresh=True)


# --- the change -------------------------------------------------------------------------------------------------------


def _take(
    action: str, shop_id: int, serial: int, reason: str, actor: Actor, now: datetime, note: str
) -> Sticker:
    sticker, target = _permitted(shop_id, serial, action, reason, note, actor)
    _move(sticker, target, action, reason, note, actor, now)
    return sticker


def _move(
    sticker: Sticker, state: StickerState, action: str, reason: str, note: str, actor: Actor, now: datetime
) -> None:
    before, sticker.state = sticker.state, state
    if state is StickerState.VALID:
        sticker.ended_at, sticker.ended_reason = None, None
    else:
        sticker.ended_at, sticker.ended_reason = now, note.strip() if reason == "other" else reason
    new: dict[str, Any] = {"state": state.value, "serial": sticker.serial}
    if sticker.replaced_by_serial:
        new["replaced_by_serial"] = sticker.replaced_by_serial
    audit.record(
        actor,
        f"sticker.{action}",
        "sticker",
        sticker.id,
        now=now,
        shop_id=sticker.shop_id,
        old={"state": before.value},
        new=new,
        reason_code=reason,
        reason=note.strip() or None,
    )
    feed.publish(f"sticker.{action}", now=now, shop_id=sticker.shop_id, serial=sticker.serial)
