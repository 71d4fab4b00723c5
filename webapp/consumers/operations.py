"""Signing consumers in and out, linking phone and WeChat, keeping shops and ratings together, erasing."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError

from webapp import audit
from webapp.complaints import telling as complaints
from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.language import Language
from webapp.tips import telling as tips

from . import queries, rules
from .models import Consumer, ConsumerRating, ConsumerSession, ConsumerShop
from .rules import Link, Way

#: Accounts erased in one transaction of the job; it comes again.
AT_ONCE: Final = 200


def enter(way: Way, key: str, phone: str | None, now: datetime) -> tuple[Consumer, bool]:
    """The account that a proved phone or WeChat opens, and True when it was made just now.

    `key` is the way's keyed hash, `phone` the number itself (E.164) when it is the way.
    """
    if (found := queries.by_way(way, key)) is not None:
        found.seen_at = now
        return found, False
    made = Consumer(created_at=now, seen_at=now)
    _give(made, way, key, phone)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:  # the same sign-in in another request
        if (found := queries.by_way(way, key)) is None:
            raise
        return found, False
    audit.record(CONSUMER, "consumer.join", "consumer", made.id, now=now, new={"way": way.value})
    return made, True


def begin(consumer: Consumer, device: str, now: datetime) -> str:
    """Sign a browser in; returns the token for its cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    days = policy.get_int("consumer.session_days", clock.day_of(now))
    db.session.add(
        ConsumerSession(
            token_hash=queries.token_hash(token),
            consumer_id=consumer.id,
            created_at=now,
            expires_at=now + timedelta(days=days),
            device=device,
        )
    )
    return token


def write_in(consumer: Consumer, language: Language, now: datetime) -> None:
    """From now on write to the person in `language`, also about what was filed with the phone before."""
    filed = 0
    if consumer.phone_hash:
        filed += complaints.write_in(consumer.phone_hash, language)
        filed += tips.write_in(consumer.phone_hash, language)
    if filed or consumer.language is not language:
        consumer.language = language
        audit.record(CONSUMER, "consumer.language_changed", "consumer", consumer.id, now=now)


def end(token: str) -> None:
    """Sign the browser out; nothing happens when it was already."""
    mine = ConsumerSession.token_hash == queries.token_hash(token)
    db.session.execute(sa.delete(ConsumerSession).where(mine))


def end_others(consumer: Consumer, session_id: int) -> int:
    """Sign the account out everywhere but in this browser; returns how many."""
    others = sa.delete(ConsumerSession).where(
        ConsumerSession.consumer_id == consumer.id, ConsumerSession.id != session_id
    )
    return _rows(others)


def link(consumer: Consumer, way: Way, key: str, phone: str | None, now: datetime) -> Link:
    """Add a phone or WeChat that was just proved; an account with only that is merged.

    Raises Conflict ``consumer_has_another`` (that is taken off first), ``consumer_taken`` (it opens another account
    that has the other way too).
    """
    found = queries.by_way(way, key)
    outcome = rules.link(consumer.ways, way, key, found.ways if found else None)
    if outcome is Link.ALREADY:
        return outcome
    if outcome is Link.ANOTHER:
        raise Conflict("consumer_has_another", way=way.value)
    if outcome is Link.TAKEN:
        raise Conflict("consumer_taken", way=way.value)
    if found is not None:
        _absorb(consumer, found, now)
    _give(consumer, way, key, phone)
    audit.record(CONSUMER, "consumer.link", "consumer", consumer.id, now=now, new={"way": way.value})
    return outcome


def unlink(consumer: Consumer, way: Way, now: datetime) -> None:
    """Take a way in off. Raises Conflict ``consumer_last_way`` for the only one."""
    if consumer.ways.of(way) is None:
        return
    if not rules.may_unlink(consumer.ways, way):
        raise Conflict("consumer_last_way")
    _give(consumer, way, None, None)
    audit.record(CONSUMER, "consumer.unlink", "consumer", consumer.id, now=now, old={"way": way.value})


