"""Who is told of which step: each once, in words without anything personal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import complaints as make
from tests.factories.complaints import NAME, PHONE
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.complaints import operations, settlement, sweeps, telling
from webapp.complaints.models import Complaint, ComplaintMessage, Demand, Side
from webapp.complaints.rules import STEPS, Route
from webapp.complaints.settlement import Terms
from webapp.core import clock
from webapp.core.actor import Role, Scope
from webapp.core.db import db, may_write
from webapp.core.language import Language
from webapp.core.transaction import commit
from webapp.merchants.models import Shop
from webapp.notices.models import Notice, OutboxMessage
from webapp.web.words import label

#: action -> who is told: m the shop's people, c the consumer, o the officers who may handle it.
TOLD = {
    "answer": "c",
    "offer": "c",
    "say_performed": "c",
    "supplement": "m",
    "accept_offer": "m",
    "decline_offer": "m",
    "confirm_resolved": "m",
    "say_unresolved": "mo",
    "withdraw": "m",
    "reopen": "mo",
    "count_as_kept": "mc",
    "lapse": "mc",
    "refer": "mco",
    "accept": "mc",
    "refuse": "mc",
    "settle": "mc",
    "end": "mc",
    "pause": "mc",
    "resume": "mc",
    "inform": "mc",
    "join": "mc",
    "part": "mc",
    "transfer": "mco",
    "serve": "mc",
    "transfer_out": "mc",
}


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    with app_on.app_context():
        yield make.make_shop_with_policy()
    may_write.reset(token)


def notices() -> list[tuple[int, str]]:
    return [(one.account_id, one.word) for one in db.session.scalars(sa.select(Notice).order_by(Notice.id))]


def texts() -> list[OutboxMessage]:
    return list(db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


def clear() -> None:
    db.session.execute(sa.delete(Notice))
    db.session.execute(sa.delete(OutboxMessage))


def said(
    complaint: Complaint, action: str, by: int | None = None, text: str = "她说的话"
) -> ComplaintMessage:
    message = ComplaintMessage(
        complaint_id=complaint.id, side=Side.SYSTEM, action=action, text=text, by_id=by, at=NOW
    )
    db.session.add(message)
    db.session.flush()
    return message


def test_the_table_names_every_step() -> None:
    assert set(TOLD) == {step.action for step in STEPS}


def test_every_step_tells_whom_it_should_once_without_a_word_of_what_was_said(shop: Shop) -> None:
    owner, clerk = make.make_merchant(shop), make.make_merchant(shop, "小张")
    officer = make.make_officer()
    make.make_officer(region="130602")
    make.make_officer(Role.DEPARTMENT_OFFICER)
    complaint = make.make_complaint(shop)
    for action, whom in TOLD.items():
        clear()
        message = said(complaint, action)
        telling.tell(complaint, message, NOW)
        telling.tell(complaint, message, NOW + timedelta(minutes=1))
        expected = []
        if "m" in whom:
            expected += [(owner.id, f"complaint.notice.{action}"), (clerk.id, f"complaint.notice.{action}")]
        if "o" in whom:
            expected.append((officer.id, f"complaint.office.{action}"))
        assert notices() == expected, action
        sent = texts()
        assert [(one.address, one.template) for one in sent] == (
            [(PHONE, f"complaint.sms.{action}")] if "c" in whom else []
        ), action
        for one in db.session.scalars(sa.select(Notice)):
            words = label(one.word, **one.details)
            assert complaint.number in words
            assert one.word not in words, "a word without a text"
            assert "她说的话" not in words
            assert NAME not in words
            office = one.account_id == officer.id
            assert one.url == f"/{'office' if office else 'merchant'}/complaints/{complaint.id}"
        for message_out in sent:
            assert complaint.number in message_out.text
            assert not [
                secret
                for secret in (NAME, PHONE, PHONE[3:], "她说的话", "酱肉")
                if secret in message_out.text
            ]
            assert len(message_out.text) <= 140, "two SMS at most"


def test_who_refers_is_not_told_of_it_nor_is_who_stands_aside(shop: Shop) -> None:
    officer, colleague = make.make_officer(), make.make_officer(Role.BUREAU_OFFICER, "1306")
    off = make.make_officer()
    off.disabled_at = NOW
    complaint = make.make_complaint(shop)
    make.move(complaint, ("refer", officer.actor()))
    assert [who for who, word in notices() if word.startswith("complaint.office")] == [colleague.id]


def test_a_transfer_tells_the_office_that_has_it_now(shop: Shop) -> None:
    make_street("130602001", "竞秀区市场监管所")
    officer, receiver = make.make_officer(), make.make_officer(region="130602")
    complaint = make.move(make.make_complaint(shop), ("refer", officer.actor()))
    clear()
    operations.act(complaint.id, "transfer", officer.actor(), NOW, text="归他们管", handler=Scope("130602"))
    assert [who for who, word in notices() if word == "complaint.office.transfer"] == [receiver.id]


def test_a_complaint_straight_to_the_authority_tells_both_that_it_is_the_offices_turn(shop: Shop) -> None:
    owner, officer = make.make_merchant(shop), make.make_officer()
    make.make_complaint(shop, route=Route.AUTHORITY)
    assert notices() == [
        (owner.id, "complaint.notice.filed_straight"),
        (officer.id, "complaint.office.filed"),
    ]
    assert [one.template for one in texts()] == ["complaint.sms_shop.filed_straight", "complaint.sms.receipt"]


def test_a_missed_answer_says_what_follows_by_notice_and_sms_once(shop: Shop) -> None:
    owner = make.make_merchant(shop)
    complaint = make.make_complaint(shop)
    commit()
    clear()
    late = complaint.answer_due_at + timedelta(minutes=1)
    assert sweeps.sweep(late) == 1
    assert sweeps.sweep(late + timedelta(minutes=5)) == 0
    assert notices() == [(owner.id, "complaint.notice.missed")]
    assert [one.template for one in texts()] == ["complaint.sms_shop.missed", "complaint.sms.refer"]
    assert "计入公示的按时回复率" in texts()[0].text


def test_offers_through_their_real_operations(shop: Shop) -> None:
    merchant = make.make_merchant(shop).actor()
    complaint = make.make_complaint(shop)
    clear()
    terms = Terms(Demand.REFUND, 3550, "退您差价。", clock.day_of(NOW) + timedelta(days=3), "陈师傅")
    offer = settlement.make(complaint.id, terms, merchant, NOW)
    settlement.accept(complaint.id, offer.id, NAME, NOW)
    operations.act(complaint.id, "say_performed", merchant, NOW)
    assert [word for _, word in notices()] == ["complaint.notice.accept_offer"]
    assert [one.template for one in texts()] == ["complaint.sms.offer", "complaint.sms.say_performed"]


def test_both_sides_are_written_to_each_in_its_own_language(shop: Shop) -> None:
    owner, clerk = make.make_merchant(shop), make.make_merchant(shop, "小张")
    owner.language = Language.HANT
    complaint = make.make_complaint(shop, language=Language.EN)
    assert [(one.address, one.language, one.text[:4]) for one in texts()] == [
        (owner.phone, Language.HANT, "【放心消"),
        (clerk.phone, Language.HANS, "【放心消"),
        (PHONE, Language.EN, "[Tru"),
    ]
    assert "收到一件消費投訴" in texts()[0].text
    assert "收到一件消费投诉" in texts()[1].text
    clear()
    assert telling.write_in(complaint.contact_phone_hash or "", Language.HANT) == 1
    assert telling.write_in(complaint.contact_phone_hash or "", Language.HANT) == 0
    assert telling.write_in("f" * 64, Language.EN) == 0
    db.session.refresh(complaint)
    telling.tell(complaint, said(complaint, "pause"), NOW)
    assert [one.language for one in texts()] == [Language.HANT]
    assert "暫停計時" in texts()[0].text
