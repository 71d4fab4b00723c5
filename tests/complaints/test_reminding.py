"""Reminders before a deadline and escalation after: at their time, once, and never on a clock that does not run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.clocks import digest
from webapp.clocks import queries as clocks
from webapp.clocks import reminding as office
from webapp.clocks.laws import Kind
from webapp.clocks.reminding import Stage, stages
from webapp.complaints import operations, reminding, rules, settlement, telling
from webapp.complaints.models import Complaint, Demand
from webapp.complaints.settlement import Terms
from webapp.core import clock
from webapp.core.actor import CONSUMER, Role
from webapp.core.db import db, may_write
from webapp.core.transaction import rollback, unit
from webapp.core.workdays import LIBRARY
from webapp.merchants.models import Shop
from webapp.notices.models import Channel, Notice, OutboxMessage
from webapp.tips import intake as tips
from webapp.tips.intake import TipFiling
from webapp.web.words import label

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    with app_on.app_context():
        yield make.make_shop_with_policy()
    may_write.reset(token)


def told(prefix: str) -> list[tuple[int, str]]:
    statement = sa.select(Notice).where(Notice.word.startswith(prefix)).order_by(Notice.id)
    return [(one.account_id, one.word.rpartition(".")[2]) for one in db.session.scalars(statement)]


def sms(*words: str) -> list[str]:
    statement = sa.select(OutboxMessage.template).order_by(OutboxMessage.id)
    return [one for one in db.session.scalars(statement) if one.rpartition(".")[2] in words]


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI).astimezone(UTC)


def due(complaint: Complaint, kind: Kind) -> date:
    found = clocks.running("complaint", complaint.id, kind)[0].due_on
    assert found is not None
    return found


# --- the pure part --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 5, 5), ()),
        (date(2026, 5, 6), ()),
        (date(2026, 5, 7), (Stage.SOON,)),  # Thursday; due on Saturday 9 May, worked in exchange
        (date(2026, 5, 8), (Stage.SOON,)),
        (date(2026, 5, 9), (Stage.TODAY,)),
        (date(2026, 5, 10), (Stage.LATE,)),  # a Sunday: nobody could have acted yet
        (date(2026, 5, 11), (Stage.LATE, Stage.ESCALATED)),
    ],
)
def test_stages_count_working_days(today: date, expected: tuple[Stage, ...]) -> None:
    assert stages(date(2026, 5, 9), today, LIBRARY, 2, 1) == expected


def test_a_short_term_is_not_reminded_of_in_its_first_half() -> None:
    assert rules.remind_from(NOW, NOW + 24 * HOUR, 6 * HOUR) == NOW + 18 * HOUR
    assert rules.remind_from(NOW, NOW + 4 * HOUR, 6 * HOUR) == NOW + 2 * HOUR


# --- merchants and consumers ----------------------------------------------------------------------------------------


def test_a_merchant_is_reminded_six_hours_before_the_first_answer_once(shop: Shop) -> None:
    owner = make.make_merchant(shop)
    complaint = make.make_complaint(shop)
    due_at = complaint.answer_due_at
    for now in (due_at - 7 * HOUR, due_at - 6 * HOUR + timedelta(minutes=1), due_at - HOUR):
        reminding.sweep(now)
    assert told("complaint.notice.answer_soon") == [(owner.id, "answer_soon")]
    assert sms("answer_soon") == ["complaint.sms_shop.answer_soon"]


def test_who_answered_is_not_reminded(shop: Shop) -> None:
    make.make_merchant(shop)
    complaint = make.answered(shop)
    reminding.sweep(complaint.answer_due_at - HOUR)
    assert sms("answer_soon") == []


def test_a_consumer_is_reminded_once_per_word_and_by_day(shop: Shop) -> None:
    complaint = make.answered(shop)
    third = clock.day_of(NOW) + 3 * DAY
    reminding.sweep(at(third, 11))
    assert sms("silent") == [], "not yet three days"
    reminding.sweep(at(third, 23))
    assert sms("silent") == [], "people sleep"
    for hour in (9, 10, 20):
        reminding.sweep(at(third + DAY, hour))
    assert sms("silent") == ["complaint.sms.silent"]
    make.move(
        complaint, ("supplement", CONSUMER), ("answer", make.merchant_actor(shop)), now=at(third + DAY, 21)
    )
    reminding.sweep(at(third + 5 * DAY, 9))
    assert len(sms("silent")) == 2
    make.move(complaint, ("confirm_resolved", CONSUMER), now=at(third + 5 * DAY, 10))
    reminding.sweep(at(third + 9 * DAY, 9))
    assert len(sms("silent")) == 2


def test_offers_are_reminded_of_on_their_last_day_and_promises_the_day_before(shop: Shop) -> None:
    owner = make.make_merchant(shop)
    complaint = make.make_complaint(shop)
    today = clock.day_of(NOW)
    terms = Terms(Demand.REFUND, 3550, "退您差价。", today + 5 * DAY, "陈师傅")
    offer = settlement.make(complaint.id, terms, owner.actor(), NOW)
    for day in range(3):
        reminding.sweep(at(today + day * DAY, 20))
    assert sms("offer_last_day") == []
    for hour in (9, 15):
        reminding.sweep(at(today + 3 * DAY, hour))
    assert sms("offer_last_day") == ["complaint.sms.offer_last_day"]
    settlement.accept(complaint.id, offer.id, "王", at(today + 3 * DAY, 16))
    reminding.sweep(at(today + 3 * DAY, 17))
    assert told("complaint.notice.perform") == []
    for hour in (9, 15):
        reminding.sweep(at(today + 4 * DAY, hour))
    assert told("complaint.notice.perform") == [(owner.id, "perform_soon")]
    assert sms("perform_soon") == ["complaint.sms_shop.perform_soon"]


def test_both_sides_learn_by_day_and_once_that_an_offer_was_over(shop: Shop) -> None:
    owner = make.make_merchant(shop)
    complaint = make.make_complaint(shop)
    today = clock.day_of(NOW)
    terms = Terms(Demand.REFUND, 3550, "退您差价。", today + 5 * DAY, "陈师傅")
    settlement.make(complaint.id, terms, owner.actor(), NOW)
    night = at(today + 4 * DAY, 0) + timedelta(minutes=1)
    assert settlement.expire(night) == 1
    reminding.sweep(night)
    assert sms("offer_expired") == [], "people sleep"
    for hour in (9, 15):
        reminding.sweep(at(today + 4 * DAY, hour))
    assert told("complaint.notice.offer_expired") == [(owner.id, "offer_expired")]
    assert sorted(sms("offer_expired")) == ["complaint.sms.offer_expired", "complaint.sms_shop.offer_expired"]
    for word in (*sms("offer_expired"), "complaint.notice.offer_expired"):
        assert complaint.number in label(word, **telling.said_of(complaint))


def test_an_offer_whose_complaint_ended_before_the_morning_is_told_to_nobody(shop: Shop) -> None:
    owner = make.make_merchant(shop)
    complaint = make.make_complaint(shop)
    today = clock.day_of(NOW)
    terms = Terms(Demand.REFUND, 3550, "退您差价。", today + 5 * DAY, "陈师傅")
    settlement.make(complaint.id, terms, owner.actor(), NOW)
    settlement.expire(at(today + 4 * DAY, 1))
    make.move(complaint, ("confirm_resolved", CONSUMER), now=at(today + 4 * DAY, 2))
    reminding.sweep(at(today + 4 * DAY, 9))
    assert sms("offer_expired") == []


# --- officers -------------------------------------------------------------------------------------------------------


def test_officers_before_on_and_after_the_day_then_the_bureau(shop: Shop) -> None:
    station, bureau = make.make_officer(), make.make_officer(Role.BUREAU_OFFICER, "1306")
    make.make_officer(region="130602")
    complaint = make.move(make.make_complaint(shop), ("refer", station.actor()))
    last = due(complaint, Kind.ACCEPTANCE)
    seen = []
    for days in range(-5, 6):
        office.sweep(at(last + days * DAY, 10))
        office.sweep(at(last + days * DAY, 16))
        seen.append(len(told("clock.notice")))
    assert told("clock.notice") == [
        (station.id, "soon"),
        (station.id, "today"),
        (station.id, "late"),
        (bureau.id, "escalated"),
    ]
    assert seen[:4] == [0, 0, 0, 1]
    [first] = db.session.scalars(sa.select(Notice).where(Notice.word == "clock.notice.soon"))
    assert first.url == f"/office/complaints/{complaint.id}"
    assert first.details["number"] == complaint.number


def test_a_clock_that_stands_still_or_ended_is_not_told_of_and_one_that_moved_is_anew(shop: Shop) -> None:
    station = make.make_officer()
    complaint = make.move(make.make_complaint(shop), ("refer", station.actor()))
    last = due(complaint, Kind.ACCEPTANCE)
    office.sweep(at(last - DAY, 10))
    assert len(told("clock.notice.soon")) == 1
    ground = "supplement"
    operations.act(complaint.id, "pause", station.actor(), at(last - DAY, 11), text="补材料", ground=ground)
    for days in range(4):
        office.sweep(at(last + days * DAY, 10))
    assert len(told("clock.notice")) == 1
    operations.act(complaint.id, "resume", station.actor(), at(last + 4 * DAY, 9))
    later = due(complaint, Kind.ACCEPTANCE)
    assert later > last
    office.sweep(at(last + 4 * DAY, 10))
    office.sweep(at(later, 10))
    assert [word for _, word in told("clock.notice")] == ["soon", "soon", "today"]
    make.move(complaint, ("refuse", station.actor()), now=at(later, 11))
    office.sweep(at(later + 3 * DAY, 10))
    assert len(told("clock.notice")) == 3


def test_on_the_last_day_of_a_mediation_its_end_is_proposed(shop: Shop) -> None:
    station = make.make_officer()
    complaint = make.move(make.make_complaint(shop), ("refer", station.actor()), ("accept", station.actor()))
    last = due(complaint, Kind.MEDIATION)
    office.sweep(at(last, 10))
    assert told("clock.notice") == [(station.id, "may_end")]
    [notice] = db.session.scalars(sa.select(Notice).where(Notice.word == "clock.notice.may_end"))
    assert notice.details["term"] == "60 天"


def test_a_tip_is_reminded_of_with_its_own_page(shop: Shop) -> None:
    station = make.make_officer()
    tip, _receipt = tips.file(
        shop.id, TipFiling("a-key-of-this-tip", "food_safety", "后厨用过期的面粉。", None, named=False), NOW
    )
    row = clocks.running("tip", tip.id)[0]
    assert row.due_on is not None
    office.sweep(at(row.due_on, 10))
    [notice] = db.session.scalars(sa.select(Notice).where(Notice.word == "clock.notice.today"))
    assert (notice.account_id, notice.url) == (station.id, f"/office/tips/{tip.id}")


def test_the_morning_overview_is_one_mail_a_working_day(shop: Shop) -> None:
    station, silent = make.make_officer(), make.make_officer()
    station.email = "li@scjg.example.cn"
    first = make.move(make.make_complaint(shop), ("refer", station.actor()))
    second = make.move(make.make_complaint(shop), ("refer", station.actor()), ("accept", station.actor()))
    last = due(first, Kind.ACCEPTANCE)
    for moment in (at(last, 7), at(last, 8), at(last, 9), at(last, 15)):
        digest.sweep(moment)
    [letter] = db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.channel == Channel.EMAIL))
    assert (letter.address, letter.subject) == (station.email, "办理期限：今天有 1 件要留意")
    assert f"{first.number}：受理期限今天到" in letter.text
    assert second.number not in letter.text
    assert silent.email is None
    assert not [word for word in (make.NAME, make.PHONE[3:], "酱肉") if word in letter.text]
    saturday = date(2026, 5, 16)
    assert saturday > last
    assert digest.sweep(at(saturday, 9)) == 0
    assert digest.sweep(at(saturday + 2 * DAY, 9)) == 1


def test_two_sweeps_at_once_tell_once_and_a_sweep_that_was_undone_tells_later(app_on: Flask) -> None:
    with app_on.app_context(), unit():
        shop = make.make_shop_with_policy()
        make.make_merchant(shop)
        station = make.make_officer()
        complaint = make.make_complaint(shop)
        other = make.move(make.make_complaint(shop), ("refer", station.actor()))
        now = complaint.answer_due_at - HOUR
        assert clocks.running("complaint", other.id, Kind.ACCEPTANCE)[0].due_on
        last = at(due(other, Kind.ACCEPTANCE), 10)
    with app_on.app_context():
        may_write.set(True)
        reminding.sweep(now)
        assert sms("answer_soon")
        rollback()  # the worker dies before the commit
        assert sms("answer_soon") == []
        db.session.rollback()
    start, faults = threading.Barrier(4), []

    def work() -> None:
        try:
            with app_on.app_context():
                start.wait(20)
                with unit():
                    reminding.sweep(now)
                with unit():
                    office.sweep(last)
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with app_on.app_context():
        assert len(told("complaint.notice.answer_soon")) == 1
        assert len(sms("answer_soon")) == 1
        assert len(told("clock.notice.today")) == 1
        db.session.rollback()


# --- pages ----------------------------------------------------------------------------------------------------------


def test_the_case_says_that_it_may_be_ended_and_the_officer_finds_the_notice(
    app: Flask, client: FlaskClient, street: Street, freeze: Any
) -> None:
    headers = {HEADER: "station"}
    with app.app_context(), unit():
        shop = db.session.get(Shop, street.shop_id)
        assert shop is not None
        station = street.actors["station"]
        complaint = make.move(make.make_complaint(shop), ("refer", station), ("accept", station))
        last, address = due(complaint, Kind.MEDIATION), f"/office/complaints/{complaint.id}"
    assert "可终止调解" not in client.get(address, headers=headers).text
    freeze(at(last, 10))
    with app.app_context(), unit():
        office.sweep(at(last, 10))
    assert "60 天已到，可终止调解" in client.get(address, headers=headers).text
    page = client.get("/office/notices", headers=headers).text
    assert "有 1 条消息没看" in page
    assert f"{complaint.number}：60 天已到，可终止调解" in page
