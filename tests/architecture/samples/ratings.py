"""Ratings, reports of them, decisions on them, and signals."""

from __future__ import annotations

from secrets import token_hex

from tests.factories.accounts import make_officer
from tests.factories.files import make_file
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.files.operations import attach
from webapp.ratings.models import HEARTS, Origin, Rating, RatingCase, RatingPhoto, RatingSignal
from webapp.ratings.moderation import CaseState
from webapp.ratings.signals import SignalKind, SignalState

from .codes import vouched
from .world import Maker, World, fixed


def rate(world: World) -> int:
    """A rating of the shop by somebody new."""
    row = Rating(
        shop_id=world.shop.id,
        origin=Origin.SCAN,
        rater_hash=token_hex(32),
        created_at=clock.now(),
        **dict.fromkeys(HEARTS, 5),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _public_rating(world: World) -> int:
    vouched(world)
    return rate(world)


def _rating_photo(world: World) -> int:
    file, rating_id = make_file(), rate(world)
    world.made["rating_id"] = rating_id  # comes after the file in the address' alphabet
    attach([file.id], "rating", rating_id)
    db.session.add(RatingPhoto(rating_id=rating_id, file_id=file.id))
    db.session.flush()
    return file.id


def _rating_case(world: World) -> int:
    row = RatingCase(
        rating_id=rate(world),
        state=CaseState.PROPOSED,
        ground="privacy",
        reason="写了店员的电话",
        proposed_by_id=make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id,
        proposed_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _rating_signal(world: World) -> int:
    row = RatingSignal(
        shop_id=world.shop.id,
        kind=SignalKind.SELF,
        state=SignalState.OPEN,
        since=clock.now(),
        found_at=clock.now(),
        latest_at=clock.now(),
        facts={"own": 1, "alike": 0},
        rating_ids=[rate(world)],
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _removed_rating(world: World) -> int:
    vouched(world)
    case = db.session.get_one(RatingCase, _rating_case(world))
    officer = make_officer(Role.BUREAU_OFFICER, world.shop.region_code[:6]).id
    case.state, case.decided_by_id, case.decided_at = CaseState.REMOVED, officer, clock.now()
    rating = db.session.get_one(Rating, case.rating_id)
    rating.removed_at, rating.removed_ground = clock.now(), case.ground
    db.session.flush()
    return rating.id


SAMPLES: dict[str, Maker] = {
    "rating_id": rate,
    "ratings_reports.report:rating_id": _public_rating,
    "ratings_reports.object_:rating_id": _removed_rating,
    "ratings_office:case_id": _rating_case,
    "ratings_office.act:action": fixed("propose"),
    "ratings_office.decide:action": fixed("confirm"),
    "ratings_office.photo:rating_id": lambda world: world.made.get("rating_id") or rate(world),
    "ratings_office.photo:file_id": _rating_photo,
    "ratings_office.photo:action": fixed("hide"),
    "ratings_signals:signal_id": _rating_signal,
    "ratings_signals:action": fixed("handle"),
}
