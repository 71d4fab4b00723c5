"""The red list's nominations: rules go over the shops, an officer proposes, another confirms. No commits.

A nomination is no entry: it is what an officer sees with the counts by which it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from webapp import audit
from webapp.codes.models import TrustCode
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.complaints.models import Complaint
from webapp.complaints.queries import unanswered_past
from webapp.complaints.rules import ComplaintState
from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.listings import operations as listings
from webapp.listings.models import Listing
from webapp.listings.rules import STANDING, Colour
from webapp.merchants.models import Shop, ShopFigures
from webapp.ratings.rules import HEARTS
from webapp.web import slots

from . import queries
from .models import Nomination
from .rules import NOMINATION_STEPS, NominationState, RedRules, ShopRecord, deserves

#: Shops that one turn of the job looks at.
BATCH = 500
#: Pledges of the catalogue (commitments/catalogue.toml) that promise to take goods back.
RETURN_PLEDGES = ("return_7_days", "cross_shop_return")


def red_rules(day: date) -> RedRules:
    """The policy values that nominate."""
    keys = ("min_ratings", "min_mean_tenths", "min_days", "max_unresolved")
    found = policy.get_ints([f"red.{key}" for key in keys], day)
    return RedRules(**{key: found[f"red.{key}"] for key in keys})


def nominate(now: datetime) -> int:
    """Nominate every shop that fulfils the rules, and let go of those that do no longer; returns how many changed."""
    day = clock.day_of(now)
    rules, changed, last = red_rules(day), 0, 0
    while batch := _candidates(last, rules):
        last = batch[-1].id
        for shop_id, record in records([shop.id for shop in batch], now).items():
            changed += _settle(shop_id, record, rules, now)
    return changed + _lapse(rules, now)


def take(shop_id: int, summary: str, evidence: str, ground: str, actor: Actor, now: datetime) -> Listing:
    """An officer makes the nomination a proposal for the red list; a second one confirms it there."""
    nomination = queries.get_nomination(shop_id)
    step = NOMINATION_STEPS.check(nomination.state, "take", actor, nomination.shop.scope)
    record = records([shop_id], now).get(shop_id)
    if record is None or ground not in deserves(record, red_rules(clock.day_of(now))):
        raise Conflict("nomination_lapsed")
    listing = listings.propose(shop_id, Colour.RED, ground, evidence, summary, None, actor, now)
    _close(nomination, step.target, actor, now)
    audit.record(
        actor, "nomination.take", "nomination", shop_id, now=now, shop_id=shop_id, new=nomination.facts
    )
    return listing


def decline(shop_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Not now, with a reason; it is nominated again when its facts have changed."""
    nomination = queries.get_nomination(shop_id)
    step = NOMINATION_STEPS.check(nomination.state, "decline", actor, nomination.shop.scope, reason)
    _close(nomination, step.target, actor, now)
    nomination.reason = reason.strip()[:500]
    audit.record(
        actor, "nomination.decline", "nomination", shop_id, now=now, shop_id=shop_id, reason=reason.strip()
    )


def records(shop_ids: Sequence[int], now: datetime) -> dict[int, ShopRecord]:
    """What is counted of each shop with an active code over the period, in a fixed number of queries."""
    day = clock.day_of(now)
    since = now - timedelta(days=policy.get_int("red.period_days", day))
    figures = {
        row.shop_id: row
        for row in db.session.scalars(sa.select(ShopFigures).where(ShopFigures.shop_id.in_(shop_ids)))
    }
    issued = _pairs(
        sa.select(TrustCode.shop_id, sa.func.max(TrustCode.issued_at)).where(
            TrustCode.shop_id.in_(shop_ids), TrustCode.state == "active"
        ),
        TrustCode.shop_id,
    )
    unresolved = _counts(shop_ids, since, Complaint.state == ComplaintState.CLOSED)
    late = _counts(
        shop_ids,
        since,
        sa.or_(
            Complaint.first_answered_at > Complaint.answer_due_at,
            sa.and_(Complaint.first_answered_at.is_(None), Complaint.answer_due_at < now),
        ),
    )
    broken = _counts(shop_ids, since, Complaint.state == ComplaintState.CLOSED, Complaint.topic == "refund")
    black = _pairs(
        sa.select(Listing.shop_id, sa.func.count()).where(
            Listing.shop_id.in_(shop_ids),
            Listing.colour == Colour.BLACK,
            sa.or_(Listing.state.in_(STANDING), Listing.published_at >= since),
        ),
        Listing.shop_id,
    )
    pledged = set(
        db.session.scalars(
            sa.select(Commitment.shop_id)
            .join(CommitmentTemplate, CommitmentTemplate.id == Commitment.template_id)
            .where(
                Commitment.shop_id.in_(shop_ids),
                Commitment.withdrawn_at.is_(None),
                CommitmentTemplate.code.in_(RETURN_PLEDGES),
            )
        )
    )
    found = {}
    for shop_id, issued_at in issued.items():
        row = figures.get(shop_id)
        total = 0 if row is None else sum(int(getattr(row, f"hearts_{heart}")) for heart in HEARTS)
        ratings = 0 if row is None else row.ratings
        found[shop_id] = ShopRecord(
            ratings=ratings,
            mean=total / (ratings * len(HEARTS)) if ratings else None,
            days_active=(day - clock.day_of(issued_at)).days,
            unresolved=unresolved.get(shop_id, 0),
            late=late.get(shop_id, 0),
            black_entries=black.get(shop_id, 0),
            return_pledged=shop_id in pledged,
            returns_broken=broken.get(shop_id, 0),
        )
    return found


