"""What time brings: silence goes to the authority, lapses, or counts as kept; offers expire; missing clocks start."""

from __future__ import annotations

from datetime import datetime, timedelta

from webapp.core import clock, policy
from webapp.core.actor import SYSTEM
from webapp.core.errors import StepRefused

from . import operations, queries, settlement, timing
from .rules import SILENT_MERCHANT


def refer_silent(now: datetime) -> int:
    """Hand over to the authority what merchants left unanswered past its time; returns how many."""
    return _each(queries.silent_past_due(now), "refer", SILENT_MERCHANT, now)


def lapse(now: datetime) -> int:
    """End what was answered and on which the consumer has said nothing for the policy's days; returns how many."""
    days = policy.get_int("complaint.silent_days", clock.day_of(now))
    return _each(queries.silent_consumers(now - timedelta(days=days)), "lapse", "consumer_silent", now)


def count_as_kept(now: datetime) -> int:
    """End agreed complaints whose day of performance passed long enough ago without a word; returns how many."""
    days = policy.get_int("complaint.keep_silence_days", clock.day_of(now))
    return _each(
        queries.agreed_and_silent(clock.day_of(now) - timedelta(days=days)),
        "count_as_kept",
        "kept_silently",
        now,
    )


def sweep(now: datetime) -> int:
    """All of it, in this order; returns how many records moved."""
    moved = refer_silent(now) + settlement.expire(now)
    return moved + lapse(now) + count_as_kept(now) + start_missing_clocks(now)


def start_missing_clocks(now: datetime) -> int:
    """Give clocks to open complaints that have none (filed by an older release); returns how many."""
    done = 0
    for complaint_id in queries.without_clock():
        timing.catch_up(queries.get_locked(complaint_id), now)
        done += 1
    return done


def _each(ids: list[int], action: str, word: str, now: datetime) -> int:
    done = 0
    for complaint_id in ids:
        try:
            operations.act(complaint_id, action, SYSTEM, now, text=word)
        except StepRefused:
            continue  # somebody moved it while we were looking
        done += 1
    return done
