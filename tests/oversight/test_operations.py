"""Talks and orders from proposal to end: two people, documents, publication, what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.accounts import make_merchant, make_officer
from tests.factories.codes import make_code
from tests.factories.complaints import make_complaint
from tests.factories.merchants import NOW, make_member, make_shop
from tests.factories.oversight import approve, invitation, make_order, make_talk, order
from tests.factories.regions import make_street
from tests.factories.tips import make_tip
from webapp.audit.models import AuditEvent
from webapp.codes import operations as code_operations
from webapp.codes import queries as code_queries
from webapp.codes.rules import CodeState
from webapp.core import clock, policy
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.core.signals import holidays_changed, send
from webapp.core.transaction import unit
from webapp.core.workdays import Calendar, Notice
from webapp.letters import queries as letters
from webapp.listings import leads
from webapp.merchants.models import Shop
from webapp.notices.models import Notice as Told
from webapp.notices.models import OutboxMessage
from webapp.oversight import (
    consequences,
    deadlines,
    extensions,
    orders,
    queries,
    showing,
    sweeps,
    talks,
    telling,
)
from webapp.oversight.models import Correction, OversightProposal, Talk
from webapp.oversight.rules import ExtensionState, OrderState, ProposalState, Source, TalkState
from webapp.publiclog.models import LogLeaf

TODAY = clock.day_of(NOW)


@dataclass
class People:
    """A shop with an active code, its owner, two officers of the bureau and a station's."""

    shop: Shop
    owner: Actor
    one: Actor
    two: Actor
    station: Actor


@pytest.fixture
def people(context: Flask) -> People:
    with unit():
        policy.sync()
        street = make_street()
        shop = make_shop()
        account = make_merchant("陈师傅")
        make_member(shop.operator, account)
        one, two = make_officer().actor(), make_officer().actor()
        station = make_officer(Role.STATION_OFFICER, station_id=street.station_id).actor()
        make_code(shop)
        owner = Actor(account.id, "陈师傅", Role.MERCHANT, (), frozenset({shop.operator_id}))
        return People(shop, owner, one, two, station)


def actions(subject: str) -> list[str]:
    rows = db.session.scalars(
        sa.select(AuditEvent.action).where(AuditEvent.subject_type == subject).order_by(AuditEvent.id)
    )
    return list(rows)


def leaves() -> list[tuple[str, bool]]:
    db.session.expire_all()
    rows = db.session.scalars(sa.select(LogLeaf).order_by(LogLeaf.id)).all()
    return [(row.kind, row.about is not None) for row in rows if row.kind.split(".")[0] in {"talk", "order"}]


def public(shop: Shop, day: int = 0) -> list[Any]:
    return queries.public_of_shop(shop.id, TODAY + timedelta(days=day))


@pytest.mark.each_database
def test_a_talk_from_proposal_to_admonition(people: People) -> None:
    with unit():
        talk = make_talk(people.shop, people.station)
        assert not queries.is_told(talk)
        assert queries.told_to(frozenset({people.shop.operator_id})) == []
        approve(talk, people.two)
    assert (talk.state, public(people.shop)) == (TalkState.INVITED, [])
    with unit():
        talks.confirm(talk.id, "陈师傅，负责人", people.owner, NOW)
        talks.confirm(talk.id, "陈师傅，负责人", people.owner, NOW)
        later = talk.talk_at + timedelta(days=1)
        talks.postpone(talk.id, later, "二楼", "会议冲突", people.station, NOW, talk.version)
    assert (talk.state, talk.comes, talk.place) == (TalkState.INVITED, None, "二楼")
    with pytest.raises(Conflict, match="talk_ahead"):
        talks.hold(talk.id, "陈师傅", "说明", "告诫", people.one, NOW, talk.version)
    with unit():
        talks.hold(
            talk.id, "陈师傅", "已说明", "按时答复投诉", people.one, later + timedelta(hours=1), talk.version
        )
    assert talk.state is TalkState.HELD
    day = (clock.day_of(later) - TODAY).days
    assert public(people.shop, day) == [talk]
    assert public(people.shop, day + 90) == [talk]
    assert public(people.shop, day + 91) == []
    kinds = [letter.kind for letter in letters.of_subject(telling.subject(talk))]
    assert sorted(kinds) == ["talk_admonition", "talk_invitation"]
    assert actions("talk") == [
        "talk.propose",
        "talk.approve",
        "talk.confirm",
        "talk.postpone",
        "talk.hold",
        "talk.publish",
    ]
    assert leaves() == [("talk.publish", True)]
    with unit():
        end = later + timedelta(days=91)
        assert sweeps.sweep(end) == 1
        assert sweeps.sweep(end) == 0
    assert leaves() == [("talk.publish", False), ("talk.end", False)]
    words = db.session.scalars(sa.select(Told.word).order_by(Told.id)).all()
    assert [w for w in words if w.startswith("notice.oversight")] == [
        "notice.oversight.talk.approve",
        "notice.oversight.talk.postpone",
        "notice.oversight.talk.hold",
    ]


