"""Looking for ratings that were made up, and the officers' work on what is found. A signal changes no rating."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid

from . import records, signals
from .models import Rating, RatingSignal
from .moderation import REASON_LONGEST
from .rules import HEARTS
from .signals import STEPS, Finding, Limits, Seen, SignalKind, SignalState

_BATCH = 500


def limits_on(now: datetime) -> Limits:
    """The values in force; raises NoPolicy when one has none."""
    values = policy.get_ints(signals.POLICIES, clock.day_of(now))
    return Limits(**{key.removeprefix("rating."): value for key, value in values.items()})


def watch(now: datetime) -> int:
    """Look at the shops that were rated lately; returns how many signals were raised or grew."""
    limits = limits_on(now)
    recent = now - timedelta(days=limits.signal_days)
    # A ring is looked for over the days in which marks may be joined at most; bursts need the usual number before.
    far = recent - timedelta(days=limits.burst_usual_days, hours=limits.burst_hours)
    shops = list(db.session.scalars(sa.select(Rating.shop_id).where(Rating.created_at > recent).distinct()))
    found: list[Finding] = list(_rings(far, recent, limits))
    for start in range(0, len(shops), _BATCH):
        by_shop: dict[int, list[Seen]] = defaultdict(list)
        for one in _seen(Rating.shop_id.in_(shops[start : start + _BATCH]), Rating.created_at > far):
            by_shop[one.shop_id].append(one)
        for seen in by_shop.values():
            found += [
                one
                for one in (signals.burst(seen, now, limits), signals.self_praise(seen, now, limits))
                if one is not None
            ]
    return sum(_raise(one, now) for one in found)


def _rings(far: datetime, recent: datetime, limits: Limits) -> Iterable[Finding]:
    """Rings of which something is new. Only devices that rated several shops are read."""
    several = (
        sa.select(Rating.device_mark)
        .where(Rating.created_at > far, Rating.device_mark.is_not(None))
        .group_by(Rating.device_mark)
        .having(sa.func.count(Rating.shop_id.distinct()) >= limits.ring_shops)
    )
    seen = list(_seen(Rating.device_mark.in_(several), Rating.created_at > far))
    fresh = {one.id for one in seen if one.at > recent}
    return [one for one in signals.rings(seen, limits) if fresh & set(one.ratings)]


def _seen(*conditions: sa.ColumnElement[bool]) -> Iterable[Seen]:
    total = sum((getattr(Rating, heart) for heart in HEARTS), start=sa.literal(0))
    columns = (
        Rating.id,
        Rating.shop_id,
        Rating.created_at,
        total,
        Rating.text,
        Rating.device_mark,
        Rating.own_hand,
    )
    standing = sa.select(*columns).where(Rating.removed_at.is_(None), *conditions).order_by(Rating.id)
    return [Seen(*row) for row in db.session.execute(standing)]


def _raise(found: Finding, now: datetime) -> bool:
    """Open a task, or add to the one that stands; nothing when officers have judged these ratings already."""
    mine = sa.select(RatingSignal).where(
        RatingSignal.shop_id == found.shop_id, RatingSignal.kind == found.kind
    )
    former = list(db.session.scalars(mine))
    judged = {one for signal in former if signal.state is not SignalState.OPEN for one in signal.rating_ids}
    if set(found.ratings) <= judged:
        return False
    standing = next((signal for signal in former if signal.state is SignalState.OPEN), None)
    if standing is None:
        standing = RatingSignal(
            shop_id=found.shop_id,
            kind=found.kind,
            state=STEPS.first,
            since=found.since,
            found_at=now,
            latest_at=now,
            facts=found.facts,
            rating_ids=list(found.ratings),
        )
        db.session.add(standing)
        db.session.flush()
        _record(standing, "raise", SYSTEM, now)
        return True
    if set(found.ratings) <= set(standing.rating_ids):
        return False
    standing.rating_ids = sorted({*standing.rating_ids, *found.ratings})
    standing.facts, standing.since, standing.latest_at = found.facts, found.since, now
    db.session.flush()
    return True


def decide(
    signal_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int
) -> RatingSignal:
    """An officer has handled it, dismisses it, or takes it up again. Raises Conflict, Forbidden, Invalid."""
    signal = records.get_signal(signal_id)
    if signal.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(signal.state, action, actor, signal.shop.scope, reason)
    said = reason.strip()
    if len(said) > REASON_LONGEST:
        raise Invalid("rating_too_long", field="reason", most=REASON_LONGEST)
    if action == "reopen" and records.open_signal(signal.shop_id, signal.kind) is not None:
        raise Conflict("rating_signal_open")
    before, signal.state = signal.state, step.target
    ended = step.target is not SignalState.OPEN
    signal.ended_at, signal.ended_by_id = (now, actor.account_id) if ended else (None, None)
    signal.reason = said if ended else None
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
    _record(signal, action, actor, now, before, said)
    return signal


def _record(
    signal: RatingSignal,
    action: str,
    actor: Actor,
    now: datetime,
    before: SignalState | None = None,
    reason: str = "",
) -> None:
    audit.record(
        actor,
        f"rating_signal.{action}",
        "rating_signal",
        signal.id,
        now=now,
        shop_id=signal.shop_id,
        old=None if before is None else {"state": before.value},
        new={"state": signal.state.value, "kind": SignalKind(signal.kind).value},
        reason=reason or None,
    )
