"""Offers: one open at a time, signed by both, kept, broken or left; and the clocks along the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.clocks import queries as clocks
from webapp.clocks import showing as clock_showing
from webapp.clocks.laws import Kind
from webapp.complaints import operations, queries, settlement, showing, sweeps, timing
from webapp.complaints.models import Complaint, Demand, Offer
from webapp.complaints.rules import ComplaintState, OfferState, Route
from webapp.complaints.settlement import Terms
from webapp.core import clock
from webapp.core.actor import CONSUMER, SYSTEM, Actor, Role, Scope
from webapp.core.db import may_write
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.merchants.models import Shop

S, F = ComplaintState, OfferState
DAY = timedelta(days=1)


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    with app_on.app_context():
        yield make.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def merchant(shop: Shop) -> Actor:
    return make.make_merchant(shop).actor()


@pytest.fixture
def officer(shop: Shop) -> Actor:
    return make.make_officer().actor()


def terms(**more: Any) -> Terms:
    facts: dict[str, Any] = {
        "demand": Demand.REFUND,
        "amount_fen": 3550,
        "text": "退您三斤的差价。",
        "perform_by": clock.day_of(NOW) + 3 * DAY,
        "signer": "陈师傅",
    }
    return Terms(**(facts | more))


def offered(shop: Shop, merchant: Actor, now: datetime = NOW) -> tuple[Complaint, Offer]:
    complaint = make.make_complaint(shop, now)
    return complaint, settlement.make(complaint.id, terms(), merchant, now)


def ended(complaint: Complaint) -> dict[Kind, tuple[str, bool]]:
    """How each clock that has ended did, and whether late."""
    return {
        row.kind: (row.ended_how.value, row.late)
        for row in clocks.of(timing.SUBJECT, complaint.id)
        if row.ended_how is not None
    }


def test_an_offer_is_an_answer_and_its_acceptance_a_signature(shop: Shop, merchant: Actor) -> None:
    complaint, offer = offered(shop, merchant)
    assert (complaint.state, offer.state) == (S.ANSWERED, F.PROPOSED)
    assert complaint.first_answered_at == NOW
    settlement.accept(complaint.id, offer.id, " 王女士 ", NOW + DAY)
    assert (complaint.state, offer.state) == (S.AGREED, F.ACCEPTED)
    assert (offer.consumer_name, offer.signed_at, complaint.agreed_at) == ("王女士", NOW + DAY, NOW + DAY)
    assert ended(complaint) == {Kind.FIRST_ANSWER: ("meet", False), Kind.SETTLEMENT: ("meet", False)}
    assert complaint.next_due_at is None
    operations.act(complaint.id, "confirm_resolved", CONSUMER, NOW + 2 * DAY)
    assert (complaint.state, offer.state, offer.ended_at) == (S.RESOLVED, F.KEPT, NOW + 2 * DAY)


def test_a_broken_promise_goes_to_the_authority_with_a_new_clock(shop: Shop, merchant: Actor) -> None:
    complaint, offer = offered(shop, merchant)
    settlement.accept(complaint.id, offer.id, "王", NOW)
    operations.act(complaint.id, "say_unresolved", CONSUMER, NOW + 5 * DAY, text="没有退")
    assert (complaint.state, offer.state) == (S.REFERRED, F.BROKEN)
    (row,) = clocks.running(timing.SUBJECT, complaint.id)
    assert (row.kind, row.started_at, complaint.next_due_at) == (Kind.ACCEPTANCE, NOW + 5 * DAY, row.due_at)


def test_one_offer_at_a_time(shop: Shop, merchant: Actor) -> None:
    complaint, first = offered(shop, merchant)
    second = settlement.make(complaint.id, terms(amount_fen=5000), merchant, NOW)
    assert (first.state, second.state) == (F.WITHDRAWN, F.PROPOSED)
    with pytest.raises(Conflict, match="offer_gone"):
        settlement.accept(complaint.id, first.id, "王", NOW)
    settlement.accept(complaint.id, second.id, "王", NOW)
    with pytest.raises(StepRefused):
        settlement.make(complaint.id, terms(), merchant, NOW)
    with pytest.raises(Conflict, match="offer_gone"):
        settlement.accept(complaint.id, second.id, "王", NOW)


def test_an_offer_waits_three_days_and_no_longer(shop: Shop, merchant: Actor) -> None:
    complaint, offer = offered(shop, merchant)
    assert offer.valid_until == clock.end_of_day(clock.day_of(NOW) + 3 * DAY)
    assert settlement.expire(offer.valid_until) == 0
    with pytest.raises(Conflict, match="offer_gone"):
        settlement.accept(complaint.id, offer.id, "王", offer.valid_until + timedelta(seconds=1))
    assert settlement.expire(offer.valid_until + timedelta(seconds=1)) == 1
    assert (offer.state, complaint.state) == (F.EXPIRED, S.ANSWERED)


def test_declining_leaves_the_complaint_where_it_is(shop: Shop, merchant: Actor) -> None:
    complaint, offer = offered(shop, merchant)
    settlement.decline(complaint.id, offer.id, "太少", NOW)
    assert (offer.state, complaint.state, complaint.messages[-1].text) == (F.DECLINED, S.ANSWERED, "太少")


def test_an_offer_still_waits_when_the_complaint_goes_to_the_authority(
    shop: Shop, merchant: Actor, officer: Actor
) -> None:
    complaint, offer = offered(shop, merchant)
    make.move(complaint, ("say_unresolved", CONSUMER), ("accept", officer))
    settlement.accept(complaint.id, offer.id, "王", NOW + DAY)
    assert complaint.state is S.AGREED
    assert ended(complaint)[Kind.MEDIATION] == ("meet", False)


def test_silence_after_the_day_counts_as_kept(shop: Shop, merchant: Actor) -> None:
    complaint, offer = offered(shop, merchant)
    settlement.accept(complaint.id, offer.id, "王", NOW)
    last_day = offer.perform_by + 7 * DAY
    assert sweeps.count_as_kept(clock.end_of_day(last_day) - timedelta(seconds=1)) == 0
    assert sweeps.count_as_kept(clock.end_of_day(last_day)) == 1
    assert (complaint.state, offer.state) == (S.RESOLVED, F.KEPT)
    assert complaint.messages[-1].text == "kept_silently"


def test_a_silent_consumer_lapses_and_may_come_back(shop: Shop, merchant: Actor) -> None:
    complaint = make.answered(shop)
    assert sweeps.lapse(NOW + 15 * DAY) == 0
    assert sweeps.lapse(NOW + 15 * DAY + timedelta(seconds=1)) == 1
    assert complaint.state is S.LAPSED
    assert queries.recount(shop.id)["complaints_unresolved"] == 0
    operations.act(complaint.id, "reopen", CONSUMER, NOW + 20 * DAY, text="住院了，没看到")
    assert (complaint.state, complaint.reopened, complaint.ended_at) == (S.REFERRED, 1, None)


def test_reopening_has_a_window_and_a_number_of_times(shop: Shop, officer: Actor) -> None:
    complaint = make.resolved(shop)
    late = clock.end_of_day(clock.day_of(NOW) + 30 * DAY)
    with pytest.raises(Conflict, match="reopen_too_late"):
        operations.act(complaint.id, "reopen", CONSUMER, late, text="又坏了")
    operations.act(complaint.id, "reopen", CONSUMER, late - timedelta(seconds=1), text="又坏了")
    assert queries.recount(shop.id)["complaints_resolved"] == 0
    make.move(complaint, ("accept", officer), ("settle", officer), now=late)
    with pytest.raises(Conflict, match="reopened_already"):
        operations.act(complaint.id, "reopen", CONSUMER, late, text="又坏了")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " "}, "say_something"),
        ({"signer": ""}, "sign_with_name"),
        ({"amount_fen": None}, "offer_needs_amount"),
        ({"amount_fen": -1}, "amount_wrong"),
        ({"perform_by": date(2020, 1, 1)}, "perform_by_wrong"),
        ({"perform_by": date(2999, 1, 1)}, "perform_by_wrong"),
    ],
)
def test_what_is_no_offer(shop: Shop, merchant: Actor, wrong: dict[str, Any], code: str) -> None:
    complaint = make.make_complaint(shop)
    with pytest.raises(Invalid, match=code):
        settlement.make(complaint.id, terms(**wrong), merchant, NOW)
    assert complaint.state is S.SETTLING


def test_who_may_offer_and_sign(shop: Shop, merchant: Actor, officer: Actor) -> None:
    complaint = make.make_complaint(shop)
    for nobody in (officer, CONSUMER, SYSTEM):
        with pytest.raises(Forbidden):
            settlement.make(complaint.id, terms(), nobody, NOW)
    offer = settlement.make(complaint.id, terms(), merchant, NOW)
    with pytest.raises(Invalid, match="sign_with_name"):
        settlement.accept(complaint.id, offer.id, "  ", NOW)


# --- the authority's clocks -------------------------------------------------------------------------------------------


def test_directly_to_the_authority(shop: Shop) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    (row,) = clocks.of(timing.SUBJECT, complaint.id)
    assert (complaint.state, row.kind, complaint.referred_at) == (S.REFERRED, Kind.ACCEPTANCE, NOW)
    assert complaint.answer_due_at == complaint.next_due_at == row.due_at


def test_the_law_of_the_day_of_receipt_rules_to_the_end(shop: Shop, officer: Actor) -> None:
    midnight = clock.end_of_day(date(2026, 4, 14))
    old = make.make_complaint(shop, midnight - timedelta(seconds=1), route=Route.AUTHORITY)
    new = make.make_complaint(shop, midnight, route=Route.AUTHORITY)
    assert (old.law, new.law) == ("order20", "order121")
    for complaint in (old, new):
        operations.act(complaint.id, "accept", officer, midnight + DAY)
    terms_of = {complaint.law: clocks.running(timing.SUBJECT, complaint.id)[0] for complaint in (old, new)}
    assert (terms_of["order20"].term_value, terms_of["order20"].term_unit) == (45, "working days")
    assert (terms_of["order121"].term_value, terms_of["order121"].term_unit) == (60, "days")
    with pytest.raises(Invalid, match="choose_ground"):
        operations.act(old.id, "end", officer, midnight + 2 * DAY, ground="party_gone")
    operations.act(new.id, "end", officer, midnight + 2 * DAY, ground="party_gone", text="店主去世")
    assert new.end_ground == "party_gone"
    (notice,) = clocks.running(timing.SUBJECT, new.id)
    assert notice.kind is Kind.RESULT_NOTICE
    operations.act(new.id, "serve", officer, midnight + 3 * DAY)
    assert ended(new)[Kind.RESULT_NOTICE] == ("meet", False)


def test_a_pause_moves_the_day_and_is_written_down(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    operations.act(complaint.id, "accept", officer, NOW)
    before = complaint.next_due_at
    with pytest.raises(Invalid, match="clock_ground"):
        operations.act(complaint.id, "pause", officer, NOW, ground="holiday", text="x")
    operations.act(complaint.id, "pause", officer, NOW + DAY, ground="testing", text="送检")
    assert complaint.next_due_at is None
    operations.act(complaint.id, "resume", officer, NOW + 11 * DAY)
    assert complaint.next_due_at is not None
    assert before is not None
    assert complaint.next_due_at >= before + 9 * DAY
    (row,) = clocks.running(timing.SUBJECT, complaint.id)
    assert [(event.what, event.ground, event.reason) for event in row.events] == [
        ("pause", "testing", "送检"),
        ("resume", "testing", ""),
    ]


def test_a_transfer_moves_the_office_and_gives_it_the_whole_period(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    with pytest.raises(Invalid, match="choose_handler"):
        operations.act(complaint.id, "transfer", officer, NOW, text="不归我们管")
    make_street("130602001", "竞秀区市场监管所")
    there = Scope("130602")
    operations.act(complaint.id, "transfer", officer, NOW + 3 * DAY, text="不归我们管", handler=there)
    assert complaint.scope.region_code == "130602"
    (row,) = clocks.running(timing.SUBJECT, complaint.id)
    assert row.started_at == NOW + 3 * DAY
    with pytest.raises(Forbidden):
        operations.act(complaint.id, "accept", officer, NOW + 4 * DAY)
    receiver = make.make_officer(region="130602", name="对方").actor()
    operations.act(complaint.id, "accept", receiver, NOW + 4 * DAY)
    assert complaint.state is S.MEDIATING


def test_reopening_leaves_no_clock_that_nobody_can_meet(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    make.move(complaint, ("accept", officer), ("end", officer))
    assert [row.kind for row in clocks.running(timing.SUBJECT, complaint.id)] == [Kind.RESULT_NOTICE]
    operations.act(complaint.id, "reopen", CONSUMER, NOW + DAY, text="还是没有解决")
    assert [row.kind for row in clocks.running(timing.SUBJECT, complaint.id)] == [Kind.ACCEPTANCE]


def test_a_transfer_stops_a_mediation_and_all_sides_read_it(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    assert showing.handler(complaint)
    operations.act(complaint.id, "accept", officer, NOW + DAY)
    assert clock_showing.moves(timing.SUBJECT, complaint.id) == [], "a clock that was met moved no deadline"
    make_street("130602001", "竞秀区市场监管所")
    operations.act(
        complaint.id, "transfer", officer, NOW + 3 * DAY, text="实际经营地在那边", handler=Scope("130602")
    )
    [moved] = clock_showing.moves(timing.SUBJECT, complaint.id)
    assert (moved.what, moved.reason, moved.after) == ("转办，原来的停止计时", "实际经营地在那边", "不再计时")
    assert moved.before
    [row] = clocks.running(timing.SUBJECT, complaint.id)
    assert (row.kind, row.started_at) == (Kind.ACCEPTANCE, NOW + 3 * DAY)
    bureau = make.make_officer(Role.BUREAU_OFFICER, "1306", "周科长").actor()
    operations.act(complaint.id, "transfer_out", bureau, NOW + 4 * DAY, text="移送人民银行")
    assert showing.handler(complaint) == "", "no office of this platform has it"


def test_old_records_get_their_clocks(shop: Shop, officer: Actor) -> None:
    from webapp.clocks.models import ClockRow
    from webapp.core.db import db

    waiting, mediating = make.make_complaint(shop), make.make_complaint(shop, route=Route.AUTHORITY)
    operations.act(mediating.id, "accept", officer, NOW + DAY)
    promised = waiting.answer_due_at
    for row in db.session.query(ClockRow):
        db.session.query(type(row.events[0])).delete() if row.events else None
    db.session.query(ClockRow).delete()
    assert sweeps.start_missing_clocks(NOW + 2 * DAY) == 2
    assert sweeps.start_missing_clocks(NOW + 2 * DAY) == 0
    assert waiting.next_due_at == promised
    assert clocks.running(timing.SUBJECT, mediating.id)[0].started_at == NOW + DAY
