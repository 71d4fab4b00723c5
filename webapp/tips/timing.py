"""Which clocks a tip's steps start, meet and stop."""

from __future__ import annotations

from datetime import datetime

from webapp import audit
from webapp.clocks import laws
from webapp.clocks import operations as clocks
from webapp.clocks import queries as clock_queries
from webapp.clocks.laws import Kind
from webapp.clocks.models import ClockRow
from webapp.core import clock
from webapp.core.actor import Actor
from webapp.core.errors import Conflict

from . import queries
from .models import Tip
from .rules import ENDED, ON_A_GROUND

SUBJECT = "tip"
#: action -> clocks that it meets.
MEETS: dict[str, Kind] = {
    "file_case": Kind.VERIFICATION,
    "file_no_case": Kind.VERIFICATION,
    "tell": Kind.TIP_NOTICE,
}


def follow(tip: Tip, action: str, actor: Actor, now: datetime) -> None:
    """Move the clocks along a step that was just taken. A named reporter is to be told of a decision."""
    if kind := MEETS.get(action):
        clocks.meet(SUBJECT, tip.id, actor, now, kind)
    if action in ON_A_GROUND and must_be_told(tip):
        clocks.start(Kind.TIP_NOTICE, SUBJECT, tip.id, received_on=clock.day_of(tip.received_at), at=now)
    elif tip.state in ENDED and action != "tell":
        clocks.stop(SUBJECT, tip.id, actor, now)
    refresh(tip)


def must_be_told(tip: Tip) -> bool:
    """Does the law want this reporter told? Only who gave name and phone can be."""
    return tip.named and tip.reporter_phone is not None


def hand_on(tip: Tip, actor: Actor, now: datetime, reason: str) -> None:
    """A transfer inside the city: the receiver has the whole period to verify."""
    for row in verifying(tip):
        clocks.restart(row, actor, now, reason)
    refresh(tip)


def pause(tip: Tip, ground: str, reason: str, actor: Actor, now: datetime) -> None:
    """Let the verification stand still; raises Conflict (``no_clock``), Invalid for the ground."""
    for row in _owed(tip):
        clocks.pause(row, ground, reason, actor, now)
    refresh(tip)


def resume(tip: Tip, reason: str, actor: Actor, now: datetime) -> None:
    """Let the verification go on; raises Conflict."""
    for row in _owed(tip):
        clocks.resume(row, actor, now, reason)
    refresh(tip)


def extend(tip: Tip, reason: str, actor: Actor, now: datetime) -> None:
    """Lengthen the verification by what the law of the day of receipt allows; raises Conflict."""
    for row in _owed(tip):
        clocks.extend(row, "approved", reason, clock.day_of(tip.received_at), actor, now)
    refresh(tip)


def verifying(tip: Tip) -> list[ClockRow]:
    """The clock of the verification while it runs."""
    return clock_queries.running(SUBJECT, tip.id, Kind.VERIFICATION)


def _owed(tip: Tip) -> list[ClockRow]:
    rows = verifying(tip)
    if not rows:
        raise Conflict("no_clock")
    return rows


def waits_to_tell(tip: Tip) -> bool:
    """Must the reporter still be told of the decision?"""
    return bool(clock_queries.running(SUBJECT, tip.id, Kind.TIP_NOTICE))


def is_paused(tip: Tip) -> bool:
    """Does the verification stand still?"""
    return any(row.due_at is None for row in verifying(tip))


def pause_grounds() -> tuple[str, ...]:
    """The lawful grounds on which a verification may stand still."""
    return laws.grounds(Kind.VERIFICATION, "pause")


def name_of(subject: str, subject_id: int) -> str | None:
    """Slot ``clock.name``: a tip is called by its number."""
    return queries.get(subject_id).number if subject == SUBJECT else None


def moved(subject: str, subject_id: int, actor: Actor, now: datetime) -> None:
    """Slot ``clock.moved``: a new calendar moved the tip's clocks."""
    if subject != SUBJECT:
        return
    tip = queries.get_locked(subject_id)
    old = tip.next_due_at
    refresh(tip)
    audit.record(
        actor,
        "tip.due_moved",
        SUBJECT,
        tip.id,
        now=now,
        shop_id=tip.shop_id,
        old=_due(old),
        new=_due(tip.next_due_at),
    )


def _due(moment: datetime | None) -> dict[str, str | None]:
    return {"due_on": None if moment is None else clock.day_of(moment).isoformat()}


def refresh(tip: Tip) -> None:
    """Write down what is due next, for queues."""
    tip.next_due_at = clock_queries.next_due(SUBJECT, tip.id)
