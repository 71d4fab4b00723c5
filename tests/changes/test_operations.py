"""Asking for a change, deciding it, and what may not be changed without asking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.changes.conftest import AWAY
from tests.factories import accounts, files, merchants
from tests.factories.codes import Town
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.changes import operations, queries
from webapp.changes.models import ShopChange
from webapp.changes.rules import ChangeState, Part
from webapp.codes import operations as codes
from webapp.codes.queries import standing
from webapp.complaints.models import Complaint, Demand
from webapp.complaints.rules import ComplaintState
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid
from webapp.feed import operations as feed
from webapp.merchants import operations as shops
from webapp.merchants.models import OperatorMember, Recusal, Shop
from webapp.notices.models import Notice, OutboxMessage

NEW_NAME = {"name": "老槐树饺子馆", "branch": ""}
PLACE = {"region_code": "130606001", "address": "朝阳大街9号", "latitude": 38.87, "longitude": 115.47}
LATER = NOW + timedelta(hours=3)


def shop_of(town: Town) -> Shop:
    return db.session.get_one(Shop, town.shop)


def owner(town: Town) -> Actor:
    return town.actor(town.merchant)


def ask(town: Town, part: Part = Part.NAME, stated: dict[str, Any] | None = None) -> ShopChange:
    return operations.request(town.shop, part, stated or NEW_NAME, owner(town), NOW)


def told_feed() -> list[str]:
    pending = db.session.info.get(feed._PENDING, [])
    return [change["kind"] for _, change in pending]


def complain(town: Town, state: ComplaintState = ComplaintState.SETTLING) -> Complaint:
    row = Complaint(
        number="TS1",
        receipt_hash="r",
        submission_key="k",
        shop_id=town.shop,
        state=state,
        topic="quality",
        story="面里有头发",
        demand=Demand.REFUND,
        received_at=NOW,
        answer_due_at=NOW + timedelta(hours=24),
    )
    db.session.add(row)
    db.session.flush()
    return row


# --- without asking ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"name": "别的店"},
        {"address": "别处1号"},
        {"industry_code": "6110"},
        {"latitude": 38.9, "longitude": 115.4},
    ],
)
def test_what_is_vouched_for_does_not_change_by_itself(town: Town, change: dict[str, Any]) -> None:
    with pytest.raises(Conflict, match="change_by_request"):
        shops.edit_shop(town.shop, actor=owner(town), now=NOW, **change)


def test_storefront_photos_of_a_vouched_shop_do_not_change_by_themselves(town: Town) -> None:
    mine = files.make_file(actor=owner(town))
    with pytest.raises(Conflict, match="change_by_request"):
        shops.set_photos(town.shop, [mine.id], actor=owner(town), now=NOW)
    assert [photo.file_id for photo in shop_of(town).photos] != [mine.id]


def test_hours_and_phone_change_at_once_in_audit_and_feed(town: Town) -> None:
    hours = {"1": [["08:00", "12:00"]]}
    shops.edit_shop(town.shop, actor=owner(town), now=NOW, phone="0312-5901234", opening_hours=hours)
    assert shop_of(town).opening_hours == hours
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "shop.edit")).one()
    assert set(event.new or {}) == {"phone", "opening_hours"}
    assert told_feed() == ["shop_changed"]


# --- asking -----------------------------------------------------------------------------------------------------------


def test_until_approval_the_old_facts_stay_and_nothing_is_announced(town: Town) -> None:
    change = ask(town)
    assert change.state is ChangeState.WAITING
    assert (change.old, change.new) == ({"name": "老槐树面馆"}, {"name": "老槐树饺子馆"})
    assert change.due_on == date(2026, 5, 12)  # the fifth working day: 9 May is worked for the holiday
    assert shop_of(town).name == "老槐树面馆"
    assert told_feed() == []


def test_the_same_press_twice_is_one_request_and_another_has_to_wait(town: Town) -> None:
    assert ask(town) is ask(town)
    with pytest.raises(Conflict, match="change_waits"):
        ask(town, stated={"name": "第三个名字", "branch": ""})
    ask(town, Part.PLACE, PLACE)
    assert {change.part for change in queries.all_waiting(town.shop)} == {Part.NAME, Part.PLACE}


def test_nothing_new_is_no_request(town: Town) -> None:
    with pytest.raises(Invalid, match="change_nothing"):
        ask(town, stated={"name": "老槐树面馆", "branch": ""})


def test_wrong_facts_name_their_field(town: Town) -> None:
    with pytest.raises(Invalid) as error:
        ask(town, stated={"name": "", "branch": ""})
    assert error.value.field == "name"
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.request(town.shop, Part.NAME, NEW_NAME, owner(town), NOW, version=77)


def test_only_the_shops_own_merchant_asks(town: Town) -> None:
    stranger = merchants.make_account("别人")
    merchants.make_member(merchants.make_operator("别家"), stranger)
    for actor in (stranger.actor(), town.actor(town.station)):
        with pytest.raises(Forbidden):
            operations.request(town.shop, Part.NAME, NEW_NAME, actor, NOW)


def test_a_shop_without_a_code_asks_for_nothing_but_leaving_its_district(town: Town) -> None:
    codes.revoke_now(town.shop, "black_listed", "x", SYSTEM, NOW)
    with pytest.raises(Conflict, match="change_not_needed"):
        ask(town)
    assert ask(town, Part.PLACE, {**PLACE, "region_code": AWAY}).new["region_code"] == AWAY


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_approval_changes_the_shop_and_says_so_everywhere(town: Town) -> None:
    change = ask(town)
    officer = town.actor(town.station)
    operations.decide(change.id, "approve", officer, LATER, change.version, "seen_on_site", "招牌已换")
    assert shop_of(town).name == "老槐树饺子馆"
    assert shop_of(town).updated_at == LATER
    assert change.state is ChangeState.APPROVED
    assert told_feed() == ["shop_changed"]
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "change.approve")).one()
    assert (event.old, event.new) == ({"name": "老槐树面馆"}, {"name": "老槐树饺子馆"})
    assert (event.reason_code, event.reason, event.actor_id) == (
        "seen_on_site",
        "招牌已换",
        officer.account_id,
    )
    notice = db.session.scalars(sa.select(Notice)).one()
    assert notice.word == "notice.change.approve_name"  # the sticker's name is the old one
    assert db.session.scalars(sa.select(OutboxMessage)).one().template == "sms.change.approve_name"


def test_a_place_brings_its_station_and_a_trade_its_category(town: Town) -> None:
    place, trade = ask(town, Part.PLACE, PLACE), ask(town, Part.TRADE, {"industry_code": "6110"})
    before = shop_of(town).station_id
    for change in (place, trade):
        operations.decide(
            change.id, "approve", town.actor(town.bureau), LATER, change.version, "seen_on_site"
        )
    shop = shop_of(town)
    assert (shop.address, shop.latitude, shop.region_code) == ("朝阳大街9号", 38.87, "130606001")
    assert shop.station_id != before
    assert (shop.category, shop.industry_code) == ("stay", "6110")


def test_refusal_leaves_the_shop_and_tells_why(town: Town) -> None:
    change = ask(town)
    operations.decide(
        change.id, "refuse", town.actor(town.station), LATER, change.version, "other", "没有材料"
    )
    assert shop_of(town).name == "老槐树面馆"
    assert told_feed() == []
    assert db.session.scalars(sa.select(Notice)).one().word == "notice.change.refuse"
    assert ask(town).id != change.id  # it may be asked again


@pytest.mark.parametrize(
    ("code", "text", "field"),
    [(None, "", "reason_code"), ("no_such", "", "reason_code"), ("other", "", "reason")],
)
def test_a_decision_has_a_reason_of_the_catalogue(
    town: Town, code: str | None, text: str, field: str
) -> None:
    change = ask(town)
    with pytest.raises(Invalid) as error:
        operations.decide(change.id, "refuse", town.actor(town.station), LATER, change.version, code, text)
    assert error.value.field == field


def test_the_second_officer_is_told(town: Town) -> None:
    change = ask(town)
    seen = change.version
    operations.decide(change.id, "refuse", town.actor(town.station), LATER, seen, "misleading")
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.decide(change.id, "approve", town.actor(town.bureau), LATER, seen, "seen_on_site")
    assert shop_of(town).name == "老槐树面馆"


def test_officers_elsewhere_merchants_and_those_who_stand_aside_do_not_decide(town: Town) -> None:
    change = ask(town)
    operator_id = shop_of(town).operator_id
    db.session.add(Recusal(account_id=town.second, operator_id=operator_id, declared_at=NOW))
    db.session.flush()
    for account_id in (town.elsewhere, town.department, town.merchant, town.second):
        with pytest.raises(Forbidden):
            operations.decide(
                change.id, "approve", town.actor(account_id), LATER, change.version, "seen_on_site"
            )
    for action in ("withdraw", "lapse", "nonsense"):
        with pytest.raises(DomainError):
            operations.decide(
                change.id, action, town.actor(town.station), LATER, change.version, "other", "x"
            )


def test_withdrawing_is_the_merchants_and_ends_it(town: Town) -> None:
    change = ask(town)
    with pytest.raises(Forbidden):
        operations.withdraw(change.id, town.actor(town.station), LATER)
    operations.withdraw(change.id, owner(town), LATER)
    assert change.state is ChangeState.WITHDRAWN
    with pytest.raises(Conflict, match="change_decided"):
        operations.withdraw(change.id, owner(town), LATER)


def test_a_revoked_code_takes_the_requests_with_it(town: Town) -> None:
    change = ask(town)
    codes.suspend(town.shop, "under_inspection", "检查中", town.actor(town.bureau), NOW)
    assert change.state is ChangeState.WAITING
    codes.revoke_now(town.shop, "business_licence_revoked", "x", SYSTEM, LATER)
    assert change.state is ChangeState.LAPSED


# --- photos -----------------------------------------------------------------------------------------------------------


def test_photos_wait_too_and_take_over_in_order(town: Town) -> None:
    old = [photo.file_id for photo in shop_of(town).photos]
    mine = files.make_file(actor=owner(town))
    change = operations.request_photos(town.shop, [mine.id, *old], owner(town), NOW)
    assert [photo.file_id for photo in shop_of(town).photos] == old
    operations.decide(change.id, "approve", town.actor(town.station), LATER, change.version, "seen_on_site")
    assert [photo.file_id for photo in shop_of(town).photos] == [mine.id, *old]
    assert told_feed() == ["shop_changed"]


def test_photos_may_not_all_go_and_must_be_ones_own(town: Town) -> None:
    with pytest.raises(Invalid, match="shop_last_photo"):
        operations.request_photos(town.shop, [], owner(town), NOW)
    theirs = files.make_file(actor=merchants.make_account("别人").actor())
    with pytest.raises(DomainError):
        operations.request_photos(town.shop, [theirs.id], owner(town), NOW)


# --- another district -------------------------------------------------------------------------------------------------


def test_a_move_is_decided_where_the_shop_leaves_and_changes_its_officers(town: Town) -> None:
    change = ask(town, Part.PLACE, {**PLACE, "region_code": AWAY})
    with pytest.raises(Forbidden):
        operations.decide(
            change.id, "approve", town.actor(town.elsewhere), LATER, change.version, "seen_on_site"
        )
    operations.decide(change.id, "approve", town.actor(town.station), LATER, change.version, "seen_on_site")
    assert shop_of(town).region_code == AWAY
    assert queries.count_waiting(town.actor(town.elsewhere)) == 0


def test_a_shop_with_open_complaints_does_not_leave_its_officers(town: Town) -> None:
    complaint = complain(town)
    with pytest.raises(Invalid, match="tied_by_complaint"):
        ask(town, Part.PLACE, {**PLACE, "region_code": AWAY})
    ask_near = ask(town, Part.PLACE, PLACE)  # within the district nothing ties it
    operations.withdraw(ask_near.id, owner(town), NOW)
    complaint.state, complaint.ended_at = ComplaintState.RESOLVED, NOW
    db.session.flush()
    change = ask(town, Part.PLACE, {**PLACE, "region_code": AWAY})
    complaint.state, complaint.ended_at = ComplaintState.REFERRED, None
    db.session.flush()
    with pytest.raises(Invalid, match="tied_by_complaint"):
        operations.decide(
            change.id, "approve", town.actor(town.station), LATER, change.version, "seen_on_site"
        )
    assert shop_of(town).region_code == "130606003"


def test_a_proposal_to_revoke_ties_it_too(town: Town) -> None:
    codes.propose_revocation(town.shop, "shop_closed", "关门了", town.actor(town.bureau), NOW)
    assert standing(town.shop) is not None
    with pytest.raises(Invalid, match="tied_by_revocation"):
        ask(town, Part.PLACE, {**PLACE, "region_code": AWAY})


def test_the_queue_shows_what_is_within_reach(town: Town) -> None:
    ask(town)
    for account_id, count in ((town.station, 1), (town.bureau, 1), (town.elsewhere, 0), (town.admin, 0)):
        assert queries.count_waiting(town.actor(account_id)) == count
    member = accounts.make_merchant()
    db.session.add(
        OperatorMember(
            operator_id=shop_of(town).operator_id, account_id=member.id, role="clerk", created_at=NOW
        )
    )
    assert queries.find_next(town.actor(town.station)) is not None
    assert queries.find_next(town.actor(town.station), queries.all_waiting(town.shop)[0].id) is None
