"""Rating a shop, and the merchant's reply."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from webapp import audit, feed
from webapp.core import clock, policy, signals
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.secrets import keyed_hash
from webapp.core.steps import permit
from webapp.files import operations as files
from webapp.merchants.figures import count
from webapp.merchants.queries import get_shop
from webapp.merchants.scanning import EndedComplaint

from . import queries, rules
from .models import Origin, Rating, RatingOwnMark, RatingPhoto
from .rules import HEARTS, Raters

#: Owner of the photos (``webapp.files.access``).
FILE_OWNER: Final = "rating"
MARK_CHARS: Final = 32


def raters(device: str, shop_id: int, now: datetime, ended: EndedComplaint | None = None) -> Raters:
    """By what somebody is told from others: `device` is the random mark in the cookie, `ended` the own complaint."""
    span = _period(now)
    turn = f"{shop_id}:{span.days}:{span.number}"
    phone = complaint = None
    if ended is not None:
        complaint = complaint_key(ended.complaint_id, shop_id)
        if ended.phone_hash:
            phone = keyed_hash("rater", f"phone:{ended.phone_hash}:{turn}")
    device_hash = keyed_hash("rater", f"device:{device}:{turn}")
    return Raters(device_hash, phone, complaint, mark_of(device, now))


def complaint_key(complaint_id: int, shop_id: int) -> str:
    """By what the one rating after a complaint is found."""
    return keyed_hash("rater", f"complaint:{complaint_id}:{shop_id}")


def mark_of(device: str, now: datetime) -> str:
    """The mark that joins a device's ratings of several shops for the signals; another one in the next period."""
    day = clock.day_of(now)
    span = rules.period(day, policy.get_int("rating.mark_days", day))
    return keyed_hash("rater-mark", f"{device}:{span.days}:{span.number}")[:MARK_CHARS]


def next_rating_on(now: datetime) -> date:
    """The first day on which a device that has rated may rate again."""
    return _period(now).until


def rate(
    shop_id: int,
    marks: Mapping[str, int],
    text: str,
    origin: Origin,
    who: Raters,
    now: datetime,
    *,
    sticker_serial: int | None = None,
    file_ids: Sequence[int] = (),
    own_hand: bool = False,
) -> tuple[Rating, bool]:
    """Store a rating: `marks` 1..5 for each heart. Returns it and True; the former one and False when there is one.

    Raises NotFound for an unknown shop, Invalid with the field that is wrong.
    """
    get_shop(shop_id)
    said = _checked(marks, text)
    if len(file_ids) > policy.get_int("rating.photos_max", clock.day_of(now)):
        raise Invalid(
            "files_too_many", field="photos", most=policy.get_int("rating.photos_max", clock.day_of(now))
        )
    if (former := queries.find(shop_id, who)) is not None:
        return former, False
    rating = Rating(
        shop_id=shop_id,
        sticker_serial=sticker_serial,
        origin=origin,
        **{heart: marks[heart] for heart in HEARTS},
        text=said,
        rater_hash=who.device,
        phone_hash=who.phone,
        complaint_hash=who.complaint,
        device_mark=who.mark,
        own_hand=own_hand,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(rating)
    except IntegrityError:  # the same device was rating in another request
        if (former := queries.find(shop_id, who)) is None:
            raise
        return former, False
    files.attach(file_ids, FILE_OWNER, rating.id)
    db.session.add_all(RatingPhoto(rating_id=rating.id, file_id=file_id) for file_id in file_ids)
    db.session.flush()
    count_in(rating, 1)
    audit.record(
        CONSUMER,
        "rating.give",
        "rating",
        rating.id,
        now=now,
        shop_id=shop_id,
        new={heart: marks[heart] for heart in HEARTS},
    )
    feed.publish("rating.given", now=now, shop_id=shop_id)
    return rating, True


def count_in(rating: Rating, step: int) -> None:
    """Count a rating into its shop's public figures (1), or out of them (-1)."""
    count(
        rating.shop_id, ratings=step, **{f"hearts_{heart}": step * getattr(rating, heart) for heart in HEARTS}
    )
    signals.send(signals.shop_rated, shop_id=rating.shop_id)


def _checked(marks: Mapping[str, int], text: str) -> str:
    """The words, when they and the marks can be taken."""
    for heart in HEARTS:
        if not rules.LOWEST <= marks.get(heart, 0) <= rules.HIGHEST:
            raise Invalid("choose_hearts", field=heart, heart=heart)
    said = text.strip()
    if len(said) > rules.TEXT_MAX:
        raise Invalid("rating_too_long", field="text", most=rules.TEXT_MAX)
    return said


def note_own_browser(operator_ids: Collection[int], device: str | None, now: datetime) -> None:
    """An operator's own people answer ratings in this browser: praise of their own shops from it is no customer's."""
    for operator_id in operator_ids if device else ():
        mark = mark_of(device or "", now)
        if db.session.get(RatingOwnMark, (operator_id, mark)) is None:
            db.session.add(RatingOwnMark(operator_id=operator_id, mark=mark, seen_on=clock.day_of(now)))


def forget_marks(now: datetime) -> int:
    """Erase the marks of devices that are older than ``rating.mark_days``; returns how many. From then on nothing joins
    the ratings of one device.
    """
    day = clock.day_of(now)
    kept = timedelta(days=policy.get_int("rating.mark_days", day))
    old = sa.update(Rating).where(Rating.device_mark.is_not(None), Rating.created_at < now - kept)
    gone = db.session.execute(old.values(device_mark=None))
    db.session.execute(sa.delete(RatingOwnMark).where(RatingOwnMark.seen_on < day - kept))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def reply(rating_id: int, text: str, actor: Actor, now: datetime) -> Rating:
    """The merchant's one public reply; it may be mended for a day. Raises Forbidden, Invalid, Conflict."""
    rating = queries.get_locked(rating_id)
    permit(actor, frozenset({Role.MERCHANT}), rating.shop.scope)
    if rating.is_removed:
        raise Conflict("rating_is_removed")
    said = text.strip()
    if not said:
        raise Invalid("reply_empty", field="text")
    if len(said) > rules.REPLY_MAX:
        raise Invalid("reply_too_long", field="text", most=rules.REPLY_MAX)
    if said == rating.reply:
        return rating
    if not rules.may_mend_reply(rating.replied_at, now):
        raise Conflict("reply_fixed")
    is_first, before = rating.reply is None, rating.reply
    rating.reply, rating.replied_by_id = said, actor.account_id
    if is_first:
        rating.replied_at = now
    audit.record(
        actor,
        "rating.reply" if is_first else "rating.mend_reply",
        "rating",
        rating.id,
        now=now,
        shop_id=rating.shop_id,
        old=None if is_first else {"reply": rules.hide_numbers(before or "")},
        new={"reply": rules.hide_numbers(said)},
    )
    feed.publish("rating.replied", now=now, shop_id=rating.shop_id)
    return rating


def _period(now: datetime) -> rules.Period:
    day = clock.day_of(now)
    return rules.period(day, policy.get_int("rating.period_days", day))
