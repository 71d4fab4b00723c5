"""The recurring look at scan counts: bursts, replaced papers in use; twice is once; both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import scans
from tests.factories.codes import Town
from tests.factories.copies import fix_beside, phone
from tests.factories.merchants import NOW
from webapp.copies import gathering, operations, watching
from webapp.copies.models import CopyAlarm
from webapp.copies.operations import Decision
from webapp.copies.rules import AlarmKind, AlarmState
from webapp.core import clock
from webapp.core.db import db
from webapp.jobs.operations import run_due
from webapp.merchants.models import Shop
from webapp.stickers import operations as stickers
from webapp.stickers.models import Sticker, StickerPlace, StickerState

pytestmark = pytest.mark.each_database
TODAY = clock.day_of(NOW)


def alarms() -> list[CopyAlarm]:
    return list(db.session.scalars(sa.select(CopyAlarm).order_by(CopyAlarm.id)))


def scan(town: Town, counts: dict[tuple[int, int], int], serial: int = 1) -> None:
    """Scans by (days ago, hour)."""
    if not counts:
        return
    scans.count(
        {
            (town.shop, serial, (TODAY - timedelta(days=back)).isoformat(), hour): count
            for (back, hour), count in counts.items()
        }
    )


def usual(peak: int = 5) -> dict[tuple[int, int], int]:
    return {(back, 12): peak for back in range(2, 20)}


# --- bursts -----------------------------------------------------------------------------------------------------------


def test_a_burst_opens_a_task_once(here: Town, sticker: Sticker) -> None:
    scan(here, usual() | {(0, 11): 100, (0, 10): 60})
    assert watching.watch_rates(NOW) == 1
    (alarm,) = alarms()
    assert (alarm.kind, alarm.state) == (AlarmKind.SCAN_RATE, AlarmState.OPEN)
    assert alarm.facts["hours"] == [{"day": TODAY.isoformat(), "hour": 11, "count": 100, "usual": 5.0}]
    assert alarm.evidence_from == datetime(2026, 5, 6, 3, tzinfo=NOW.tzinfo)
    assert watching.watch_rates(NOW) == 0
    assert len(alarms()) == 1


def test_later_bursts_go_into_the_open_task(here: Town, sticker: Sticker) -> None:
    scan(here, usual() | {(1, 18): 150})
    assert watching.watch_rates(NOW - timedelta(hours=17)) == 1
    scan(here, {(0, 11): 120})
    later = NOW + timedelta(hours=1)
    assert watching.watch_rates(later) == 0
    (alarm,) = alarms()
    assert [(one["hour"], one["count"]) for one in alarm.facts["hours"]] == [(18, 150), (11, 120)]
    assert alarm.latest_at == later
    next_day = NOW + timedelta(days=2)
    watching.watch_rates(next_day)  # those hours are not looked at any more, and stay
    assert len(alarms()[0].facts["hours"]) == 2


def test_only_the_last_hours_are_looked_through(here: Town, sticker: Sticker) -> None:
    scan(here, usual() | {(0, 8): 100})
    assert watching.watch_rates(NOW) == 0  # it is past noon: a job has looked at eight o'clock long ago
    assert watching.watch_rates(NOW - timedelta(hours=1)) == 1


def test_a_judged_burst_does_not_come_back(here: Town, sticker: Sticker) -> None:
    scan(here, usual() | {(0, 11): 100})
    watching.watch_rates(NOW)
    alarm = alarms()[0]
    decision = Decision(alarm.version, alarm.latest_at, "busy")
    operations.act(alarm.id, "dismiss", decision, here.actor(here.station), NOW + timedelta(minutes=5))
    assert watching.watch_rates(NOW + timedelta(minutes=10)) == 0
    scan(here, {(0, 13): 100})
    assert watching.watch_rates(NOW + timedelta(hours=2)) == 1
    assert [one["hour"] for one in alarms()[1].facts["hours"]] == [13]


@pytest.mark.parametrize("state", [StickerState.SUSPENDED, StickerState.REPLACED])
def test_only_a_valid_sticker_raises_it(here: Town, sticker: Sticker, state: StickerState) -> None:
    sticker.state = state
    db.session.commit()
    scan(here, usual() | {(0, 11): 100})
    assert watching.watch_rates(NOW) == 0


def test_a_busy_shop_is_no_burst(here: Town, sticker: Sticker) -> None:
    scan(here, usual(peak=90) | {(0, 11): 400})
    assert watching.watch_rates(NOW) == 0


# --- replaced papers --------------------------------------------------------------------------------------------------


def replace(town: Town, days_ago: int, place: StickerPlace = StickerPlace.DOOR) -> None:
    at = NOW - timedelta(days=days_ago)
    if place is not StickerPlace.DOOR:
        stickers.issue(town.shop, place, town.actor(town.bureau), at)
    serial = 1 if place is StickerPlace.DOOR else 2
    stickers.replace(town.shop, serial, "worn", town.actor(town.bureau), at)
    db.session.commit()


def test_a_replaced_paper_in_use_opens_a_task(here: Town, sticker: Sticker, shop: Shop) -> None:
    replace(here, 6)
    scan(here, {(6, 12): 50, (5, 12): 20, (2, 12): 2, (1, 12): 1})
    gathering.keep_position(sticker, fix_beside(shop, 900), phone(), NOW - timedelta(hours=20))
    assert watching.watch_replaced(NOW) == 1
    (alarm,) = alarms()
    assert alarm.kind is AlarmKind.STILL_SCANNED
    assert alarm.facts["replaced_on"] == "2026-04-30"
    assert [one["count"] for one in alarm.facts["days"]] == [50, 20, 2, 1]
    assert len(alarm.facts["cells"]) == 1  # where it hangs
    assert watching.watch_replaced(NOW) == 0
    assert len(alarms()) == 1


def test_more_scans_go_into_the_open_task(here: Town, sticker: Sticker) -> None:
    replace(here, 6)
    scan(here, {(2, 12): 3})
    watching.watch_replaced(NOW)
    scan(here, {(0, 12): 4})
    watching.watch_replaced(NOW + timedelta(hours=1))
    assert [one["count"] for one in alarms()[0].facts["days"]] == [3, 4]


@pytest.mark.parametrize(
    "counts",
    [{(6, 12): 99, (3, 12): 99}, {(2, 12): 2}, {}],
    ids=["taken down in three days", "an old photo", "nobody"],
)
def test_what_is_no_use_of_an_old_paper(
    here: Town, sticker: Sticker, counts: dict[tuple[int, int], int]
) -> None:
    replace(here, 6)
    scan(here, counts)
    assert watching.watch_replaced(NOW) == 0


def test_receipts_live_on(here: Town, sticker: Sticker) -> None:
    replace(here, 6, StickerPlace.RECEIPT)
    scan(here, {(2, 12): 30}, serial=2)
    assert watching.watch_replaced(NOW) == 0


def test_after_a_decision_the_shop_has_the_days_again(here: Town, sticker: Sticker) -> None:
    replace(here, 6)
    scan(here, {(2, 12): 5})
    watching.watch_replaced(NOW)
    alarm = alarms()[0]
    decision = Decision(alarm.version, alarm.latest_at, "taken_down")
    operations.act(alarm.id, "close", decision, here.actor(here.station), NOW)
    scan(here, {(-1, 12): 9, (-3, 12): 9})
    assert watching.watch_replaced(NOW + timedelta(days=3)) == 0
    scan(here, {(-4, 12): 9})
    assert watching.watch_replaced(NOW + timedelta(days=4)) == 1
    assert [alarm.state for alarm in alarms()] == [AlarmState.CLOSED, AlarmState.OPEN]


def test_the_jobs_run_and_run_again(here: Town, sticker: Sticker, app: Flask) -> None:
    replace(here, 6)
    scan(here, usual() | {(0, 11): 100, (2, 12): 9})
    first = run_due(regardless=True)
    assert (first["copies.rates"], first["copies.replaced"], first["copies.forget"]) == (0, 1, 0)
    assert run_due(regardless=True)["copies.replaced"] == 0
