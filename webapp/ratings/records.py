"""Reading what is told and done about ratings: reports, cases, signals, the trail."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from webapp.audit.models import AuditEvent
from webapp.core.actor import Post, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.merchants.models import Shop
from webapp.merchants.queries import within

from .models import Rating, RatingCase, RatingReport, RatingSignal
from .moderation import LIVE, Side
from .queries import STATES, office_list
from .signals import SignalKind, SignalState


def live_case(rating_id: int) -> RatingCase | None:
    """The case that holds the rating: proposed, removed, objected or upheld; None when none does."""
    return db.session.scalar(
        sa.select(RatingCase).where(RatingCase.rating_id == rating_id, RatingCase.state.in_(LIVE))
    )


def live_cases(rating_ids: Collection[int]) -> dict[int, RatingCase]:
    """By rating: the case that holds it."""
    statement = sa.select(RatingCase).where(RatingCase.rating_id.in_(rating_ids), RatingCase.state.in_(LIVE))
    return {case.rating_id: case for case in db.session.scalars(statement)} if rating_ids else {}


def cases_of(rating_id: int) -> list[RatingCase]:
    """All cases of a rating, newest first."""
    statement = sa.select(RatingCase).where(RatingCase.rating_id == rating_id)
    return list(db.session.scalars(statement.order_by(RatingCase.id.desc())))


def get_case(case_id: int) -> RatingCase:
    """The case; raises NotFound."""
    case = db.session.get(RatingCase, case_id)
    if case is None:
        raise NotFound("no_such_thing")
    return case


def scope_of_case(case_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop that the rating is of."""
    return get_case(case_id).rating.shop.scope


def reports_of(rating_ids: Collection[int]) -> dict[int, list[RatingReport]]:
    """By rating: its reports, oldest first."""
    found: dict[int, list[RatingReport]] = {}
    if rating_ids:
        statement = sa.select(RatingReport).where(RatingReport.rating_id.in_(rating_ids))
        for report in db.session.scalars(statement.order_by(RatingReport.id)):
            found.setdefault(report.rating_id, []).append(report)
    return found


def merchants_reports(rating_ids: Collection[int]) -> dict[int, RatingReport]:
    """By rating: what its own merchant reported last."""
    return {
        rating_id: report
        for rating_id, reports in reports_of(rating_ids).items()
        for report in reports
        if report.side is Side.MERCHANT
    }


def signals_in(posts: tuple[Post, ...], *, ended: bool = False) -> sa.Select[tuple[RatingSignal]]:
    """Signals within an officer's reach for paging: the open ones, oldest first; or the ended ones, newest first."""
    is_open = RatingSignal.state == SignalState.OPEN
    statement = sa.select(RatingSignal).join(Shop, RatingSignal.shop_id == Shop.id)
    statement = statement.where(within(posts), ~is_open if ended else is_open)
    if ended:
        return statement.order_by(RatingSignal.ended_at.desc(), RatingSignal.id.desc())
    return statement.order_by(RatingSignal.found_at, RatingSignal.id)


def get_signal(signal_id: int) -> RatingSignal:
    """The signal; raises NotFound."""
    signal = db.session.get(RatingSignal, signal_id)
    if signal is None:
        raise NotFound("no_such_thing")
    return signal


def scope_of_signal(signal_id: int, **_rest: object) -> Scope:
    """For access rules: the scope of the shop that the signal is about."""
    return get_signal(signal_id).shop.scope


def signals_about(rating: Rating) -> list[RatingSignal]:
    """The signals that name this rating as evidence, newest first."""
    statement = sa.select(RatingSignal).where(RatingSignal.shop_id == rating.shop_id)
    found = db.session.scalars(statement.order_by(RatingSignal.id.desc()))
    return [signal for signal in found if rating.id in signal.rating_ids]


def by_ids(rating_ids: Collection[int]) -> list[Rating]:
    """These ratings, oldest first."""
    statement = sa.select(Rating).where(Rating.id.in_(rating_ids)).order_by(Rating.created_at, Rating.id)
    return list(db.session.scalars(statement)) if rating_ids else []


def history(rating_id: int) -> list[AuditEvent]:
    """What the trail says of a rating and its cases, newest first."""
    cases = [case.id for case in cases_of(rating_id)]
    about = sa.or_(
        sa.and_(AuditEvent.subject_type == "rating", AuditEvent.subject_id == rating_id),
        sa.and_(AuditEvent.subject_type == "rating_case", AuditEvent.subject_id.in_(cases)),
    )
    return list(db.session.scalars(sa.select(AuditEvent).where(about).order_by(AuditEvent.id.desc())))


def waiting(posts: tuple[Post, ...]) -> dict[str, int]:
    """How many ratings within reach wait for an officer, by state, and the signals."""
    counts = {}
    for state in STATES[:3]:
        found = sa.select(sa.func.count()).select_from(
            office_list(posts, state=state).order_by(None).subquery()
        )
        counts[state] = int(db.session.scalar(found) or 0)
    signals = sa.select(sa.func.count()).select_from(signals_in(posts).order_by(None).subquery())
    return counts | {"signals": int(db.session.scalar(signals) or 0)}


def open_signal(shop_id: int, kind: SignalKind) -> RatingSignal | None:
    """The open task of a shop and kind, or None."""
    return db.session.scalar(
        sa.select(RatingSignal).where(
            RatingSignal.shop_id == shop_id,
            RatingSignal.kind == kind,
            RatingSignal.state == SignalState.OPEN,
        )
    )


def shops_named(shop_ids: Collection[int]) -> list[Shop]:
    """These shops, by number."""
    statement = sa.select(Shop).where(Shop.id.in_(shop_ids)).order_by(Shop.id)
    return list(db.session.scalars(statement)) if shop_ids else []