@pytest.mark.each_database
def test_an_order_from_proposal_to_performed(people: People) -> None:
    with unit():
        made = make_order(people.shop, people.station)
        assert made.due_on is None
        approve(made, people.two)
    # 6 May 2026 and ten working days, 9 May among them.
    assert (made.state, str(made.due_on)) == (OrderState.OPEN, "2026-05-19")
    assert public(people.shop) == [made]
    assert [letter.kind for letter in letters.of_subject(telling.subject(made))] == ["correction_order"]
    with unit():
        orders.report(made.id, "都标了价", people.owner, NOW)
        orders.report(made.id, "都标了价", people.owner, NOW)
        orders.check(made.id, "send_back", "后厨冰柜还没有", people.station, NOW, made.version)
    assert made.state is OrderState.OPEN
    with pytest.raises(Conflict, match="order_has_time"):
        orders.check(made.id, "fail", "没改", people.station, NOW, made.version)
    with unit():
        orders.report(made.id, "都标了价", people.owner, NOW)  # mended meanwhile, in the same words
        assert made.state is OrderState.REPORTED
        orders.check(made.id, "perform", "现场核过", people.station, NOW, made.version)
    assert (made.state, public(people.shop)) == (OrderState.PERFORMED, [])
    assert leaves() == [("order.publish", False), ("order.end", False)]
    assert actions("correction").count("order.report") == 2
    sms = db.session.scalars(sa.select(OutboxMessage.template)).all()
    assert "sms.oversight.order.approve" in sms