def sync(consumer: Consumer, device: dict[int, rules.Kept], now: datetime) -> dict[int, rules.Kept]:
    """Put a device's list and the account's together, in the account; returns what the device is to have."""
    before = queries.kept_shops(consumer.id)
    after = rules.merged(before, device)
    for number in before.keys() - after.keys():
        gone = (ConsumerShop.consumer_id == consumer.id, ConsumerShop.shop_number == number)
        db.session.execute(sa.delete(ConsumerShop).where(*gone))
    for number, entry in after.items():
        if before.get(number) != entry:
            db.session.merge(_row(consumer.id, number, entry))
    consumer.seen_at = now
    return after


def drop_shop(consumer: Consumer, number: int, now: datetime) -> None:
    """Take a shop out of the list; the mark stays, so that other devices hear of it. Raises NotFound."""
    row = db.session.get(ConsumerShop, (consumer.id, number))
    if row is None:
        raise NotFound("no_such_thing")
    row.gone, row.at = True, max(now, row.at + timedelta(seconds=1))


def claim(consumer: Consumer, device: str | None, now: datetime) -> int:
    """Put this browser's ratings, and those after the phone's complaints, into the account; returns how many."""
    found = queries.unclaimed(consumer, device, now)
    db.session.add_all(ConsumerRating(rating_id=rating_id, consumer_id=consumer.id) for rating_id in found)
    return len(found)


def erase(consumer: Consumer, actor: Actor, now: datetime) -> None:
    """Erase the account (个人信息保护法 Art. 47). Complaints and tips have their own terms; ratings stay, unjoined."""
    consumer_id = consumer.id
    for model in (ConsumerSession, ConsumerShop, ConsumerRating):
        db.session.execute(sa.delete(model).where(model.consumer_id == consumer_id))
    db.session.delete(consumer)
    audit.record(actor, "consumer.erase", "consumer", consumer_id, now=now)
    db.session.flush()


def tidy(now: datetime) -> int:
    """Delete expired sessions; erase accounts unused for ``consumer.erase_days``; returns how many rows."""
    ended = _rows(sa.delete(ConsumerSession).where(ConsumerSession.expires_at < now))
    days = timedelta(days=policy.get_int("consumer.erase_days", clock.day_of(now)))
    signed_in = sa.select(ConsumerSession.consumer_id)
    idle = sa.select(Consumer).where(Consumer.seen_at < now - days, Consumer.id.not_in(signed_in))
    found = list(db.session.scalars(idle.order_by(Consumer.id).limit(AT_ONCE)))
    for consumer in found:
        erase(consumer, SYSTEM, now)
    return ended + len(found)


def _absorb(keep: Consumer, gone: Consumer, now: datetime) -> None:
    """Make `gone` part of `keep`: shops by the newer mark, ratings, signed-in browsers. Then it is no more."""
    sync(keep, queries.kept_shops(gone.id), now)
    for model in (ConsumerSession, ConsumerRating):
        moved = sa.update(model).where(model.consumer_id == gone.id).values(consumer_id=keep.id)
        db.session.execute(moved)
    db.session.execute(sa.delete(ConsumerShop).where(ConsumerShop.consumer_id == gone.id))
    audit.record(CONSUMER, "consumer.merge", "consumer", keep.id, now=now, old={"consumer": gone.id})
    db.session.delete(gone)
    db.session.flush()  # its hash must be free before the other account takes it


def _give(consumer: Consumer, way: Way, key: str | None, phone: str | None) -> None:
    if way is Way.WECHAT:
        consumer.wechat_hash = key
        return
    if key is not None and phone is None:
        raise Invalid("contact_phone_wrong", field="phone")
    consumer.phone_hash, consumer.phone = key, phone


def _row(consumer_id: int, number: int, entry: rules.Kept) -> ConsumerShop:
    at = datetime.fromtimestamp(entry.at, UTC)
    return ConsumerShop(
        consumer_id=consumer_id,
        shop_number=number,
        name=entry.name,
        place=entry.place,
        at=at,
        gone=entry.gone,
    )


def _rows(statement: Any) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
