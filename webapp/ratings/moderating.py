"""Reports of abuse, and the one way by which a rating leaves the page: a listed ground, two officers, and a third who
hears whoever objects. Nothing here asks how many hearts were given.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from webapp import audit, feed
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.secrets import keyed_hash
from webapp.core.steps import permit

from . import grounds, queries, records
from .models import Rating, RatingCase, RatingPhoto, RatingReport
from .moderation import (
    ACTIONS,
    GONE,
    OFFICERS,
    REASON_LONGEST,
    STEPS,
    WORDS_LONGEST,
    CaseState,
    ReportState,
    Side,
    has_part,
)
from .operations import count_in


def report(
    rating_id: int, ground: str, words: str, reporter: str, actor: Actor, now: datetime
) -> tuple[RatingReport, bool]:
    """Somebody says that a rating breaks a rule; `reporter` is the device's mark or the account. It changes nothing.

    Returns it and True; the former report of the same reporter and False. Raises Invalid, Conflict (removed already).
    """
    rating = queries.get(rating_id)
    merchant = actor.role is Role.MERCHANT
    if merchant:
        permit(actor, frozenset({Role.MERCHANT}), rating.shop.scope)
    said = _words(words, WORDS_LONGEST, "words")
    grounds.check(ground)
    digest = keyed_hash("rating-reporter", f"{rating_id}:{reporter}")
    if (former := _report_by(rating_id, digest)) is not None:
        return former, False
    if rating.is_removed:
        raise Conflict("rating_is_removed")
    made = RatingReport(
        rating_id=rating_id,
        side=Side.MERCHANT if merchant else Side.CONSUMER,
        ground=ground,
        words=said,
        reporter_hash=digest,
        created_at=now,
        state=ReportState.OPEN,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        if (former := _report_by(rating_id, digest)) is None:
            raise
        return former, False
    facts = {"ground": ground, "side": made.side.value}
    audit.record(actor, "rating.report", "rating", rating_id, now=now, shop_id=rating.shop_id, new=facts)
    return made, True


def keep(rating_id: int, answer: str, actor: Actor, now: datetime) -> Rating:
    """An officer answers every open report: the rating stands. Raises Invalid, Forbidden, Conflict (none is open)."""
    rating = queries.get_locked(rating_id)
    permit(actor, OFFICERS, rating.shop.scope)
    reason = _words(answer, REASON_LONGEST, "reason", needed=True)
    if not _answer_reports(rating, ReportState.KEPT, reason, actor, now):
        raise Conflict("rating_no_report")
    audit.record(actor, "rating.keep", "rating", rating_id, now=now, shop_id=rating.shop_id, reason=reason)
    return rating


def propose(rating_id: int, ground: str, reason: str, actor: Actor, now: datetime) -> RatingCase:
    """An officer proposes to take the rating off the page, on a listed ground. It stands until a second one agrees.

    Raises Invalid (``ground``, ``reason``), Forbidden, Conflict when there is a case already, or when this ground was
    weighed by a third officer and the rating restored.
    """
    rating = queries.get_locked(rating_id)
    permit(actor, OFFICERS, rating.shop.scope)
    grounds.check(ground)
    said = _words(reason, REASON_LONGEST, "reason", needed=True)
    if rating.is_removed or records.live_case(rating_id) is not None:
        raise Conflict("rating_case_open")
    if any(case.ground == ground and is_final(case) for case in records.cases_of(rating_id)):
        raise Conflict("rating_restored")
    case = RatingCase(
        rating_id=rating_id,
        state=STEPS.first,
        ground=ground,
        reason=said,
        proposed_by_id=actor.account_id,
        proposed_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(case)
    except IntegrityError as error:
        raise Conflict("rating_case_open") from error
    _record(case, "propose", actor, now, before=None, reason=said)
    return case


def decide(case_id: int, action: str, reason: str, actor: Actor, now: datetime, version: int) -> RatingCase:
    """Take one of ACTIONS. Raises Conflict (another officer was first), Forbidden (had a part), Invalid."""
    if action not in ACTIONS:
        raise StepRefused("step_refused", lifecycle=STEPS.name, action=action)
    case = records.get_case(case_id)
    rating = queries.get_locked(case.rating_id)
    if case.version != version:
        raise Conflict("changed_meanwhile")
    step = STEPS.check(case.state, action, actor, rating.shop.scope, reason)
    if has_part(case.state, action, actor.account_id, case.proposed_by_id, case.decided_by_id):
        raise Forbidden("two_people_needed")
    if action == "withdraw" and actor.account_id != case.proposed_by_id:
        raise Forbidden("only_proposer")
    said = _words(reason, REASON_LONGEST, "reason")
    before, case.state = case.state, step.target
    if action in {"confirm", "refuse"}:
        case.decided_by_id, case.decided_at, case.decision = actor.account_id, now, said
    elif action in {"uphold", "restore"}:
        case.judged_by_id, case.judged_at, case.judgement = actor.account_id, now, said
    _flush()
    _move(rating, case, before, actor, now)
    _record(case, action, actor, now, before=before, reason=said)
    return case


def object_to(rating_id: int, words: str, now: datetime, *, own: bool = False) -> RatingCase:
    """Somebody says that the removal was wrong; `own`: from the device that wrote the rating. An officer weighs it.

    Raises NotFound for a rating that was not removed, Invalid (``reason``), StepRefused while one is being weighed,
    Conflict when it was weighed: others are heard once, and who wrote it once more.
    """
    rating = queries.get_locked(rating_id)
    case = records.live_case(rating_id)
    if case is None or case.state not in GONE:
        raise NotFound("no_such_thing")
    said = _words(words, REASON_LONGEST, "reason", needed=True)
    if case.state is CaseState.OBJECTED and case.objection == said:
        return case
    if is_final(case):
        raise Conflict("rating_final")
    if case.state is CaseState.UPHELD and not own:  # only who wrote it may come again, once
        raise Conflict("rating_judged")
    step = STEPS.check(case.state, "object", CONSUMER, None, said)
    before, case.state = case.state, step.target
    case.objection, case.objected_at, case.objected_own = said, now, own
    case.judged_by_id = case.judged_at = case.judgement = None
    _flush()
    audit.record(
        CONSUMER,
        "rating_case.object",
        "rating_case",
        case.id,
        now=now,
        shop_id=rating.shop_id,
        old={"state": before.value},
        new={"state": case.state.value, "own": own},
    )
    return case


def is_final(case: RatingCase) -> bool:
    """Has a third officer weighed an objection for good? Restored after one; or upheld against who wrote the rating."""
    if case.state is CaseState.RESTORED:
        return case.objection is not None
    return case.state is CaseState.UPHELD and case.objected_own


def hide_photo(rating_id: int, file_id: int, ground: str, actor: Actor, now: datetime) -> RatingPhoto:
    """Take one photo off the page at once, on a listed ground; the rating and its other photos stand.

    Raises Invalid (``ground``), Forbidden, NotFound, Conflict ``photo_hidden``.
    """
    rating, photo = _photo(rating_id, file_id, actor)
    grounds.check(ground)
    if photo.hidden_at is not None:
        raise Conflict("photo_hidden")
    photo.hidden_at, photo.hidden_ground, photo.hidden_by_id = now, ground, actor.account_id
    _tell_photo(rating, photo, "hide_photo", ground, actor, now)
    return photo


def show_photo(rating_id: int, file_id: int, actor: Actor, now: datetime) -> RatingPhoto:
    """Put a hidden photo back. Raises Forbidden, NotFound, Conflict ``photo_shown``."""
    rating, photo = _photo(rating_id, file_id, actor)
    if photo.hidden_at is None:
        raise Conflict("photo_shown")
    ground = photo.hidden_ground
    photo.hidden_at = photo.hidden_ground = photo.hidden_by_id = None
    _tell_photo(rating, photo, "show_photo", ground, actor, now)
    return photo


def _move(rating: Rating, case: RatingCase, before: CaseState, actor: Actor, now: datetime) -> None:
    """What the step does to the rating and its reports. The only place where one is taken off or put back."""
    if case.state is CaseState.REMOVED:
        rating.removed_at, rating.removed_ground = now, case.ground
        count_in(rating, -1)
        _answer_reports(rating, ReportState.REMOVED, case.decision or "", actor, now)
        _tell(rating, case, "remove", "shown", "removed", case.decision, actor, now)
    elif case.state is CaseState.RESTORED:
        rating.removed_at = rating.removed_ground = None
        count_in(rating, 1)
        _tell(rating, case, "restore", "removed", "shown", case.judgement, actor, now)
    elif case.state is CaseState.REFUSED and before is CaseState.PROPOSED:
        _answer_reports(rating, ReportState.KEPT, case.decision or "", actor, now)


def _tell(
    rating: Rating,
    case: RatingCase,
    action: str,
    old: str,
    new: str,
    reason: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """The public decision: audit (and with it the log's leaf) and the shop's page, in the same commit. Never words."""
    audit.record(
        actor,
        f"rating.{action}",
        "rating",
        rating.id,
        now=now,
        shop_id=rating.shop_id,
        old={"state": old},
        new={"state": new},
        reason_code=case.ground,
        reason=reason,
    )
    feed.publish(f"rating.{action}", now=now, shop_id=rating.shop_id)


def _tell_photo(
    rating: Rating, photo: RatingPhoto, action: str, ground: str | None, actor: Actor, now: datetime
) -> None:
    db.session.flush()
    audit.record(
        actor,
        f"rating.{action}",
        "rating",
        rating.id,
        now=now,
        shop_id=rating.shop_id,
        new={"photo": photo.id},
        reason_code=ground,
    )
    feed.publish(f"rating.{action}", now=now, shop_id=rating.shop_id)


def _record(
    case: RatingCase, action: str, actor: Actor, now: datetime, *, before: CaseState | None, reason: str
) -> None:
    audit.record(
        actor,
        f"rating_case.{action}",
        "rating_case",
        case.id,
        now=now,
        shop_id=queries.get(case.rating_id).shop_id,
        old=None if before is None else {"state": before.value},
        new={"state": case.state.value, "ground": case.ground},
        reason_code=case.ground,
        reason=reason or None,
    )


def _answer_reports(rating: Rating, state: ReportState, answer: str, actor: Actor, now: datetime) -> int:
    waiting = sa.select(RatingReport).where(
        RatingReport.rating_id == rating.id, RatingReport.state == ReportState.OPEN
    )
    found: list[Any] = list(db.session.scalars(waiting))
    for one in found:
        one.state, one.answer = state, answer
        one.answered_at, one.answered_by_id = now, actor.account_id
    db.session.flush()
    return len(found)


def _report_by(rating_id: int, digest: str) -> RatingReport | None:
    return db.session.scalar(
        sa.select(RatingReport).where(
            RatingReport.rating_id == rating_id, RatingReport.reporter_hash == digest
        )
    )


def _photo(rating_id: int, file_id: int, actor: Actor) -> tuple[Rating, RatingPhoto]:
    rating = queries.get_locked(rating_id)
    permit(actor, OFFICERS, rating.shop.scope)
    for photo in rating.photos:
        if photo.file_id == file_id:
            return rating, photo
    raise NotFound("no_such_thing")


def _words(text: str, longest: int, field: str, *, needed: bool = False) -> str:
    said = text.strip()
    if needed and not said:
        raise Invalid("reason_required", field=field)
    if len(said) > longest:
        raise Invalid("rating_too_long", field=field, most=longest)
    return said


def _flush() -> None:
    try:
        db.session.flush()
    except StaleDataError as error:
        raise Conflict("changed_meanwhile") from error
