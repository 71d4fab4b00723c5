"""Officers' steps: who, from where, with which reason; what a confirmed copy does to the sticker; both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tests.factories.codes import Town
from tests.factories.copies import make_alarm, report, scan_far
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.copies import operations, queries
from webapp.copies.models import CopyAlarm
from webapp.copies.operations import Decision
from webapp.copies.rules import AlarmKind, AlarmState, Remedy
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.feed import operations as feed
from webapp.merchants.models import Recusal, Shop
from webapp.notices.models import Notice, OutboxMessage
from webapp.stickers.models import Sticker, StickerState
from webapp.stickers.queries import get, of_shop

pytestmark = pytest.mark.each_database
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def alarm(sticker: Sticker) -> CopyAlarm:
    return make_alarm(sticker)


def take(town: Town, alarm: CopyAlarm, action: str, by: str = "station", **more: Any) -> CopyAlarm:
    values = {"version": alarm.version, "seen": alarm.latest_at} | more
    return operations.act(alarm.id, action, Decision(**values), town.actor(getattr(town, by)), LATER)


def look(town: Town, alarm: CopyAlarm) -> CopyAlarm:
    return take(town, alarm, "look")


def confirm(town: Town, alarm: CopyAlarm, remedy: str = "suspend", **more: Any) -> CopyAlarm:
    return take(town, alarm, "confirm", **({"reason_code": "seen", "remedy": remedy} | more))


def trail(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == action)))


# --- the steps --------------------------------------------------------------------------------------------------------


def test_an_officer_takes_the_case_and_gives_it_back(here: Town, alarm: CopyAlarm) -> None:
    look(here, alarm)
    assert (alarm.state, alarm.handled_by_id) == (AlarmState.LOOKING, here.station)
    take(here, alarm, "put_back", "bureau")
    assert (alarm.state, alarm.handled_by_id) == (AlarmState.OPEN, None)
    assert [event.new for event in trail("copy.look")] == [
        {"state": "looking", "kind": "far_away", "serial": 1}
    ]
    assert trail("copy.look")[0].old == {"state": "open"}


def test_a_false_alarm_touches_no_sticker(here: Town, alarm: CopyAlarm) -> None:
    take(here, alarm, "dismiss", reason_code="position", reason="室内定位")
    assert (alarm.state, alarm.ended_at, alarm.ended_by_id) == (AlarmState.FALSE_ALARM, LATER, here.station)
    assert (alarm.reason_code, alarm.reason, alarm.remedy) == ("position", "室内定位", None)
    assert get(here.shop, 1).state is StickerState.VALID
    assert trail("copy.dismiss")[0].reason == "室内定位"
    assert not trail("copy.dismiss")[0].public


def test_a_confirmed_copy_suspends_that_one_sticker_and_tells_the_merchant(
    here: Town, alarm: CopyAlarm
) -> None:
    look(here, alarm)
    confirm(here, alarm)
    sticker = get(here.shop, 1)
    assert (sticker.state, sticker.ended_reason) == (StickerState.SUSPENDED, "copied")
    assert (alarm.state, alarm.remedy) == (AlarmState.CONFIRMED, Remedy.SUSPEND)
    assert [event.actor_id for event in trail("sticker.suspend")] == [here.station]
    assert "sticker.suspend" in [change["kind"] for _, change in db.session.info[feed._PENDING]]
    assert db.session.scalar(sa.select(TrustCode.state)) is CodeState.ACTIVE
    notice = db.session.scalars(sa.select(Notice)).one()
    assert (notice.account_id, notice.word) == (here.merchant, "notice.copy.suspend")
    assert "000001-01" in db.session.scalars(sa.select(OutboxMessage)).one().text


def test_a_confirmed_copy_may_be_replaced(here: Town, alarm: CopyAlarm) -> None:
    look(here, alarm)
    confirm(here, alarm, "replace")
    old, new = of_shop(here.shop)
    assert (old.state, old.replaced_by_serial, new.state) == (StickerState.REPLACED, 2, StickerState.VALID)


def test_a_confirmed_copy_may_leave_the_sticker_alone_with_words(here: Town, alarm: CopyAlarm) -> None:
    look(here, alarm)
    with pytest.raises(Invalid) as refusal:
        confirm(here, alarm, "none")
    assert (refusal.value.code, refusal.value.field) == ("reason_required", "reason")
    confirm(here, alarm, "none", reason="复印件已收走")
    assert get(here.shop, 1).state is StickerState.VALID
    assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 0


def test_the_stickers_other_tasks_end_with_a_confirmed_copy(
    here: Town, alarm: CopyAlarm, sticker: Sticker
) -> None:
    other = make_alarm(sticker, AlarmKind.SCAN_RATE)
    look(here, alarm)
    confirm(here, alarm)
    assert (other.state, other.remedy, other.ended_by_id) == (
        AlarmState.CONFIRMED,
        Remedy.NONE,
        here.station,
    )
    assert len(trail("copy.confirm")) == 2
    assert len(trail("sticker.suspend")) == 1


def test_what_was_ended_can_be_opened_again(here: Town, alarm: CopyAlarm) -> None:
    take(here, alarm, "close", reason_code="no_trace")
    with pytest.raises(Invalid):
        take(here, alarm, "reopen", "bureau")
    take(here, alarm, "reopen", "bureau", reason="又有人说")
    assert (alarm.state, alarm.handled_by_id) == (AlarmState.LOOKING, here.bureau)
    assert (alarm.ended_at, alarm.ended_by_id, alarm.reason_code) == (None, None, None)


def test_it_is_not_opened_beside_a_newer_one(here: Town, alarm: CopyAlarm, sticker: Sticker) -> None:
    take(here, alarm, "close", reason_code="no_trace")
    make_alarm(sticker)
    with pytest.raises(Conflict) as refusal:
        take(here, alarm, "reopen", reason="又有人说")
    assert refusal.value.code == "copy_alarm_stands"


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_who_may_not(here: Town, alarm: CopyAlarm) -> None:
    for stranger in ("elsewhere", "department", "admin", "merchant"):
        with pytest.raises(Forbidden):
            take(here, alarm, "look", stranger)
    db.session.add(
        Recusal(
            account_id=here.station,
            operator_id=db.session.get_one(Shop, here.shop).operator_id,
            declared_at=NOW,
        )
    )
    db.session.flush()
    db.session.expire_all()
    with pytest.raises(Forbidden) as refusal:
        take(here, alarm, "look")
    assert refusal.value.code == "must_stand_aside"
    assert alarm.state is AlarmState.OPEN


def test_a_copy_is_not_confirmed_at_first_sight(here: Town, alarm: CopyAlarm) -> None:
    with pytest.raises(StepRefused):
        confirm(here, alarm)
    assert get(here.shop, 1).state is StickerState.VALID


@pytest.mark.parametrize(
    ("action", "given", "code", "field"),
    [
        ("dismiss", {"reason_code": "made-up"}, "copy_reason", "reason_code"),
        ("dismiss", {"reason_code": "other"}, "reason_required", "reason"),
        ("dismiss", {"reason_code": "position", "reason": "长" * 501}, "reason_too_long", "reason"),
        ("close", {"reason_code": "position"}, "copy_reason", "reason_code"),
        ("confirm", {"reason_code": "seen", "remedy": "burn"}, "copy_remedy", "remedy"),
        ("confirm", {"reason_code": "", "remedy": "suspend"}, "reason_required", "reason"),
    ],
)
def test_what_is_wrong_with_a_decision(
    here: Town, alarm: CopyAlarm, action: str, given: dict[str, Any], code: str, field: str
) -> None:
    look(here, alarm)
    with pytest.raises(Invalid) as refusal:
        take(here, alarm, action, **given)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert alarm.state is AlarmState.LOOKING


def test_the_second_officer_is_told(here: Town, alarm: CopyAlarm) -> None:
    version = alarm.version
    take(here, alarm, "dismiss", reason_code="position")
    with pytest.raises(Conflict) as refusal:
        take(here, alarm, "close", "bureau", version=version, reason_code="no_trace")
    assert refusal.value.code == "changed_meanwhile"


def test_evidence_that_came_meanwhile_is_looked_at_first(here: Town, sticker: Sticker, shop: Shop) -> None:
    scan_far(sticker, shop, 3)
    (alarm,) = queries.standing(here.shop, 1)
    seen = alarm.latest_at
    scan_far(sticker, shop, 1, at=NOW + timedelta(minutes=5))
    with pytest.raises(Conflict) as refusal:
        take(here, alarm, "dismiss", seen=seen, reason_code="position")
    assert refusal.value.code == "copy_new_evidence"
    look(here, alarm)
    confirm(here, alarm, seen=seen)  # more of the same makes a copy no less a copy
    assert alarm.state is AlarmState.CONFIRMED


def test_what_the_stickers_own_rule_refuses_is_refused_as_a_whole(here: Town, alarm: CopyAlarm) -> None:
    look(here, alarm)
    get(here.shop, 1).state = StickerState.LOST
    db.session.commit()
    with pytest.raises(StepRefused):
        confirm(here, alarm)
    db.session.rollback()
    assert queries.get(alarm.id).state is AlarmState.LOOKING


# --- the database says the same ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        {"state": AlarmState.CLOSED},
        {"state": AlarmState.LOOKING},
        {"state": AlarmState.CONFIRMED, "ended_at": NOW, "remedy": Remedy.NONE},
        {"remedy": Remedy.NONE},
        {"ended_at": NOW},
    ],
    ids=[
        "ended without when",
        "looked at by nobody",
        "confirmed by nobody",
        "remedy without copy",
        "open and ended",
    ],
)
def test_the_database_refuses_what_cannot_be(sticker: Sticker, facts: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        make_alarm(sticker, **facts)


def test_one_task_of_a_kind_at_a_time(sticker: Sticker, alarm: CopyAlarm) -> None:
    with pytest.raises(IntegrityError):
        make_alarm(sticker)


# --- lists ------------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_to_posts_and_filters(here: Town, alarm: CopyAlarm, sticker: Sticker) -> None:
    rate = make_alarm(sticker, AlarmKind.SCAN_RATE, due_on=NOW.date())
    posts = here.actor(here.station).posts

    def found(**wanted: Any) -> list[int]:
        return [one.id for one in queries.all_of(queries.office_list(posts, **wanted))]

    assert found() == [rate.id, alarm.id]  # by due day
    assert found(kind="far_away") == [alarm.id]
    assert found(text="000001-01") == [rate.id, alarm.id]
    assert found(text="1") == [rate.id, alarm.id]
    assert found(text="000001-02") == found(text="2") == found(text="没有这家") == []
    assert found(text="槐树") == [rate.id, alarm.id]
    assert found(region="130602") == []
    assert found(overdue_on=NOW.date() + timedelta(days=1)) == [rate.id]
    take(here, alarm, "dismiss", reason_code="position")
    assert found(state="ended") == found(state="false_alarm") == [alarm.id]
    assert found(state="") == [rate.id, alarm.id]
    assert queries.count_standing(posts) == 1
    assert queries.count_standing(here.actor(here.elsewhere).posts) == 0
    look(here, rate)
    assert found(handled_by_id=here.station) == [rate.id]


def test_the_next_task_is_not_of_an_operator_from_which_one_stands_aside(
    here: Town, alarm: CopyAlarm
) -> None:
    actor = here.actor(here.station)
    assert queries.find_next(actor) is alarm
    assert queries.find_next(actor, alarm.id) is None
    tied = here.actor(here.bureau)
    operator_id = db.session.get_one(Shop, here.shop).operator_id
    db.session.add(Recusal(account_id=here.bureau, operator_id=operator_id, declared_at=NOW))
    db.session.commit()
    assert queries.find_next(tied) is not None
    assert queries.find_next(here.actor(here.bureau)) is None


def test_reports_and_positions_of_other_stickers_are_not_counted(here: Town, sticker: Sticker) -> None:
    report(sticker, 2)
    assert queries.spent(here.shop, 1) == {}
    assert len(queries.evidence(here.shop, 1, NOW - timedelta(days=1)).reports) == 2
    assert queries.evidence(here.shop, 2, NOW - timedelta(days=1)).reports == []