def repair_checks(shop: Shop) -> list[Check]:
    """Slot ``repair.checks``: whoever owes consumers an answer is not repaired yet."""
    statement = sa.select(sa.func.count()).where(Complaint.shop_id == shop.id, unanswered_past(clock.now()))
    late = int(db.session.scalar(statement) or 0)
    return [Check("complaints", CheckResult.FAILED if late else CheckResult.PASSED, {"count": late})]


# --- parts ------------------------------------------------------------------------------------------------------------


def _candidates(after: int, rules: RedRules) -> list[Shop]:
    """Shops with enough ratings that are vouched for and not on a list, by number."""
    active = slots.collect(current_app, "shop.vouched") or [sa.false()]
    statement = (
        sa.select(Shop)
        .join(ShopFigures, ShopFigures.shop_id == Shop.id)
        .where(
            Shop.id > after,
            ShopFigures.ratings >= rules.min_ratings,
            *active,
            ~sa.exists().where(Listing.shop_id == Shop.id, Listing.state.in_(STANDING)),
        )
    )
    return list(db.session.scalars(statement.order_by(Shop.id).limit(BATCH)))


def _settle(shop_id: int, record: ShopRecord, rules: RedRules, now: datetime) -> int:
    grounds = deserves(record, rules)
    nomination = db.session.get(Nomination, shop_id)
    if not grounds:
        return 0
    facts = _facts(record, grounds)
    if nomination is None:
        db.session.add(Nomination(shop_id=shop_id, facts=facts, nominated_at=now))
        return 1
    if nomination.state is NominationState.OPEN or nomination.facts["ratings"] == facts["ratings"]:
        return 0
    nomination.state, nomination.facts, nomination.nominated_at = NominationState.OPEN, facts, now
    nomination.decided_by_id = nomination.decided_at = nomination.reason = None
    return 1


def _lapse(rules: RedRules, now: datetime) -> int:
    """Open nominations whose shop fulfils the rules no more."""
    waiting = list(db.session.scalars(sa.select(Nomination).where(Nomination.state == NominationState.OPEN)))
    known = records([one.shop_id for one in waiting], now)
    gone = [one for one in waiting if one.shop_id not in known or not deserves(known[one.shop_id], rules)]
    for nomination in gone:
        nomination.state, nomination.decided_at = NominationState.LAPSED, now
    return len(gone)


def _facts(record: ShopRecord, grounds: tuple[str, ...]) -> dict[str, Any]:
    return {
        "ratings": record.ratings,
        "mean": None if record.mean is None else round(record.mean, 2),
        "days_active": record.days_active,
        "unresolved": record.unresolved,
        "late": record.late,
        "return_pledged": record.return_pledged,
        "grounds": list(grounds),
    }


def _close(nomination: Nomination, state: NominationState, actor: Actor, now: datetime) -> None:
    nomination.state, nomination.decided_by_id, nomination.decided_at = state, actor.account_id, now


def _counts(shop_ids: Sequence[int], since: datetime, *conditions: sa.ColumnElement[bool]) -> dict[int, int]:
    statement = sa.select(Complaint.shop_id, sa.func.count()).where(
        Complaint.shop_id.in_(shop_ids), Complaint.received_at >= since, *conditions
    )
    return _pairs(statement, Complaint.shop_id)


def _pairs(statement: sa.Select[Any], key: Any) -> dict[int, Any]:
    return dict(db.session.execute(statement.group_by(key)).tuples().all())
