"""Rating a shop, and the merchant's reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from webapp import audit, feed
from webapp.core import clock, policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.secrets import keyed_hash
from webapp.core.steps import permit
from webapp.merchants.figures import count
from webapp.merchants.queries import get_shop

from . import queries, rules
from .models import Origin, Rating
from .rules import HEARTS


def rater_of_device(device: str, shop_id: int, now: datetime) -> str:
    """The keyed hash by which a device rates a shop once in a period. `device` is the random mark in its cookie."""
    span = _period(now)
    return keyed_hash("rater", f"device:{device}:{shop_id}:{span.days}:{span.number}")


def rater_of_complaint(complaint_id: int, shop_id: int) -> str:
    """The keyed hash by which the complainant rates the shop once after the complaint."""
    return keyed_hash("rater", f"complaint:{complaint_id}:{shop_id}")


def next_rating_on(now: datetime) -> date:
    """The first day on which a device that has rated may rate again."""
    return _period(now).until


def rate(
    shop_id: int,
    marks: Mapping[str, int],
    text: str,
    origin: Origin,
    rater_hash: str,
    now: datetime,
    *,
    sticker_serial: int | None = None,
) -> tuple[Rating, bool]:
    """Store a rating: `marks` 1..5 for each heart. Returns it and True; the former one and False when there is one.

    Raises NotFound for an unknown shop, Invalid with the field that is wrong.
    """
    get_shop(shop_id)
    for heart in HEARTS:
        if not rules.LOWEST <= marks.get(heart, 0) <= rules.HIGHEST:
            raise Invalid("choose_hearts", field=heart, heart=heart)
    said = text.strip()
    if len(said) > rules.TEXT_MAX:
        raise Invalid("rating_too_long", field="text", most=rules.TEXT_MAX)
    if (former := queries.find(shop_id, rater_hash)) is not None:
        return former, False
    rating = Rating(
        shop_id=shop_id,
        sticker_serial=sticker_serial,
        origin=origin,
        **{heart: marks[heart] for heart in HEARTS},
        text=said,
        rater_hash=rater_hash,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(rating)
    except IntegrityError:  # the same device was rating in another request
        if (former := queries.find(shop_id, rater_hash)) is None:
            raise
        return former, False
    count(shop_id, ratings=1, **{f"hearts_{heart}": marks[heart] for heart in HEARTS})
    feed.publish("rating.given", now=now, shop_id=shop_id)
    return rating, True


def reply(rating_id: int, text: str, actor: Actor, now: datetime) -> Rating:
    """The merchant's one public reply; it may be mended for a day. Raises Forbidden, Invalid, Conflict."""
    rating = queries.get_locked(rating_id)
    permit(actor, frozenset({Role.MERCHANT}), rating.shop.scope)
    said = text.strip()
    if not said:
        raise Invalid("reply_empty", field="text")
    if len(said) > rules.REPLY_MAX:
        raise Invalid("reply_too_long", field="text", most=rules.REPLY_MAX)
    if said == rating.reply:
        return rating
    if not rules.may_mend_reply(rating.replied_at, now):
        raise Conflict("reply_fixed")
    is_first = rating.reply is None
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
    )
    feed.publish("rating.replied", now=now, shop_id=rating.shop_id)
    return rating


def _period(now: datetime) -> rules.Period:
    day = clock.day_of(now)
    return rules.period(day, policy.get_int("rating.period_days", day))