def test_who_reported_in_time_is_not_called_late(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    orders.report(made.id, "都标了价", people.owner, NOW)
    late = clock.end_of_day(made.due_on)
    assert not showing.overdue(made, clock.day_of(late))
    sweeps.sweep(late)
    assert made.escalated_at is None
    orders.check(made.id, "send_back", "没有标全", people.station, late, made.version)
    assert showing.overdue(made, clock.day_of(late))
    assert sweeps.sweep(late) == 1


def test_a_talk_moved_meanwhile_is_not_confirmed_from_the_old_page(people: People) -> None:
    talk = approve(make_talk(people.shop, people.station), people.two)
    seen = talk.version
    talks.postpone(talk.id, talk.talk_at + timedelta(days=1), "二楼", "会议冲突", people.station, NOW, seen)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        talks.confirm(talk.id, "陈师傅", people.owner, NOW, seen)
    talks.confirm(talk.id, "陈师傅", people.owner, NOW, talk.version)
    assert talk.state is TalkState.CONFIRMED


@pytest.mark.each_database
def test_an_order_not_performed_is_a_proposal_to_suspend(people: People) -> None:
    with unit():
        made = approve(make_order(people.shop, people.station), people.two)
    late = clock.end_of_day(made.due_on)
    with unit():
        assert sweeps.sweep(late) == 1
        assert sweeps.sweep(late) == 0
        told = db.session.scalars(sa.select(Told).where(Told.word == "notice.oversight.overdue")).all()
        assert {row.account_id for row in told} == {people.one.account_id, people.two.account_id}
        orders.check(made.id, "fail", "还是没有标价", people.one, late, made.version)
    [proposal] = queries.open_proposals(people.two.posts)
    assert (proposal.order_id, proposal.event) == (made.id, "order_failed")
    assert code_queries.facts(people.shop.id).state == CodeState.ACTIVE
    with pytest.raises(Forbidden, match="two_people_needed"):
        consequences.take(proposal.id, "没改", people.one, late, proposal.version)
    with pytest.raises(Invalid, match="reason_required"):
        consequences.take(proposal.id, " ", people.two, late, proposal.version)
    with unit():
        consequences.take(proposal.id, "逾期没有改正", people.two, late, proposal.version)
    assert code_queries.facts(people.shop.id).state == CodeState.SUSPENDED
    assert proposal.state is ProposalState.TAKEN
    with pytest.raises(StepRefused):
        consequences.decline(proposal.id, "晚了", people.two, late, proposal.version)


def test_performed_late_the_proposal_falls_away(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    late = clock.end_of_day(made.due_on)
    orders.check(made.id, "fail", "没有标价", people.one, late, made.version)
    [proposal] = queries.open_proposals(people.two.posts)
    orders.check(made.id, "perform", "复查已改", people.one, late, made.version)
    assert (proposal.state, made.state) == (ProposalState.LAPSED, OrderState.PERFORMED)
    assert public(people.shop) == []


def told_of(word: str) -> list[int]:
    return sorted(
        db.session.scalars(sa.select(Told.account_id).where(Told.word == f"notice.oversight.{word}"))
    )


def test_a_report_that_nobody_looks_at_is_told_to_the_bureau_once(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    orders.report(made.id, "都标了价", people.owner, NOW)
    assert sweeps.sweep(NOW + timedelta(days=3)) == 0, "three days are the office's"
    later = NOW + timedelta(days=3, minutes=1)
    assert (sweeps.sweep(later), sweeps.sweep(later)) == (1, 0)
    assert told_of("unseen") == [people.one.account_id, people.two.account_id]
    orders.check(made.id, "send_back", "没有标全", people.station, later, made.version)
    assert sweeps.sweep(later + timedelta(days=1)) == 0
    orders.report(made.id, "这次标全了", people.owner, later)
    assert sweeps.sweep(later + timedelta(days=4)) == 1, "the second report is told of anew"
    assert told_of("overdue") == [], "the merchant was never late"


@pytest.mark.parametrize("ending", ["withdraw", "perform"])
def test_the_bureau_is_asked_to_lift_what_the_order_brought_about(people: People, ending: str) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    late = clock.end_of_day(made.due_on)
    orders.check(made.id, "fail", "没有标价", people.one, late, made.version)
    assert not consequences.suspended_by(made), "only proposed"
    [proposal] = queries.open_proposals(people.two.posts)
    consequences.take(proposal.id, "逾期没有改正", people.two, late, proposal.version)
    assert consequences.suspended_by(made)
    if ending == "withdraw":
        orders.withdraw(made.id, "对象有误", people.one, late, made.version)
    else:
        orders.check(made.id, "perform", "复查已改", people.one, late, made.version)
    assert code_queries.facts(people.shop.id).state == CodeState.SUSPENDED, "nothing lifts it by itself"
    assert told_of("lift") == [people.one.account_id, people.two.account_id]
    code_operations.lift(people.shop.id, consequences.SUSPEND_GROUND, "已改正", people.two, late)
    assert not consequences.suspended_by(made)
    assert code_queries.facts(people.shop.id).state == CodeState.ACTIVE


def test_without_a_suspension_nobody_is_asked_to_lift(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    orders.withdraw(made.id, "对象有误", people.one, NOW, made.version)
    assert told_of("lift") == []


def test_where_failures_are_not_shown_they_leave_the_page(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    assert public(people.shop) == [made]
    statement = sa.select(policy.PolicyValue).where(policy.PolicyValue.key == "oversight.order_failed_show")
    db.session.scalars(statement).one().value = "0"
    db.session.flush()
    late = clock.end_of_day(made.due_on)
    orders.check(made.id, "fail", "没有标价", people.one, late, made.version)
    assert public(people.shop, (clock.day_of(late) - TODAY).days) == []


def test_a_proposal_is_declined_with_a_reason(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    late = clock.end_of_day(made.due_on)
    orders.check(made.id, "fail", "没有标价", people.one, late, made.version)
    [proposal] = queries.open_proposals(people.two.posts)
    consequences.decline(proposal.id, "已经停业整顿", people.two, late, proposal.version)
    assert code_queries.facts(people.shop.id).state == CodeState.ACTIVE
    assert queries.open_proposals(people.two.posts) == []


def test_repeated_talks_are_a_proposal_for_the_black_list(people: People) -> None:
    now = NOW
    for count in range(3):
        assert (leads.find_open(people.shop.id) is None) == (count < 3)
        talk = approve(make_talk(people.shop, people.station, now), people.two, now)
        now = talk.talk_at + timedelta(hours=1)
        talks.hold(talk.id, "陈师傅", "说明", "告诫", people.one, now, talk.version)
    lead = leads.find_open(people.shop.id)
    assert lead is not None
    assert (lead.proposer, lead.ground) == ("oversight", "refused_redress")
    assert "老槐树面馆" in lead.evidence
    leads.lapse(people.shop.id, now)  # the register has nothing to say about this one
    assert leads.find_open(people.shop.id) is lead
    talks.end(talk.id, "withdraw", "查错了店", people.one, now, talk.version)
    assert leads.find_open(people.shop.id) is None, "what was decided wrongly leaves no lead behind"


def test_staying_away(people: People) -> None:
    talk = approve(make_talk(people.shop, people.station), people.two)
    after = talk.talk_at + timedelta(hours=1)
    talks.absent(talk.id, "电话不接", people.station, after, talk.version)
    assert talk.state is TalkState.ABSENT
    assert public(people.shop, 7) == [talk]
    talks.end(talk.id, "withdraw", "住院，有证明", people.one, after, talk.version)
    assert public(people.shop, 7) == []
    assert leaves() == [("talk.publish", False), ("talk.end", False)]


def test_nobody_decides_on_their_own(people: People) -> None:
    for make in (make_talk, make_order):
        case = make(people.shop, people.one)
        with pytest.raises(Forbidden, match="two_people_needed"):
            approve(case, people.one)
        with pytest.raises(Forbidden):
            approve(case, people.station)
        table = case.__table__.name
        more = "" if table == "talk" else ", due_on = '2026-06-01'"
        state = "invited" if table == "talk" else "open"
        same = f"UPDATE {table} SET state = '{state}', decided_by_id = proposed_by_id{more}"
        with pytest.raises(sa.exc.IntegrityError, match="two_people"), db.session.begin_nested():
            db.session.execute(sa.text(same))
        alone = f"UPDATE {table} SET state = '{state}'{more}"
        with pytest.raises(sa.exc.IntegrityError, match="by_two"), db.session.begin_nested():
            db.session.execute(sa.text(alone))
    talk = db.session.scalars(sa.select(Talk)).one()
    with pytest.raises(Forbidden, match="only_proposer"):
        talks.take_back(talk.id, people.two, NOW, talk.version)
    talks.take_back(talk.id, people.one, NOW, talk.version)
    assert talk.state is TalkState.CANCELLED


@pytest.mark.each_database
def test_the_second_of_two_is_told(app: Flask) -> None:
    with app.app_context(), unit():
        policy.sync()
        make_street()
        one, two, three = (make_officer().actor() for _ in range(3))
        order_id = make_order(make_shop(), one).id
    with app.app_context():
        version = queries.get_order(order_id).version
        db.session.commit()
        with app.app_context(), unit():
            orders.decide(order_id, "refuse", "证据不足", two, NOW, version)
        with pytest.raises(Conflict, match="changed_meanwhile"):
            orders.decide(order_id, "approve", "", three, NOW, version)
        db.session.rollback()
    with app.app_context():
        assert queries.get_order(order_id).state is OrderState.REFUSED


def test_one_at_a_time(people: People) -> None:
    make_talk(people.shop, people.one)
    made = make_order(people.shop, people.one)
    with pytest.raises(Conflict, match="talk_stands"), db.session.begin_nested():
        make_talk(people.shop, people.two)
    with pytest.raises(Conflict, match="order_stands"), db.session.begin_nested():
        make_order(people.shop, people.two)
    make_order(people.shop, people.two, ground="measuring")
    orders.take_back(made.id, people.one, NOW, made.version)
    make_order(people.shop, people.two)


@pytest.mark.each_database
def test_more_time(people: People) -> None:
    with unit():
        made = approve(make_order(people.shop, people.station), people.two)
        before = made.due_on
        asked = extensions.ask(made.id, 5, "等配件", people.owner, NOW)
    with pytest.raises(Conflict, match="extension_asked"):
        extensions.ask(made.id, 5, "再等", people.owner, NOW)
    with pytest.raises(Forbidden):
        extensions.decide(made.id, "approve", "可以", people.station, NOW, made.version)
    with unit():
        extensions.decide(made.id, "approve", "情况属实", people.one, NOW, made.version)
    assert (asked.state, asked.due_before) == (ExtensionState.APPROVED, before)
    assert str(made.due_on) == "2026-05-26"
    with pytest.raises(Conflict, match="order_extended"):
        extensions.ask(made.id, 5, "还要", people.owner, NOW)


def test_who_asks_for_more_time_does_not_grant_it(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    asked = extensions.ask(made.id, 5, "等检测", people.one, NOW)
    with pytest.raises(Forbidden, match="two_people_needed"):
        extensions.decide(made.id, "approve", "可以", people.one, NOW, made.version)
    extensions.decide(made.id, "refuse", "不需要", people.two, NOW, made.version)
    assert (asked.state, str(made.due_on)) == (ExtensionState.REFUSED, "2026-05-19")
    asked = extensions.ask(made.id, 5, "等检测", people.one, NOW)
    orders.withdraw(made.id, "对象有误", people.one, NOW, made.version)
    assert asked.state is ExtensionState.DROPPED
    for days in (None, 0, 31):
        other = approve(make_order(people.shop, people.station), people.two)
        with pytest.raises(Invalid, match="order_days"):
            extensions.ask(other.id, days, "等", people.owner, NOW)
        orders.withdraw(other.id, "有误", people.one, NOW, other.version)


def test_a_holiday_notice_moves_what_runs(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    days = approve(make_order(people.shop, people.station, ground="measuring"), people.two)
    off = frozenset({clock.day_of(NOW) + timedelta(days=1), clock.day_of(NOW) + timedelta(days=2)})
    known = Calendar()
    after = replace(known, notices=(Notice(2026, off, frozenset()),))
    [moved] = deadlines.moves(known, after, TODAY)
    assert moved.kind == "order"
    send(holidays_changed, before=known, after=after, since=TODAY, actor=SYSTEM, now=NOW)
    assert str(made.due_on) != "2026-05-19"
    assert days.due_on is not None
    assert "order.due_moved" in actions("correction")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"source": Source.COMPLAINT, "source_ref": "TS0"}, "oversight_source_complaint"),
        ({"source": Source.TIP, "source_ref": "JB0"}, "oversight_source_tip"),
        ({"source": Source.INSPECTION, "source_ref": " "}, "required"),
        ({"ground": "rumour"}, "oversight_ground"),
        ({"ground": "food_hazard"}, "oversight_ground"),
        ({"facts": ""}, "required"),
        ({"demand": " "}, "required"),
        ({"days": 0}, "order_days"),
        ({"days": 61}, "order_days"),
        ({"public_summary": "长" * 301}, "oversight_too_long"),
    ],
)
def test_what_an_order_is_refused_for(people: People, more: dict[str, Any], error: str) -> None:
    with pytest.raises(Invalid, match=error):
        orders.propose(people.shop.id, order(**more), people.one, NOW)
    assert db.session.scalar(sa.select(sa.func.count(Correction.id))) == 0


def test_a_talk_is_not_today(people: People) -> None:
    with pytest.raises(Invalid, match="talk_too_soon"):
        talks.propose(people.shop.id, invitation(talk_at=NOW + timedelta(hours=2)), people.one, NOW)
    talk = make_talk(people.shop, people.one)
    with pytest.raises(Conflict, match="talk_passed"):
        approve(talk, people.two, talk.talk_at)


def test_what_it_comes_from_is_of_this_shop(people: People) -> None:
    complaint, tip = make_complaint(people.shop), make_tip(people.shop)
    away = make_complaint(make_shop(name="隔壁"))
    for source, ref in ((Source.COMPLAINT, complaint.number), (Source.TIP, tip.number)):
        made = make_order(people.shop, people.one, source=source, source_ref=ref)
        orders.take_back(made.id, people.one, NOW, made.version)
    with pytest.raises(Invalid, match="oversight_source_complaint"):
        make_order(people.shop, people.one, source=Source.COMPLAINT, source_ref=away.number)
    make_order(people.shop, people.one, source=Source.HOTSPOT, source_ref="")


def test_whoever_must_stand_aside_does_nothing(people: People) -> None:
    talk, made = make_talk(people.shop, people.two), make_order(people.shop, people.two)
    tied = replace(people.one, aside_from=frozenset({people.shop.operator_id}))
    for deed in (
        lambda: make_order(people.shop, tied, ground="measuring"),
        lambda: approve(talk, tied),
        lambda: approve(made, tied),
    ):
        with pytest.raises(Forbidden, match="must_stand_aside"):
            deed()
    approve(made, people.one)
    for action in ("perform", "fail"):
        with pytest.raises(Forbidden, match="must_stand_aside"):
            orders.check(made.id, action, "看过", tied, NOW, made.version)
    with pytest.raises(Forbidden, match="must_stand_aside"):
        orders.withdraw(made.id, "有误", tied, NOW, made.version)


def test_another_district_is_out_of_reach(people: People) -> None:
    make_street("130602001", "竞秀区先锋市场监管所")
    stranger = make_officer(region_code="130602").actor()
    with pytest.raises(Forbidden):
        make_order(people.shop, stranger)
    made = make_order(people.shop, people.one)
    with pytest.raises(Forbidden):
        approve(made, stranger)
    rival = Actor(99, "别家", Role.MERCHANT, (), frozenset({people.shop.operator_id + 1}))
    approve(made, people.two)
    with pytest.raises(Forbidden):
        orders.report(made.id, "改了", rival, NOW)


def test_the_city_decides_what_follows(people: People) -> None:
    for key in ("order_issued_show", "order_failed_suspend", "order_failed_show"):
        row = db.session.scalars(
            sa.select(policy.PolicyValue).where(policy.PolicyValue.key == f"oversight.{key}")
        ).one()
        row.value = "0"
    db.session.flush()
    made = approve(make_order(people.shop, people.station), people.two)
    late = clock.end_of_day(made.due_on)
    orders.check(made.id, "fail", "没有改", people.one, late, made.version)
    assert public(people.shop) == []
    assert leaves() == []
    assert db.session.scalar(sa.select(sa.func.count(OversightProposal.id))) == 0


def test_before_the_last_day_the_merchant_hears_once(people: People) -> None:
    made = approve(make_order(people.shop, people.station), people.two)
    assert made.due_on is not None
    soon = NOW + (made.due_on - TODAY - timedelta(days=2))
    assert sweeps.sweep(soon - timedelta(days=1)) == 0
    assert sweeps.sweep(soon) == 1
    assert sweeps.sweep(soon) == 0
    words = db.session.scalars(sa.select(Told.word)).all()
    assert words.count("notice.oversight.order.soon") == 1
