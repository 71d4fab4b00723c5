"""Which clocks a complaint's steps start, meet and stop."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from webapp import audit
from webapp.clocks import laws, reminding
from webapp.clocks import operations as clocks
from webapp.clocks import queries as clock_queries
from webapp.clocks.laws import Kind
from webapp.clocks.models import ClockRow
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.db import db
from webapp.core.errors import Conflict
from webapp.merchants import malls

from . import queries
from .models import Complaint
from .rules import ComplaintState, Route

SUBJECT = "complaint"
CITY = (Kind.FIRST_ANSWER, Kind.SETTLEMENT)
#: Those that the authority may pause: what it owes before the end.
OWED = (Kind.ACCEPTANCE, Kind.MEDIATION)
#: action -> clocks that it meets.
MEETS: dict[str, tuple[Kind, ...]] = {
    "answer": (Kind.FIRST_ANSWER,),
    "offer": (Kind.FIRST_ANSWER,),
    "accept_offer": (Kind.SETTLEMENT, Kind.MEDIATION),
    "confirm_resolved": (Kind.SETTLEMENT, Kind.MEDIATION),
    "accept": (Kind.ACCEPTANCE,),
    "refuse": (Kind.ACCEPTANCE,),
    "settle": (Kind.MEDIATION,),
    "end": (Kind.MEDIATION,),
    "serve": (Kind.RESULT_NOTICE,),
}
#: Actions after which both sides are told within the law's days that mediation has ended.
ENDS_MEDIATION = frozenset({"settle", "end"})


def places(complaint: Complaint) -> tuple[str, ...]:
    """Where the shop lies, for periods of its own."""
    return malls.places(complaint.shop)


def begin(complaint: Complaint, now: datetime, by: clocks.Books) -> None:
    """The clocks of a complaint that was just filed, and the due moments in its row."""
    if complaint.route is Route.AUTHORITY:
        started = [_start(complaint, Kind.ACCEPTANCE, now, by=by)]
    else:
        answer = _start(complaint, Kind.FIRST_ANSWER, now, places(complaint), by=by)
        started = [answer, _start(complaint, Kind.SETTLEMENT, now, by=by)]
    soonest = min((row.due_at for row in started if row.due_at is not None), default=None)
    # What is promised stands in the row from the start: it is no new version.
    values = {"answer_due_at": started[0].due_at or now, "next_due_at": soonest}
    db.session.execute(
        sa.update(Complaint)
        .where(Complaint.id == complaint.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    for name, value in values.items():
        set_committed_value(complaint, name, value)


def follow(complaint: Complaint, action: str, before: ComplaintState, actor: Actor, now: datetime) -> None:
    """Move the clocks along a step that was just taken."""
    if kinds := MEETS.get(action):
        clocks.meet(SUBJECT, complaint.id, actor, now, *kinds)
    if complaint.state is not before:
        _cross(complaint, action, actor, now)
    refresh(complaint)


def _cross(complaint: Complaint, action: str, actor: Actor, now: datetime) -> None:
    state = complaint.state
    if state is ComplaintState.REFERRED:
        # opened again, the matter goes on: nobody can serve the result of an end that no longer is one
        clocks.stop(SUBJECT, complaint.id, actor, now, *CITY, Kind.RESULT_NOTICE)
        if not clock_queries.running(SUBJECT, complaint.id, Kind.ACCEPTANCE):
            _start(complaint, Kind.ACCEPTANCE, now)
    elif state is ComplaintState.MEDIATING:
        _start(complaint, Kind.MEDIATION, now)
    elif state is ComplaintState.AGREED:
        clocks.stop(SUBJECT, complaint.id, actor, now, *CITY, Kind.ACCEPTANCE)
    elif state is not ComplaintState.ANSWERED:
        clocks.stop(SUBJECT, complaint.id, actor, now)
        if action in ENDS_MEDIATION:
            _start(complaint, Kind.RESULT_NOTICE, now)


def hand_on(complaint: Complaint, actor: Actor, now: datetime, reason: str) -> None:
    """A transfer inside the city: the receiver has the whole period to accept; a mediation begun is stopped."""
    clocks.stop(SUBJECT, complaint.id, actor, now, Kind.MEDIATION, reason=reason)
    waiting = clock_queries.running(SUBJECT, complaint.id, Kind.ACCEPTANCE)
    for row in waiting:
        clocks.restart(row, actor, now, reason)
    if not waiting:
        _start(complaint, Kind.ACCEPTANCE, now)
    refresh(complaint)


def pause(complaint: Complaint, ground: str, reason: str, actor: Actor, now: datetime) -> None:
    """Let the authority's clock stand still; raises Conflict (``no_clock``) when none runs, Invalid for the ground."""
    running = clock_queries.running(SUBJECT, complaint.id, *OWED)
    if not running:
        raise Conflict("no_clock")
    for row in running:
        clocks.pause(row, ground, reason, actor, now)
    refresh(complaint)


