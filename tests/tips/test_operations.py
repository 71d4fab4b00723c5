"""Tips from receipt to the reporter told: clocks met, more time by two people, papers and messages once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import complaints as make
from tests.factories import tips
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.audit.models import AuditEvent
from webapp.audit.rules import Purpose
from webapp.clocks import queries as clocks
from webapp.clocks.laws import Kind
from webapp.core.actor import CONSUMER, Actor, Role, Scope
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.feed.models import Change
from webapp.letters.models import Letter
from webapp.merchants.models import OperatorMember, Recusal, Shop
from webapp.notices.models import Notice, OutboxMessage
from webapp.tips import extending, intake, operations, queries, timing
from webapp.tips.models import Tip, TipExtension
from webapp.tips.rules import ExtensionState, TipState

DAY = timedelta(days=1)


@pytest.fixture
def shop(each_database: str, context: Flask, freeze: Callable[..., object]) -> Iterator[Shop]:
    freeze(NOW)
    token = may_write.set(True)
    yield make.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def officer(shop: Shop) -> Actor:
    return make.make_officer(name="李警官").actor()


@pytest.fixture
def bureau(shop: Shop) -> Actor:
    return make.make_officer(Role.BUREAU_OFFICER, "1306", "周科长").actor()


def letters() -> list[str]:
    return list(db.session.scalars(sa.select(Letter.kind).order_by(Letter.id)))


def messages() -> list[str]:
    return list(db.session.scalars(sa.select(OutboxMessage.template).order_by(OutboxMessage.id)))


def due(tip: Tip) -> datetime | None:
    db.session.flush()
    assert tip.next_due_at == clocks.next_due("tip", tip.id), "the row says what the clocks say"
    return tip.next_due_at


def test_a_case_is_filed_and_the_named_reporter_told(shop: Shop, officer: Actor) -> None:
    tip = tips.make_tip(shop)
    assert due(tip) is not None
    tips.decide(tip, officer, NOW + 3 * DAY)
    assert (tip.state, tip.decision_ground, tip.decision_text) == (TipState.CASE, "conditions_met", "查实了")
    assert tip.ended_at == tip.decided_at == NOW + 3 * DAY
    verification, notice = clocks.of("tip", tip.id)
    assert (verification.kind, verification.ended_how, verification.late) == (
        Kind.VERIFICATION,
        "meet",
        False,
    )
    assert (notice.kind, notice.ended_at) == (Kind.TIP_NOTICE, None)
    assert due(tip) == notice.due_at
    operations.act(tip.id, "tell", officer, NOW + 4 * DAY)
    assert tip.told_at == NOW + 4 * DAY
    assert due(tip) is None
    assert letters() == ["tip_result"]
    assert messages() == ["tip.sms.case"]
    with pytest.raises(Conflict, match="nothing_to_tell"):
        operations.act(tip.id, "tell", officer, NOW + 5 * DAY)
    said = db.session.scalars(sa.select(OutboxMessage)).one()
    assert said.address == tips.PHONE
    assert shop.full_name not in said.text


def test_who_left_no_mobile_is_told_by_the_officer(shop: Shop, officer: Actor) -> None:
    tip = tips.make_tip(shop, reporter_phone="+863125551234")
    tips.decide(tip, officer, case=False)
    with pytest.raises(Invalid, match="say_how_told"):
        operations.act(tip.id, "tell", officer, NOW)
    operations.act(tip.id, "tell", officer, NOW, text="打了座机")
    assert letters() == ["tip_result"]
    assert messages() == []


def test_who_is_not_named_is_owed_nothing(shop: Shop, officer: Actor) -> None:
    tip = tips.make_tip(shop, named=False, reporter_name="", reporter_phone="")
    tips.decide(tip, officer, case=False)
    assert due(tip) is None
    assert [row.kind for row in clocks.of("tip", tip.id)] == [Kind.VERIFICATION]
    with pytest.raises(Conflict, match="nothing_to_tell"):
        operations.act(tip.id, "tell", officer, NOW)


@pytest.mark.parametrize(
    ("action", "ground", "text", "code"),
    [
        ("file_case", "", "字", "choose_ground"),
        ("file_case", "no_evidence", "字", "choose_ground"),
        ("file_no_case", "conditions_met", "字", "choose_ground"),
        ("file_no_case", "other_law", "", "say_something"),
        ("file_no_case", "no_evidence", "长" * 2001, "text_too_long"),
        ("file_case", "", "", "reason_required"),
        ("transfer", "", "理由", "choose_handler"),
        ("transfer_out", "", "理由", "name_the_authority"),
        ("pause", "supplement", "理由", "clock_ground"),
    ],
)
def test_what_is_missing_is_said_and_nothing_happens(
    shop: Shop, officer: Actor, action: str, ground: str, text: str, code: str
) -> None:
    tip = tips.make_tip(shop)
    with pytest.raises(Invalid, match=code):
        operations.act(tip.id, action, officer, NOW, text=text, ground=ground)


def test_a_pause_stops_the_days_and_a_resume_adds_them(shop: Shop, officer: Actor) -> None:
    tip = tips.make_tip(shop)
    before = due(tip)
    operations.act(tip.id, "pause", officer, NOW + DAY, ground="testing", text="送市检验所")
    assert due(tip) is None
    assert timing.is_paused(tip)
    operations.act(tip.id, "resume", officer, NOW + 15 * DAY)
    after = due(tip)
    assert before is not None
    assert after is not None
    assert after > before
    assert [event.what for event in clocks.of("tip", tip.id)[0].events] == ["pause", "resume"]


def test_a_transfer_gives_the_receiver_the_whole_period(shop: Shop, officer: Actor, bureau: Actor) -> None:
    make_street("130602001", "竞秀区市场监管所")
    tip = tips.make_tip(shop)
    before = due(tip)
    operations.ask_extension(tip.id, "要等检验", officer, NOW)
    operations.act(tip.id, "transfer", officer, NOW + 5 * DAY, text="总店在那边", handler=Scope("130602"))
    after = due(tip)
    assert tip.scope.region_code == "130602"
    assert before is not None
    assert after is not None
    assert after > before
    assert tip.extensions[0].state is ExtensionState.WITHDRAWN
    with pytest.raises(Forbidden):
        tips.decide(tip, officer)
    elsewhere = make.make_officer(region="130602").actor()
    tips.decide(tip, elsewhere)


def test_the_office_that_gets_a_tip_is_told_once(shop: Shop, officer: Actor) -> None:
    make_street("130602001", "竞秀区市场监管所")
    receiver = make.make_officer(region="130602", name="对方").actor()
    filing = tips.make_filing()
    for _ in range(2):
        tip, _receipt = intake.file(shop.id, filing, NOW)
    operations.act(tip.id, "transfer", officer, NOW, text="总店在那边", handler=Scope("130602"))
    told = [(one.account_id, one.word) for one in db.session.scalars(sa.select(Notice).order_by(Notice.id))]
    assert told == [(officer.account_id, "tip.office.filed"), (receiver.account_id, "tip.office.transfer")]


def test_a_tip_handed_outside_ends_with_a_paper(shop: Shop, officer: Actor) -> None:
    tip = tips.make_tip(shop, named=False, reporter_name="", reporter_phone="")
    operations.act(tip.id, "transfer_out", officer, NOW, text="属农业农村部门", addressee="市农业农村局")
    assert tip.state is TipState.TRANSFERRED
    assert due(tip) is None
    assert letters() == ["transfer_notice"]
    assert tip.messages[-1].text == "市农业农村局：属农业农村部门", "the reporter reads to whom it went"


def test_more_time_takes_two_people_and_comes_once(shop: Shop, officer: Actor, bureau: Actor) -> None:
    tip = tips.make_tip(shop)
    before = due(tip)
    with pytest.raises(Invalid, match="reason_required"):
        operations.ask_extension(tip.id, " ", bureau, NOW)
    operations.ask_extension(tip.id, "要等检验结果", bureau, NOW + DAY)
    with pytest.raises(Conflict, match="extension_asked"):
        operations.ask_extension(tip.id, "再来", officer, NOW + DAY)
    with pytest.raises(Forbidden, match="two_people_needed"):
        operations.decide_extension(tip.id, "approve", "我自己批", bureau, NOW + DAY)
    with pytest.raises(Forbidden):
        operations.decide_extension(tip.id, "approve", "所里批", officer, NOW + DAY)
    assert due(tip) == before
    second = make.make_officer(Role.BUREAU_OFFICER, "130606", "王局").actor()
    operations.decide_extension(tip.id, "approve", "同意", second, NOW + 2 * DAY)
    after = due(tip)
    assert before is not None
    assert after is not None
    assert after > before + 14 * DAY
    with pytest.raises(Conflict, match="clock_extended"):
        operations.ask_extension(tip.id, "还不够", officer, NOW + 3 * DAY)
    row = db.session.scalars(sa.select(TipExtension)).one()
    assert (row.state, row.asked_by_id, row.decided_by_id) == (
        ExtensionState.APPROVED,
        bureau.account_id,
        second.account_id,
    )
    assert [m.internal for m in tip.messages] == [True, False], "the reporter sees what was approved"


def test_a_request_refused_or_taken_back_can_be_made_anew(shop: Shop, officer: Actor, bureau: Actor) -> None:
    tip = tips.make_tip(shop)
    before = due(tip)
    operations.ask_extension(tip.id, "一", officer, NOW)
    operations.decide_extension(tip.id, "refuse", "人手够", bureau, NOW)
    operations.ask_extension(tip.id, "二", officer, NOW)
    with pytest.raises(Forbidden):
        operations.decide_extension(tip.id, "withdraw", "", make.make_officer().actor(), NOW)
    operations.decide_extension(tip.id, "withdraw", "", officer, NOW)
    with pytest.raises(Conflict, match="no_extension_asked"):
        operations.decide_extension(tip.id, "approve", "好", bureau, NOW)
    operations.ask_extension(tip.id, "三", officer, NOW)
    assert due(tip) == before
    tips.decide(tip, officer)
    assert [one.state.value for one in tip.extensions] == ["refused", "withdrawn", "withdrawn"]


def test_past_its_day_nothing_is_extended(shop: Shop, officer: Actor, bureau: Actor) -> None:
    tip = tips.make_tip(shop)
    end = due(tip)
    assert end is not None
    operations.ask_extension(tip.id, "来得及", officer, end)
    with pytest.raises(Conflict, match="clock_past_due"):
        operations.decide_extension(tip.id, "approve", "晚了", bureau, end + DAY)
    operations.decide_extension(tip.id, "withdraw", "", officer, end + DAY)
    assert extending.may_ask(tip, end + DAY) == "clock_past_due"
    tips.decide(tip, officer, end + DAY)
    assert clocks.of("tip", tip.id)[0].late


@pytest.mark.parametrize(
    "rows",
    [
        [{"asked_by_id": 1, "decided_by_id": 1, "state": ExtensionState.APPROVED}],
        [
            {"asked_by_id": 1, "state": ExtensionState.ASKED},
            {"asked_by_id": 2, "state": ExtensionState.APPROVED},
        ],
    ],
    ids=["one person", "two extensions"],
)
def test_the_database_refuses_too(shop: Shop, rows: list[dict[str, Any]]) -> None:
    tip = tips.make_tip(shop)
    for row in rows:
        db.session.add(TipExtension(tip_id=tip.id, reason="x", asked_at=NOW, **row))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_double_tap_is_one_step_and_a_stale_page_none(shop: Shop, officer: Actor, bureau: Actor) -> None:
    tip = tips.make_tip(shop)
    db.session.flush()
    seen = tip.version
    for _ in range(2):
        operations.act(tip.id, "file_case", officer, NOW, text="查实", ground="conditions_met", version=seen)
    assert [m.action for m in tip.messages] == ["file_case"]
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.act(tip.id, "file_no_case", bureau, NOW, ground="no_evidence", version=seen)
    with pytest.raises(StepRefused):
        operations.act(tip.id, "file_no_case", bureau, NOW, ground="no_evidence", version=tip.version)


@pytest.mark.parametrize("tie", ["declared", "a member"])
def test_who_must_stand_aside_does_nothing(shop: Shop, tie: str) -> None:
    tip = tips.make_tip(shop)
    account = make.make_officer(Role.BUREAU_OFFICER, "1306")
    operator = shop.operator_id
    if tie == "declared":
        db.session.add(Recusal(account_id=account.id, operator_id=operator, declared_at=NOW))
    else:
        db.session.add(
            OperatorMember(account_id=account.id, operator_id=operator, role="clerk", created_at=NOW)
        )
    db.session.flush()
    tied = account.actor()
    deeds: list[Callable[[], object]] = [
        lambda: tips.decide(tip, tied),
        lambda: operations.note(tip.id, "x", tied, NOW),
        lambda: operations.reveal_contact(tip.id, Purpose.CALL, tied, NOW),
        lambda: operations.ask_extension(tip.id, "x", tied, NOW),
        lambda: operations.register_on_paper(tip.id, tied, NOW),
    ]
    for deed in deeds:
        with pytest.raises(Forbidden, match="must_stand_aside"):
            deed()
    posts = tied.posts
    assert db.session.scalars(queries.office_list(posts, tied.aside_from)).all() == []
    assert db.session.scalars(queries.office_list(posts, frozenset())).all() == [tip]
    assert (queries.waiting(posts, tied.aside_from), queries.waiting(posts, frozenset())) == (0, 1)


def test_a_withdrawn_tip_owes_nothing(shop: Shop) -> None:
    tip = tips.make_tip(shop)
    operations.act(tip.id, "withdraw", CONSUMER, NOW)
    assert due(tip) is None
    assert clocks.of("tip", tip.id)[0].ended_how == "stop"


def test_a_new_calendar_moves_the_row(shop: Shop, bureau: Actor) -> None:
    tip = tips.make_tip(shop)
    row = clocks.of("tip", tip.id)[0]
    assert row.due_at is not None
    row.due_at += DAY
    timing.moved("complaint", tip.id, bureau, NOW)
    assert tip.next_due_at != row.due_at
    timing.moved("tip", tip.id, bureau, NOW)
    assert due(tip) == row.due_at
    assert timing.name_of("tip", tip.id) == tip.number
    assert timing.name_of("complaint", tip.id) is None


def test_nothing_of_a_tip_leaves_for_the_merchant_or_the_feed(
    shop: Shop, officer: Actor, bureau: Actor
) -> None:
    merchant = make.make_merchant(shop).actor()
    tip, _ = intake.file(shop.id, tips.make_filing(), NOW)
    operations.ask_extension(tip.id, "检验", officer, NOW)
    operations.decide_extension(tip.id, "approve", "同意", bureau, NOW)
    tips.decide(tip, officer)
    operations.act(tip.id, "tell", officer, NOW)
    told = {notice.account_id for notice in db.session.scalars(sa.select(Notice))}
    assert told == {officer.account_id, bureau.account_id}, "the office learns of it, the merchant never"
    assert db.session.scalars(sa.select(Change)).all() == []
    assert {m.address for m in db.session.scalars(sa.select(OutboxMessage))} == {tips.PHONE}
    for action in ("supplement", "file_case", "tell"):
        with pytest.raises((Forbidden, StepRefused)):
            operations.act(tip.id, action, merchant, NOW, text="x", ground="conditions_met")
    with pytest.raises(Forbidden):
        operations.note(tip.id, "x", merchant, NOW)
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "tip"))
    assert not any(event.public for event in events)
