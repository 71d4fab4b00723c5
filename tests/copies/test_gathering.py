"""What people give: kept once, as little as possible, weighed at once, taken back, deleted; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories.codes import Town
from tests.factories.copies import fix_beside, phone, report, scan_far
from tests.factories.merchants import NOW
from webapp.copies import devices, gathering, operations, queries, watching
from webapp.copies.models import CopyAlarm, CopyEvidence, CopySalt
from webapp.copies.operations import Decision
from webapp.copies.rules import AlarmKind, AlarmState
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.scans.models import ScanDay
from webapp.stickers import operations as stickers
from webapp.stickers.models import Sticker, StickerPlace, StickerState

pytestmark = pytest.mark.each_database


def alarms() -> list[CopyAlarm]:
    return list(db.session.scalars(sa.select(CopyAlarm).order_by(CopyAlarm.id)))


def kinds() -> list[AlarmKind]:
    return [alarm.kind for alarm in alarms()]


def rows() -> list[CopyEvidence]:
    return list(db.session.scalars(sa.select(CopyEvidence).order_by(CopyEvidence.id)))


# --- reports ----------------------------------------------------------------------------------------------------------


def test_two_reports_open_a_task_and_change_nothing_else(sticker: Sticker) -> None:
    report(sticker, 1)
    assert alarms() == []
    report(sticker, 1)
    alarm = alarms()[0]
    assert (alarm.kind, alarm.state) == (AlarmKind.WRONG_SHOP, AlarmState.OPEN)
    assert alarm.facts["devices"] == {"least": 2, "most": 2}
    assert alarm.due_on.isoformat() == "2026-05-08"
    assert sticker.state is StickerState.VALID


def test_the_same_phone_on_the_same_day_is_one_report(sticker: Sticker) -> None:
    mark = phone()
    assert gathering.report(sticker, mark, NOW)
    assert not gathering.report(sticker, mark, NOW + timedelta(hours=3))
    assert len(rows()) == 1
    assert alarms() == []


def test_nothing_is_kept_but_the_sticker_the_minute_the_mark_and_the_cell(
    sticker: Sticker, shop: Shop
) -> None:
    at = NOW.replace(second=47, microsecond=1234)
    gathering.report(sticker, phone(), at)
    gathering.keep_position(sticker, fix_beside(shop, 4000), phone(), at)
    columns = {column.key for column in sa.inspect(CopyEvidence).columns}
    assert columns == {
        "id", "shop_id", "serial", "kind", "at", "day", "device", "cell_south", "cell_west", "cell_size",
    }  # fmt: skip
    kept = rows()
    assert {row.at for row in kept} == {NOW}
    assert kept[1].cell_size == 25
    assert kept[1].cell_south is not None
    assert kept[1].cell_south % 25 == 0


def test_new_evidence_goes_into_the_open_task(sticker: Sticker, shop: Shop) -> None:
    report(sticker, 2)
    version, seen = alarms()[0].version, alarms()[0].latest_at
    later = NOW + timedelta(hours=2)
    report(sticker, 1, at=later)
    gathering.keep_position(sticker, fix_beside(shop, 4000), phone(), later)
    (alarm,) = alarms()
    assert alarm.facts["devices"] == {"least": 3, "most": 3}
    assert len(alarm.facts["cells"]) == 1  # where it was scanned helps to find it
    assert (alarm.version, alarm.latest_at) == (version, later)
    assert alarm.latest_at > seen


def test_few_reports_among_very_many_scans_are_mistakes(sticker: Sticker) -> None:
    db.session.add(ScanDay(shop_id=sticker.shop_id, serial=1, day="2026-05-05", count=900))
    db.session.add(ScanDay(shop_id=sticker.shop_id, serial=1, day="2026-04-29", count=90_000))  # too long ago
    report(sticker, 4)
    assert alarms() == []  # fewer than one in 200
    report(sticker, 1)
    assert kinds() == [AlarmKind.WRONG_SHOP]


# --- positions --------------------------------------------------------------------------------------------------------


def test_three_phones_far_away_open_a_task(sticker: Sticker, shop: Shop) -> None:
    scan_far(sticker, shop, 2)
    assert alarms() == []
    scan_far(sticker, shop, 1)
    (alarm,) = alarms()
    assert alarm.kind is AlarmKind.FAR_AWAY
    assert alarm.facts["cells"][0]["metres"] > 3000
    assert alarm.facts["cells"][0]["devices"] == 3


def test_two_places_at_once(sticker: Sticker, shop: Shop) -> None:
    gathering.keep_position(sticker, fix_beside(shop, 4000), phone(), NOW - timedelta(minutes=6))
    gathering.keep_position(sticker, fix_beside(shop), phone(), NOW)
    assert kinds() == [AlarmKind.TWO_PLACES]
    assert alarms()[0].facts["pairs"][0]["metres"] > 2000


def test_a_rough_position_is_not_kept(sticker: Sticker, shop: Shop) -> None:
    assert not gathering.keep_position(sticker, fix_beside(shop, 4000, accuracy=151), phone(), NOW)
    assert rows() == []


def test_the_same_scan_twice_is_one(sticker: Sticker, shop: Shop) -> None:
    mark, fix = phone(), fix_beside(shop, 4000)
    assert gathering.keep_position(sticker, fix, mark, NOW)
    assert not gathering.keep_position(sticker, fix, mark, NOW + timedelta(minutes=9))
    assert gathering.keep_position(sticker, fix, mark, NOW + timedelta(minutes=12))
    assert gathering.keep_position(sticker, fix_beside(shop), mark, NOW + timedelta(minutes=13))
    assert len(rows()) == 3
    assert alarms() == []  # one phone, whatever it says


def test_stickers_of_one_shop_are_judged_apart(here: Town, sticker: Sticker, shop: Shop) -> None:
    other = stickers.issue(here.shop, StickerPlace.TILL, here.actor(here.bureau), NOW)
    scan_far(sticker, shop, 2)
    scan_far(other, shop, 2)
    assert alarms() == []


# --- judged, and again ------------------------------------------------------------------------------------------------


def dismiss(here: Town) -> None:
    alarm = alarms()[-1]
    decision = Decision(alarm.version, alarm.latest_at, "opened_elsewhere")
    operations.act(alarm.id, "dismiss", decision, here.actor(here.station), NOW + timedelta(minutes=5))


def test_a_false_alarm_does_not_come_back_on_the_same_evidence(
    here: Town, sticker: Sticker, shop: Shop
) -> None:
    scan_far(sticker, shop, 3)
    dismiss(here)
    for minutes in range(30, 35):
        scan_far(sticker, shop, 1, at=NOW + timedelta(minutes=minutes))
    assert len(alarms()) == 1  # five are not twice as many as three; those three are within the day still
    scan_far(sticker, shop, 1, at=NOW + timedelta(minutes=35))
    assert [alarm.state for alarm in alarms()] == [AlarmState.FALSE_ALARM, AlarmState.OPEN]
    assert alarms()[1].facts["cells"][0]["devices"] == 6


def test_another_kind_may_open_beside_it(here: Town, sticker: Sticker, shop: Shop) -> None:
    scan_far(sticker, shop, 3)
    dismiss(here)
    report(sticker, 2, at=NOW + timedelta(hours=1))
    assert kinds() == [AlarmKind.FAR_AWAY, AlarmKind.WRONG_SHOP]


def test_weighing_again_changes_nothing(sticker: Sticker, shop: Shop) -> None:
    scan_far(sticker, shop, 3)
    report(sticker, 2)
    before = [(alarm.id, alarm.facts, alarm.latest_at, alarm.version) for alarm in alarms()]
    assert operations.weigh(sticker, 0, NOW + timedelta(minutes=3)) == []
    assert [(alarm.id, alarm.facts, alarm.latest_at, alarm.version) for alarm in alarms()] == before


@pytest.mark.parametrize("state", [StickerState.SUSPENDED, StickerState.REPLACED, StickerState.LOST])
def test_a_sticker_that_is_worth_nothing_raises_no_new_task(
    sticker: Sticker, shop: Shop, state: StickerState
) -> None:
    sticker.state = state
    scan_far(sticker, shop, 3)
    report(sticker, 2)
    assert alarms() == []
    assert len(rows()) == 5  # it tells where the paper hangs


# --- taking back ------------------------------------------------------------------------------------------------------


def test_a_report_taken_back_is_deleted_and_its_task_ends(sticker: Sticker) -> None:
    first, second = phone(), phone()
    gathering.report(sticker, first, NOW)
    gathering.report(sticker, second, NOW)
    assert kinds() == [AlarmKind.WRONG_SHOP]
    assert gathering.take_back(sticker, second, NOW + timedelta(minutes=1))
    (alarm,) = alarms()
    assert (alarm.state, alarm.reason_code, alarm.ended_by_id) == (AlarmState.CLOSED, "taken_back", None)
    assert len(rows()) == 1
    assert not gathering.take_back(sticker, second, NOW + timedelta(minutes=2))


def test_a_task_that_an_officer_has_taken_stays(here: Town, sticker: Sticker) -> None:
    mark = phone()
    gathering.report(sticker, phone(), NOW)
    gathering.report(sticker, mark, NOW)
    alarm = alarms()[0]
    operations.act(alarm.id, "look", Decision(alarm.version), here.actor(here.station), NOW)
    gathering.take_back(sticker, mark, NOW)
    assert alarms()[0].state is AlarmState.LOOKING
    assert alarms()[0].facts["reports"][0]["devices"] == 1


def test_yesterdays_report_cannot_be_taken_back(sticker: Sticker) -> None:
    mark = phone()
    gathering.report(sticker, mark, NOW)
    assert not gathering.take_back(sticker, mark, NOW + timedelta(days=1))


# --- marks and deletion -----------------------------------------------------------------------------------------------


def test_a_mark_is_of_one_day_and_its_secret_is_thrown_away(here: Town) -> None:
    today = devices.mark("network", "a browser", NOW)
    assert devices.mark("network", "a browser", NOW + timedelta(hours=2)) == today
    assert devices.mark("network", "another browser", NOW) != today
    assert devices.mark("another network", "a browser", NOW) != today
    assert "network" not in today
    tomorrow = NOW + timedelta(days=1)
    assert devices.mark("network", "a browser", tomorrow) != today
    assert devices.forget_salts(tomorrow) == 1
    assert db.session.scalars(sa.select(CopySalt.day)).all() == [tomorrow.date()]
    assert devices.mark("network", "a browser", NOW) != today  # nobody can make it again


def test_evidence_is_deleted_after_its_time_and_the_alarm_keeps_counts(
    here: Town, sticker: Sticker, shop: Shop
) -> None:
    scan_far(sticker, shop, 3)
    devices.mark("network", "a browser", NOW)
    assert watching.forget(NOW + timedelta(days=29)) == 1  # the salt
    assert len(rows()) == 3
    assert watching.forget(NOW + timedelta(days=31)) == 3
    assert rows() == []
    alarm = alarms()[0]
    assert alarm.facts["cells"][0]["devices"] == 3
    scan_far(sticker, shop, 1, at=NOW + timedelta(days=32))
    counted = [entry["devices"] for entry in queries.get(alarm.id).facts["cells"]]
    assert counted == [3, 1]


def test_an_ended_alarms_cells_are_deleted_after_a_year(here: Town, sticker: Sticker, shop: Shop) -> None:
    scan_far(sticker, shop, 3)
    dismiss(here)
    watching.forget(NOW + timedelta(days=364))
    assert alarms()[0].facts
    watching.forget(NOW + timedelta(days=366))
    assert alarms()[0].facts == {}
    assert watching.forget(NOW + timedelta(days=367)) == 0