def resume(complaint: Complaint, actor: Actor, now: datetime, reason: str) -> None:
    """Let the authority's clock go on; raises Conflict."""
    running = clock_queries.running(SUBJECT, complaint.id, *OWED)
    if not running:
        raise Conflict("no_clock")
    for row in running:
        clocks.resume(row, actor, now, reason)
    refresh(complaint)


def catch_up(complaint: Complaint, now: datetime) -> None:
    """Start the clock that an open complaint of an older release lacks, from the instant from which it runs."""
    if complaint.state is ComplaintState.MEDIATING:
        _start(complaint, Kind.MEDIATION, complaint.accepted_at or now)
    elif complaint.state is ComplaintState.REFERRED:
        _start(complaint, Kind.ACCEPTANCE, complaint.referred_at or now)
    else:
        row = _start(complaint, Kind.FIRST_ANSWER, complaint.received_at, places(complaint))
        row.due_at = complaint.answer_due_at  # what was promised stands
    refresh(complaint)


def name_of(subject: str, subject_id: int) -> str | None:
    """Slot ``clock.name``: a complaint is called by its number."""
    return queries.get(subject_id).number if subject == SUBJECT else None


def moved(subject: str, subject_id: int, actor: Actor, now: datetime) -> None:
    """Slot ``clock.moved``: a new calendar moved the complaint's clocks."""
    if subject != SUBJECT:
        return
    complaint = queries.get_locked(subject_id)
    old = complaint.next_due_at
    refresh(complaint)
    audit.record(
        actor,
        "complaint.due_moved",
        SUBJECT,
        complaint.id,
        now=now,
        shop_id=complaint.shop_id,
        old=_due(old),
        new=_due(complaint.next_due_at),
    )


def _due(moment: datetime | None) -> dict[str, str | None]:
    return {"due_on": None if moment is None else clock.day_of(moment).isoformat()}


def refresh(complaint: Complaint) -> None:
    """Write down what is due next, for queues."""
    complaint.next_due_at = clock_queries.next_due(SUBJECT, complaint.id)


def pause_grounds(complaint: Complaint) -> tuple[str, ...]:
    """The lawful grounds on which the clock that runs now may stand still."""
    running = clock_queries.running(SUBJECT, complaint.id, *OWED)
    return laws.grounds(running[-1].kind, "pause") if running else ()


def is_paused(complaint: Complaint) -> bool:
    """Does the authority's clock stand still?"""
    return any(row.due_at is None for row in clock_queries.running(SUBJECT, complaint.id, *OWED))


def may_end(complaint: Complaint, now: datetime) -> str:
    """The period of the mediation in words, once its last day has come: it may be terminated. Empty before."""
    today = clock.day_of(now)
    for row in clock_queries.running(SUBJECT, complaint.id, Kind.MEDIATION):
        if row.due_on is not None and row.due_on <= today:
            return reminding.term_words(row)
    return ""


def waits_to_serve(complaint: Complaint) -> bool:
    """Must the sides still be told how the mediation ended?"""
    return bool(clock_queries.running(SUBJECT, complaint.id, Kind.RESULT_NOTICE))


def _start(
    complaint: Complaint,
    kind: Kind,
    at: datetime,
    of_places: tuple[str, ...] = (),
    by: clocks.Books | None = None,
) -> ClockRow:
    on = clock.day_of(complaint.received_at)
    return clocks.start(kind, SUBJECT, complaint.id, received_on=on, at=at, places=of_places, by=by)
