"""Reading a consumer's account and what it keeps together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webapp.complaints.models import Complaint
from webapp.core import clock, policy
from webapp.core.db import db
from webapp.core.secrets import keyed_hash
from webapp.ratings import operations as ratings
from webapp.ratings.models import Rating
from webapp.tips.models import Tip

from .models import Consumer, ConsumerRating, ConsumerSession, ConsumerShop
from .rules import Kept, Way


def phone_key(phone: str) -> str:
    """By what a phone (E.164) is found: the hash that complaints and tips carry."""
    return keyed_hash("phone", phone)


def wechat_key(app_id: str, openid: str) -> str:
    """By what a WeChat is found: an openid means something together with its app only."""
    return keyed_hash("wechat", f"{app_id}|{openid}")


def token_hash(token: str) -> str:
    """What a cookie's token is looked up by."""
    return keyed_hash("consumer-session", token)


def by_way(way: Way, key: str) -> Consumer | None:
    """The account that a phone or WeChat opens, or None."""
    column = Consumer.phone_hash if way is Way.PHONE else Consumer.wechat_hash
    return db.session.scalar(sa.select(Consumer).where(column == key))


def of_token(token: str, now: datetime) -> tuple[Consumer, ConsumerSession] | None:
    """The account signed in with a cookie's token, and its session; None when ended or expired."""
    statement = (
        sa.select(Consumer, ConsumerSession)
        .join(ConsumerSession, ConsumerSession.consumer_id == Consumer.id)
        .where(ConsumerSession.token_hash == token_hash(token), ConsumerSession.expires_at > now)
    )
    found = db.session.execute(statement).tuples().first()
    return (found[0], found[1]) if found else None


def sessions_of(consumer_id: int, now: datetime) -> list[ConsumerSession]:
    """The browsers in which the account is signed in, the newest first."""
    mine = (ConsumerSession.consumer_id == consumer_id, ConsumerSession.expires_at > now)
    return list(
        db.session.scalars(sa.select(ConsumerSession).where(*mine).order_by(ConsumerSession.id.desc()))
    )


# --- complaints and tips ----------------------------------------------------------------------------------------------


def cases_page(phone_hash: str, number: int, size: int) -> tuple[list[Complaint], list[Tip], int]:
    """Page `number` (from 1) of the complaints and tips with this phone, the newest first, and how many there are.

    What was sent by one form has one moment, so it stands together unless a page ends between.
    """
    kind = sa.literal_column
    both = sa.union_all(
        sa.select(kind("0").label("kind"), Complaint.id.label("id"), Complaint.received_at.label("at")).where(
            Complaint.contact_phone_hash == phone_hash
        ),
        sa.select(kind("1").label("kind"), Tip.id.label("id"), Tip.received_at.label("at")).where(
            Tip.reporter_phone_hash == phone_hash
        ),
    ).subquery()
    total = int(db.session.scalar(sa.select(sa.func.count()).select_from(both)) or 0)
    number = min(number, max(1, -(-total // size)))
    asked = (
        sa.select(both.c.kind, both.c.id)
        .order_by(both.c.at.desc(), both.c.kind, both.c.id.desc())
        .limit(size)
        .offset((number - 1) * size)
    )
    rows = db.session.execute(asked).tuples().all()
    return (
        _by_id(Complaint, [key for kind_, key in rows if int(kind_) == 0]),
        _by_id(Tip, [key for kind_, key in rows if int(kind_) == 1]),
        total,
    )


def _by_id(model: Any, ids: Collection[int]) -> list[Any]:
    if not ids:
        return []
    return list(db.session.scalars(sa.select(model).where(model.id.in_(ids)).order_by(model.id.desc())))


# --- ratings ----------------------------------------------------------------------------------------------------------


def ratings_of(consumer: Consumer, device: str | None, now: datetime) -> sa.Select[tuple[Rating]]:
    """The account's ratings for paging, newest first: those put into it, those after its phone's complaints, and those
    of this browser (`device`: its mark) that are not another account's.
    """
    mine = sa.select(ConsumerRating.rating_id).where(ConsumerRating.consumer_id == consumer.id)
    others = sa.select(ConsumerRating.rating_id).where(ConsumerRating.consumer_id != consumer.id)
    found = sa.and_(sa.or_(*_told_by(consumer, device, now)), Rating.id.not_in(others))
    statement = sa.select(Rating).where(sa.or_(Rating.id.in_(mine), found))
    return statement.order_by(Rating.created_at.desc(), Rating.id.desc())


def unclaimed(consumer: Consumer, device: str | None, now: datetime) -> list[int]:
    """Ratings of this browser and of the phone's complaints that are in nobody's account yet."""
    taken = sa.select(ConsumerRating.rating_id)
    told = sa.or_(*_told_by(consumer, device, now))
    return list(
        db.session.scalars(sa.select(Rating.id).where(told, Rating.id.not_in(taken)).order_by(Rating.id))
    )


def _told_by(consumer: Consumer, device: str | None, now: datetime) -> list[sa.ColumnElement[bool]]:
    told: list[sa.ColumnElement[bool]] = [sa.false()]
    if device:
        days = timedelta(days=policy.get_int("rating.mark_days", clock.day_of(now)))
        marks = {ratings.mark_of(device, at) for at in (now, now - days)}
        told.append(Rating.device_mark.in_(marks))
    if consumer.phone_hash:
        complaints = sa.select(Complaint.id, Complaint.shop_id).where(
            Complaint.contact_phone_hash == consumer.phone_hash
        )
        keys = [ratings.complaint_key(*row) for row in db.session.execute(complaints.limit(500)).tuples()]
        told.append(Rating.complaint_hash.in_(keys))
    return told


# --- shops ------------------------------------------------------------------------------------------------------------


def kept_shops(consumer_id: int) -> dict[int, Kept]:
    """The account's list by shop number, those taken out included."""
    rows = db.session.scalars(sa.select(ConsumerShop).where(ConsumerShop.consumer_id == consumer_id))
    return {row.shop_number: Kept(row.name, row.place, int(row.at.timestamp()), row.gone) for row in rows}


def shops_of(consumer_id: int) -> sa.Select[tuple[ConsumerShop]]:
    """The shops kept, for paging, the newest first."""
    mine = (ConsumerShop.consumer_id == consumer_id, ConsumerShop.gone.is_(False))
    return sa.select(ConsumerShop).where(*mine).order_by(ConsumerShop.at.desc(), ConsumerShop.shop_number)
