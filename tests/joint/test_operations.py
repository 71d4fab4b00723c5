"""Groups in the database: all or nothing, each member by its own lifecycle, nobody learns of the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import complaints as make
from tests.factories.merchants import NOW, make_operator, make_shop
from webapp.clocks import queries as clocks
from webapp.complaints import operations as complaints
from webapp.complaints import showing
from webapp.complaints.models import Complaint, Side
from webapp.complaints.rules import ComplaintState, Route
from webapp.core.actor import CONSUMER, OFFICER_ROLES, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.core.transaction import unit
from webapp.joint import operations, queries, rules
from webapp.mediation import queries as mediation_queries
from webapp.mediation.operations import Meeting
from webapp.merchants.models import Shop
from webapp.notices.models import OutboxMessage

pytestmark = pytest.mark.each_database
LATER = NOW + timedelta(hours=1)


def filed(shop: Shop, count: int) -> list[Complaint]:
    return [
        make.make_complaint(shop, route=Route.AUTHORITY, contact_phone=f"+861390000000{n}")
        for n in range(count)
    ]


def officer(region: str = "130606") -> Actor:
    return make.make_officer(region=region).actor()


def versions(group_id: int) -> dict[int, int]:
    return {one.id: one.version for one in queries.members(group_id)}


def test_together_and_apart(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        first, second, third = filed(shop, 3)
        group = operations.open_group(shop.id, [first.id, second.id, first.id], " 短斤少两 ", who, NOW)
    assert group.title == "短斤少两"
    assert [one.id for one in queries.members(group.id)] == [first.id, second.id]
    assert [one.id for one in queries.candidates(shop.id, who.posts)] == [third.id]
    with unit():
        operations.join(group, third.id, who, NOW)
        operations.part(group.id, first.id, who, NOW)
    assert [one.id for one in queries.members(group.id)] == [second.id, third.id]
    assert [message.action for message in first.messages] == ["join", "part"]
    with unit():
        operations.dissolve(group.id, who, LATER)
        operations.dissolve(group.id, who, LATER)
    assert queries.members(group.id) == []
    assert queries.open_group(shop.id) is None
    with pytest.raises(Conflict, match="group_closed"):
        operations.join(group, first.id, who, LATER)


def test_one_deed_for_all_that_can_take_it(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        first, second, third = filed(shop, 3)
        group = operations.open_group(shop.id, [first.id, second.id, third.id], "一组", who, NOW)
        complaints.act(third.id, "withdraw", CONSUMER, NOW)
    with unit():
        lines = operations.act(group.id, "accept", who, LATER, text="依法受理", versions=versions(group.id))
    assert [(line.complaint_id, line.done, line.why) for line in lines] == [
        (first.id, True, ""),
        (second.id, True, ""),
        (third.id, False, "withdrawn"),
    ]
    assert {one.state for one in (first, second)} == {ComplaintState.MEDIATING}
    assert all(one.accepted_at == LATER for one in (first, second))
    assert all(clocks.running("complaint", one.id) for one in (first, second))
    with pytest.raises(Conflict, match="group_nothing_to_do"):
        operations.act(group.id, "accept", who, LATER, versions=versions(group.id))


def test_whoever_is_second_changes_nothing(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        first, second = filed(shop, 2)
        group = operations.open_group(shop.id, [first.id, second.id], "一组", who, NOW)
    seen = versions(group.id)
    with unit():
        complaints.act(second.id, "accept", who, LATER)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.act(group.id, "refuse", who, LATER, ground="already_handled", versions=seen)
    assert first.state is ComplaintState.REFERRED


def test_a_fault_in_one_undoes_all(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        first, second = filed(shop, 2)
        group = operations.open_group(shop.id, [first.id, second.id], "一组", who, NOW)
    with pytest.raises(Invalid, match="choose_ground"), unit():
        operations.act(group.id, "refuse", who, LATER, ground="nonsense", versions=versions(group.id))
    assert {db.session.get_one(Complaint, one.id).state for one in (first, second)} == {
        ComplaintState.REFERRED
    }


def test_who_and_what_cannot_be_grouped(context: Flask, each_database: str) -> None:
    with unit():
        shop, who, stranger = make.make_shop_with_policy(), officer(), officer("130602")
        first, second = filed(shop, 2)
        other = make.make_complaint(make_shop(make_operator(), "另一家"), route=Route.AUTHORITY)
        direct = make.make_complaint(shop)
    for ids, title, error in (
        ([first.id], "一组", Invalid),
        ([first.id, first.id], "一组", Invalid),
        ([first.id, second.id], " ", Invalid),
        ([first.id, second.id], "长" * 81, Invalid),
        ([first.id, other.id], "一组", Conflict),
        ([first.id, direct.id], "一组", Conflict),
    ):
        with pytest.raises(error), unit():
            operations.open_group(shop.id, ids, title, who, NOW)
    with pytest.raises(Forbidden), unit():
        operations.open_group(shop.id, [first.id, second.id], "一组", stranger, NOW)
    assert Role.STATION_OFFICER in OFFICER_ROLES


def test_both_sides_are_told_and_learn_nothing_of_the_others(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        first, second = filed(shop, 2)
        operations.open_group(shop.id, [first.id, second.id], "一组秘密的名字", who, NOW)
    sent = [str(one.text) for one in db.session.query(OutboxMessage).all() if "一起办理" in str(one.text)]
    assert len(sent) == 2
    for one, other in ((first, second), (second, first)):
        [mine] = [text for text in sent if one.number in text]
        assert other.number not in mine
        assert "秘密" not in mine


def test_each_on_its_own_ground_or_none(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        found = filed(shop, 2)
        group = operations.open_group(shop.id, [one.id for one in found], "两件", who, NOW)
    ids = [one.id for one in found]
    seen = versions(group.id)
    with pytest.raises(Invalid, match="choose_ground_each"), unit():
        operations.act(
            group.id, "refuse", who, NOW, text="说明", grounds={ids[0]: "already_handled"}, versions=seen
        )
    assert [one.state for one in queries.members(group.id)] == [ComplaintState.REFERRED] * 2
    own = {ids[1]: rules.complaint_rules.grounds_for("refuse", "order121")[-1].code}
    with unit():
        operations.act(
            group.id, "refuse", who, NOW, text="说明", ground="already_handled", grounds=own, versions=seen
        )
    assert [one.refuse_ground for one in queries.members(group.id)] == ["already_handled", own[ids[1]]]


def test_one_hearing_for_all(context: Flask, each_database: str) -> None:
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        found = filed(shop, 3)
        group = operations.open_group(shop.id, [one.id for one in found], "三件", who, NOW)
        for one in found[:2]:
            make.move(one, ("accept", who))
    meeting = Meeting(NOW + timedelta(days=2), "on_site", "二楼调解室")
    with pytest.raises(Invalid, match="hearing_when"), unit():
        operations.act(group.id, "invite", who, NOW, versions=versions(group.id))
    with unit():
        operations.act(group.id, "inform", who, NOW, text="请带上小票。", versions=versions(group.id))
        lines = operations.act(group.id, "invite", who, NOW, meeting=meeting, versions=versions(group.id))
    assert [(line.done, line.why) for line in lines] == [(True, ""), (True, ""), (False, "end_not_now")]
    for one in found[:2]:
        begun = mediation_queries.open_of(one.id)
        assert begun is not None
        assert [(hearing.at, hearing.place) for hearing in begun.hearings] == [(meeting.at, "二楼调解室")]
    assert [one.messages[-1].action for one in found] == ["inform"] * 3
    with pytest.raises(Conflict, match="group_nothing_to_do"), unit():
        operations.act(group.id, "invite", who, NOW, meeting=meeting, versions=versions(group.id))


def test_all_three_sides_see_by_when_both_are_to_be_told(context: Flask, each_database: str) -> None:
    """Joint end: each member's own seven working days for the notice are everybody's countdown until served."""
    with unit():
        shop, who = make.make_shop_with_policy(), officer()
        found = filed(shop, 2)
        group = operations.open_group(shop.id, [one.id for one in found], "两件", who, NOW)
        for one in found:
            make.move(one, ("accept", who))
        operations.act(
            group.id, "end", who, NOW, text="没谈成", ground="no_agreement", versions=versions(group.id)
        )
    for one in found:
        for side in (Side.OFFICER, Side.MERCHANT, Side.CONSUMER):
            seen = showing.situation(one, NOW, side)
            assert seen.iso is not None
            assert seen.iso == one.next_due_at.isoformat()  # type: ignore[union-attr]
        with unit():
            make.move(one, ("serve", who))
        assert showing.situation(one, NOW, Side.OFFICER).iso is None
