"""The recurring look at scan counts, and what is deleted when its time is over. All of it may run twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from webapp.core import clock
from webapp.core.db import db
from webapp.scans import queries as scans
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.queries import find

from . import devices, facts, operations, policies, queries, rules
from .models import CopyAlarm, CopyEvidence
from .rules import STANDING, AlarmKind, Burst, Limits

RATES_EVERY_SECONDS = 600
REPLACED_EVERY_SECONDS = 3600
FORGET_EVERY_SECONDS = 3600
#: Counts are written within seconds and looked at every ten minutes: older hours have been looked at.
LOOK_BACK = timedelta(hours=3)


# --- scanned far more often than usual --------------------------------------------------------------------------------


def watch_rates(now: datetime) -> int:
    """Raise the alarm for stickers with an hour of far more scans than usual in the last few; returns how many."""
    limits = policies.limits_on(clock.day_of(now))
    since = (now - LOOK_BACK).astimezone(clock.SHANGHAI)
    busy = scans.busy_hours(limits.rate_scans_least, since.date(), since.hour)
    papers = sorted({(one.shop_id, one.serial) for one in busy})
    return sum(_watch_rate(shop_id, serial, since.date(), now, limits) for shop_id, serial in papers)


def _watch_rate(shop_id: int, serial: int, since: date, now: datetime, limits: Limits) -> bool:
    first = since - timedelta(days=limits.rate_days)
    hours = scans.hours_of(shop_id, serial, first, clock.day_of(now))
    bursts = rules.scan_rate(hours, since, limits)
    if not bursts:
        return False
    queries.lock_shop(shop_id)
    standing = queries.standing(shop_id, serial, AlarmKind.SCAN_RATE)
    if standing:
        operations.add(standing[0], facts.of_bursts(_and_before(standing[0], bursts)), now, limits)
        return False
    spent = queries.spent(shop_id, serial).get(AlarmKind.SCAN_RATE)
    fresh = [one for one in bursts if spent is None or _begin_of(one) > spent]
    sticker = find(shop_id, serial)
    if not fresh or sticker is None or sticker.state is not StickerState.VALID:
        return False
    operations.open_alarm(
        sticker, AlarmKind.SCAN_RATE, _begin_of(fresh[0]), facts.of_bursts(fresh), now, limits
    )
    return True


def _and_before(alarm: CopyAlarm, bursts: list[Burst]) -> list[Burst]:
    """What the alarm knows of earlier days, then these: a day's hours are looked at on two days only."""
    first = min(one.day for one in bursts)
    known = [
        Burst(date.fromisoformat(one["day"]), one["hour"], one["count"], one["usual"])
        for one in alarm.facts.get("hours", ())
    ]
    before = [one for one in known if one.day < first]
    begun = [one for one in bursts if _begin_of(one) >= alarm.evidence_from]
    return [*before, *begun]


def _begin_of(burst: Burst) -> datetime:
    return datetime.combine(burst.day, time(burst.hour), clock.SHANGHAI).astimezone(UTC)


# --- replaced, and still in use ---------------------------------------------------------------------------------------


def watch_replaced(now: datetime) -> int:
    """Raise the alarm for replaced stickers that go on being scanned; returns how many."""
    today = clock.day_of(now)
    limits = policies.limits_on(today)
    first = today - timedelta(days=limits.replaced_window_days - 1)
    scanned = queries.replaced_and_scanned(first, limits.replaced_scans)
    return sum(_watch_replaced(sticker, now, limits) for sticker in scanned)


def _watch_replaced(sticker: Sticker, now: datetime, limits: Limits) -> bool:
    shop_id, serial, today = sticker.shop_id, sticker.serial, clock.day_of(now)
    assert sticker.ended_at is not None
    replaced_on = clock.day_of(sticker.ended_at)
    queries.lock_shop(shop_id)
    standing = queries.standing(shop_id, serial, AlarmKind.STILL_SCANNED)
    spent = queries.spent(shop_id, serial).get(AlarmKind.STILL_SCANNED)
    # An officer's decision gives the shop the same days again to take the paper down.
    begins = replaced_on if spent is None else max(replaced_on, clock.day_of(spent))
    days = scans.days_of([(shop_id, serial)], begins).get((shop_id, serial), {})
    found = rules.still_scanned(days, begins, sticker.place, today, limits)
    if found is None:
        return False
    since = clock.end_of_day(found - timedelta(days=1))
    whole = _late_facts(sticker, standing[0].evidence_from if standing else since, begins, days, limits)
    if standing:
        operations.add(standing[0], whole, now, limits)
        return False
    operations.open_alarm(sticker, AlarmKind.STILL_SCANNED, since, whole, now, limits)
    return True


def _late_facts(
    sticker: Sticker, since: datetime, begins: date, days: dict[date, int], limits: Limits
) -> facts.Facts:
    """The scans by day, and what people gave meanwhile: it tells where the paper hangs."""
    known = queries.evidence(sticker.shop_id, sticker.serial, since - timedelta(minutes=1))
    shop = queries.paper_of(sticker).shop
    people = facts.of_people(AlarmKind.STILL_SCANNED, known.reports, known.sightings, shop, limits)
    return facts.of_late_scans(days, begins) | people


# --- what is deleted --------------------------------------------------------------------------------------------------


def forget(now: datetime) -> int:
    """Delete the salts of past days, evidence and ended alarms' facts whose time is over; returns how many."""
    limits = policies.limits_on(clock.day_of(now))
    evidence = sa.delete(CopyEvidence).where(CopyEvidence.at < now - timedelta(days=limits.evidence_days))
    ended = sa.select(CopyAlarm).where(
        CopyAlarm.state.not_in(STANDING), CopyAlarm.ended_at < now - timedelta(days=limits.alarm_days)
    )
    done = devices.forget_salts(now)
    done += int(db.session.execute(evidence).rowcount)  # type: ignore[attr-defined]
    for alarm in db.session.scalars(ended.where(sa.cast(CopyAlarm.facts, sa.Text) != "{}")):
        alarm.facts = {}
        done += 1
    return done
