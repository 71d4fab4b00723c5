"""Filing and moving complaints: once, in order, by the right people, with the figures kept."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import complaints as make
from tests.factories import files
from tests.factories.complaints import GROUNDS, NAME, PHONE
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.audit.rules import Purpose
from webapp.complaints import intake, operations, queries, rules, sweeps
from webapp.complaints.models import Complaint, ComplaintMessage
from webapp.complaints.rules import STEPS, ComplaintState
from webapp.core import receipts
from webapp.core.actor import CONSUMER, SYSTEM, Actor, Role
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.signals import complaint_filed, complaint_settled
from webapp.core.transaction import commit, rollback
from webapp.feed.models import Change
from webapp.files.models import FilePurpose
from webapp.merchants.models import Shop, ShopFigures
from webapp.merchants.queries import figures_of
from webapp.notices.models import Notice, OutboxMessage

S = ComplaintState
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield make.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def officer(shop: Shop) -> Actor:
    return make.make_officer().actor()


@pytest.fixture
def merchant(shop: Shop) -> Actor:
    return make.make_merchant(shop).actor()


def sms() -> list[tuple[str, str, str]]:
    """(address, template, text) of what waits to be sent."""
    return [
        (m.address, m.template, m.text) for m in db.session.scalars(sa.select(OutboxMessage).order_by("id"))
    ]


def figures(shop: Shop) -> dict[str, int]:
    """The kept complaint figures, as they stand in the database."""
    db.session.flush()
    db.session.expire_all()
    kept = figures_of(shop.id)
    return {name: getattr(kept, name) for name in queries.recount(shop.id)}


def test_a_complaint_is_filed_with_its_clock(shop: Shop, merchant: Actor) -> None:
    heard: list[dict[str, Any]] = []

    def listen(_sender: None, **news: Any) -> None:
        heard.append(news)

    complaint_filed.connect(listen)
    complaint, receipt = intake.file(shop.id, make.make_filing(), NOW)
    commit()
    assert complaint.state is S.SETTLING
    assert complaint.answer_due_at - NOW == 24 * HOUR
    assert (complaint.contact_name, complaint.contact_phone) == (NAME, PHONE)
    assert queries.by_receipt(receipts.show(receipt).upper()) is complaint
    assert receipt not in (complaint.receipt_hash, complaint.submission_key)
    assert figures(shop)["complaints"] == 1
    assert heard == [{"complaint_id": complaint.id, "shop_id": shop.id, "actor": CONSUMER, "now": NOW}]
    assert db.session.scalars(sa.select(Change.kind)).all() == ["complaint.filed"]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"topic": "x"}, "choose_topic", "topic"),
        ({"story": "  短 "}, "story_length", "story"),
        ({"story": "长" * 2001}, "story_length", "story"),
        ({"amount_fen": -1}, "amount_wrong", "amount"),
        ({"amount_fen": 10**12}, "amount_wrong", "amount"),
        ({"contact_name": "名" * 41}, "name_too_long", "contact_name"),
        ({"happened_on": NOW.date() + timedelta(days=2)}, "day_in_future", "happened_on"),
        ({"file_ids": (1, 2, 3, 4, 5, 6, 7)}, "files_too_many", "photos"),
        ({"submission_key": "short"}, "form_expired", None),
    ],
)
def test_what_is_wrong_names_its_field_and_leaves_nothing(
    shop: Shop, wrong: dict[str, Any], code: str, field: str | None
) -> None:
    with pytest.raises(Invalid) as caught:
        intake.file(shop.id, make.make_filing(**wrong), NOW)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert db.session.scalar(sa.select(sa.func.count(Complaint.id))) == 0


def test_no_shop_no_complaint(shop: Shop) -> None:
    with pytest.raises(NotFound):
        intake.file(shop.id + 1, make.make_filing(), NOW)


def test_the_same_form_twice_is_one_complaint(shop: Shop) -> None:
    filing = make.make_filing()
    first = intake.file(shop.id, filing, NOW)
    second = intake.file(shop.id, dataclasses.replace(filing, story="另一段话，另一段话"), NOW + HOUR)
    assert first == second
    assert figures(shop)["complaints"] == 1
    other = intake.file(shop.id, make.make_filing(), NOW)
    assert other[1] != first[1]


def test_a_taken_number_is_drawn_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([7, 7, 7, 8])
    monkeypatch.setattr(intake.random, "randbelow", lambda _most: next(numbers))
    assert make.make_complaint(shop).number.endswith("00000007")
    assert make.make_complaint(shop).number.endswith("00000008")


def test_eight_threads_with_one_form_make_one_complaint(app_on: Flask) -> None:
    with app_on.app_context():
        shop_id = make.make_shop_with_policy().id
        commit()
    filing = make.make_filing()
    outcomes: list[object] = []
    start = threading.Barrier(8)

    def send() -> None:
        may_write.set(True)
        with app_on.app_context():
            start.wait(timeout=20)
            try:
                outcomes.append(intake.file(shop_id, filing, NOW)[1])
                commit()
            except DomainError as error:
                rollback()
                outcomes.append(error)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert outcomes == [intake.receipt_for(filing.submission_key)] * 8
    with app_on.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Complaint.id))) == 1
        assert db.session.get_one(ShopFigures, shop_id).complaints == 1
        assert db.session.scalar(sa.select(sa.func.count(OutboxMessage.id))) == 1


def test_two_sides_at_once_one_is_told(app_on: Flask) -> None:
    """The consumer says unresolved while the merchant answers again: both saw version 2, one of them wins."""
    with app_on.app_context():
        shop = make.make_shop_with_policy()
        complaint = make.answered(shop)
        commit()
        complaint_id, version, merchant = complaint.id, complaint.version, make.merchant_actor(shop)
    outcomes: dict[str, object] = {}
    start = threading.Barrier(2)

    def take(action: str, actor: Actor) -> None:
        may_write.set(True)
        with app_on.app_context():
            start.wait(timeout=20)
            try:
                operations.act(complaint_id, action, actor, NOW, text=action, version=version)
                commit()
                outcomes[action] = "done"
            except Conflict as error:
                rollback()
                outcomes[action] = error.code

    threads = [
        threading.Thread(target=take, args=step)
        for step in (("say_unresolved", CONSUMER), ("answer", merchant))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, outcomes.values())) == ["changed_meanwhile", "done"]
    with app_on.app_context():
        assert len(queries.get(complaint_id).messages) == 2


def test_a_double_tap_is_said_once(shop: Shop, merchant: Actor) -> None:
    complaint = make.make_complaint(shop)
    version = complaint.version
    for _ in range(2):
        operations.act(complaint.id, "answer", merchant, NOW, text=" 退款。 ", version=version)
    assert [message.text for message in complaint.messages] == ["退款。"]
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.act(complaint.id, "answer", merchant, NOW, text="别的话", version=version)


def test_an_answer_in_time_and_one_too_late(shop: Shop, merchant: Actor) -> None:
    for delay in (24 * HOUR, 24 * HOUR + timedelta(seconds=1)):
        complaint = make.make_complaint(shop)
        operations.act(complaint.id, "answer", merchant, NOW + delay, text="退款")
        operations.act(complaint.id, "answer", merchant, NOW + delay, text="再说一句")
    assert figures(shop) | {"complaints_answered": 2, "complaints_answered_on_time": 1} == figures(shop)


def test_only_the_right_people_take_a_step(shop: Shop, officer: Actor, merchant: Actor) -> None:
    stranger = Actor(99, "x", Role.MERCHANT, operator_ids=frozenset({shop.operator_id + 1}))
    elsewhere = make.make_officer(region="130602").actor()
    department = make.make_officer(Role.DEPARTMENT_OFFICER).actor()
    complaint = make.answered(shop)
    for action, actor in (
        ("answer", stranger),
        ("answer", CONSUMER),
        ("answer", officer),
        ("say_unresolved", merchant),
        ("confirm_resolved", merchant),
        ("withdraw", officer),
        ("refer", elsewhere),
        ("refer", department),
    ):
        with pytest.raises(Forbidden):
            operations.act(complaint.id, action, actor, NOW, text="x")
    with pytest.raises(StepRefused):
        operations.act(complaint.id, "accept", officer, NOW)
    with pytest.raises(StepRefused):
        operations.act(complaint.id, "nonsense", officer, NOW)


def test_the_whole_way_to_the_authority(shop: Shop, officer: Actor, merchant: Actor) -> None:
    settled: list[bool] = []

    def listen(_sender: None, *, resolved: bool, **_news: Any) -> None:
        settled.append(resolved)

    complaint_settled.connect(listen)
    complaint = make.answered(shop)
    with pytest.raises(Invalid, match="reason_required"):
        operations.act(complaint.id, "say_unresolved", CONSUMER, NOW)
    make.move(
        complaint,
        ("say_unresolved", CONSUMER),
        ("supplement", CONSUMER),
        ("answer", merchant),
        ("accept", officer),
        ("end", officer),
    )
    assert complaint.state is S.CLOSED
    assert complaint.ended_at == NOW
    assert settled == [False]
    assert figures(shop) == queries.recount(shop.id)
    leaving = {step.action for step in STEPS if S.CLOSED in step.sources}
    assert leaving == {"reopen", "serve"}
    for action in {step.action for step in STEPS} - leaving:
        with pytest.raises(StepRefused):
            operations.act(complaint.id, action, CONSUMER, NOW, text="x")


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_a_recount_after_any_walk(
    shop: Shop, officer: Actor, merchant: Actor, seed: int
) -> None:
    draw = random.Random(seed)
    people = (CONSUMER, merchant, officer, SYSTEM)
    complaints = [make.make_complaint(shop) for _ in range(4)]
    for hour in range(40):
        complaint, actor = draw.choice(complaints), draw.choice(people)
        steps = STEPS.open_to(complaint.state, actor, shop.scope)
        if steps:
            action = draw.choice(steps).action
            with contextlib.suppress(Conflict, Invalid):  # a clock that does not run, a window that is over
                operations.act(
                    complaint.id,
                    action,
                    actor,
                    NOW + hour * HOUR,
                    text="words",
                    ground=GROUNDS.get(action, ""),
                    handler=shop.scope,
                )
    kept = figures(shop)
    assert kept == queries.recount(shop.id)
    assert kept["complaints"] == 4
    assert kept["complaints_resolved"] == sum(c.state is S.RESOLVED for c in complaints)


def test_words_and_photos_have_limits(shop: Shop, merchant: Actor) -> None:
    complaint = make.make_complaint(shop)
    for text, ids, code in (
        ("", (), "say_something"),
        ("长" * 2001, (), "text_too_long"),
        ("好", tuple(range(7)), "files"),
    ):
        with pytest.raises(Invalid, match=code):
            operations.act(complaint.id, "answer", merchant, NOW, text=text, file_ids=ids)
    assert complaint.state is S.SETTLING


def test_photos_belong_to_what_they_came_with(shop: Shop, merchant: Actor) -> None:
    photo = files.make_file(FilePurpose.COMPLAINT)
    complaint = make.make_complaint(shop, file_ids=(photo.id,))
    mine = files.make_file(FilePurpose.COMPLAINT, merchant)
    operations.act(complaint.id, "answer", merchant, NOW, text="看", file_ids=(mine.id,))
    theirs = files.make_file(FilePurpose.COMPLAINT, Actor(77, "x", Role.MERCHANT))
    with pytest.raises(NotFound):
        operations.act(complaint.id, "answer", merchant, NOW, text="偷", file_ids=(theirs.id,))
    assert queries.photos(complaint) == [photo]
    assert queries.photos_said(complaint) == {complaint.messages[0].id: [mine]}
    assert queries.belongs_to(photo, complaint)
    assert queries.belongs_to(mine, complaint)
    assert not queries.belongs_to(theirs, complaint)
    assert not queries.belongs_to(photo, make.make_complaint(shop))


def test_what_merchants_leave_goes_to_the_authority(shop: Shop, merchant: Actor) -> None:
    left, answered = make.make_complaint(shop), make.answered(shop)
    later = make.make_complaint(shop, NOW + HOUR)
    due = NOW + 24 * HOUR
    assert sweeps.refer_silent(due) == 0
    assert sweeps.refer_silent(due + timedelta(seconds=1)) == 1
    assert (left.state, answered.state, later.state) == (S.REFERRED, S.ANSWERED, S.SETTLING)
    assert left.messages[-1].text == "no_answer_in_time"
    assert sweeps.refer_silent(due + HOUR / 2) == 0
    told = [template for _, template, _ in sms()]
    assert told.count("complaint.sms.refer") == 1
    assert "complaint.notice.missed" in db.session.scalars(sa.select(Notice.word)).all()


def test_an_answer_between_look_and_reach_stands(
    shop: Shop, merchant: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = make.make_complaint(shop)
    late = NOW + 25 * HOUR
    ids = queries.silent_past_due(late)
    make.move(complaint, ("answer", merchant), ("confirm_resolved", CONSUMER))
    monkeypatch.setattr(queries, "silent_past_due", lambda _now: ids)
    assert sweeps.refer_silent(late) == 0
    assert complaint.state is S.RESOLVED


def test_messages_reach_both_sides_and_say_no_secrets(shop: Shop, merchant: Actor, officer: Actor) -> None:
    complaint, receipt = intake.file(shop.id, make.make_filing(), NOW)
    make.move(complaint, ("answer", merchant), ("say_unresolved", CONSUMER), ("accept", officer))
    sent = sms()
    assert [(to == PHONE, template) for to, template, _ in sent] == [
        (False, "complaint.sms_shop.filed"),
        (True, "complaint.sms.receipt"),
        (True, "complaint.sms.answer"),
        (True, "complaint.sms.accept"),
    ]
    for to, _template, text in sent:
        assert (receipts.show(receipt) in text) == (_template == "complaint.sms.receipt")
        assert "words for" not in text
        assert NAME not in text
        assert to == PHONE or PHONE[3:] not in text
    assert [n.word for n in db.session.scalars(sa.select(Notice).order_by(Notice.id))] == [
        "complaint.notice.filed",
        "complaint.notice.say_unresolved",
        "complaint.office.say_unresolved",
        "complaint.notice.accept",
    ]


def test_nobody_can_have_a_phone_flooded(shop: Shop) -> None:
    for _ in range(5):
        make.make_complaint(shop)
    make.make_complaint(shop, NOW + 25 * HOUR)
    assert [template for _, template, _ in sms()].count(
        "complaint.sms.receipt"
    ) == rules.SMS_PER_PHONE_A_DAY + 1


@pytest.mark.parametrize("phone", ["", "+863125901234"])
def test_no_message_to_no_phone_or_a_landline(shop: Shop, phone: str) -> None:
    complaint = make.make_complaint(shop, contact_phone=phone)
    make.move(complaint, ("answer", make.merchant_actor(shop)))
    assert [to for to, _, _ in sms()] == []


def test_notes_are_for_officers(shop: Shop, officer: Actor, merchant: Actor) -> None:
    complaint = make.make_complaint(shop)
    with pytest.raises(Invalid, match="say_something"):
        operations.note(complaint.id, "  ", officer, NOW)
    for stranger in (merchant, CONSUMER, make.make_officer(region="130602").actor()):
        with pytest.raises(Forbidden):
            operations.note(complaint.id, "x", stranger, NOW)
        with pytest.raises(Forbidden):
            operations.reveal_contact(complaint.id, Purpose.CALL, stranger, NOW)
    message = operations.note(complaint.id, "打过电话", officer, NOW)
    assert message.internal
    assert complaint.state is S.SETTLING


def test_the_audit_trail_tells_the_steps_and_no_personal_data(
    shop: Shop, officer: Actor, merchant: Actor
) -> None:
    complaint = make.make_complaint(shop)
    operations.act(complaint.id, "answer", merchant, NOW, text=f"{NAME}您好，{PHONE}")
    operations.act(complaint.id, "say_unresolved", CONSUMER, NOW, text=f"我是{NAME}")
    operations.act(complaint.id, "refuse", officer, NOW, text=f"{NAME}的材料不全", ground="materials")
    operations.note(complaint.id, f"{NAME}来过", officer, NOW)
    operations.reveal_contact(complaint.id, Purpose.CALL, officer, NOW)
    commit()
    events = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.action.removeprefix("complaint.") for event in events] == [
        "file",
        "answer",
        "say_unresolved",
        "refuse",
        "letter.issue",
        "note",
        "view_contact",
    ]
    assert (events[3].old, events[3].new) == (
        {"state": "referred"},
        {"state": "refused", "ground": "materials"},
    )
    assert (events[5].actor_id, events[5].shop_id) == (officer.account_id, shop.id)
    columns = [column.key for column in sa.inspect(AuditEvent).columns]
    written = "".join(str(getattr(event, column)) for event in events for column in columns)
    for table in (Change.__table__, Notice.__table__):
        written += str(db.session.execute(sa.select(table)).all())
    for secret in (NAME, PHONE[3:], complaint.story):
        assert secret not in written


def test_name_and_phone_are_not_readable_in_the_database(shop: Shop) -> None:
    make.make_complaint(shop)
    row = str(db.session.execute(sa.text("SELECT * FROM complaint")).all())
    assert PHONE[3:] not in row
    assert NAME not in row
    assert NAME.encode().hex() not in row


def test_messages_keep_their_order(shop: Shop, merchant: Actor) -> None:
    complaint = make.move(make.answered(shop), ("supplement", CONSUMER), ("answer", merchant))
    commit()
    db.session.expire_all()
    assert [m.action for m in complaint.messages] == ["answer", "supplement", "answer"]
    assert db.session.scalar(sa.select(sa.func.count(ComplaintMessage.id))) == 3


def test_the_queries_rank_and_narrow(shop: Shop, officer: Actor, make_late: Callable[[], Complaint]) -> None:
    late = make_late()
    fresh = make.make_complaint(shop, NOW)
    done = make.resolved(shop)
    referred = make.move(make.answered(shop), ("say_unresolved", CONSUMER))
    mine = frozenset({shop.operator_id})

    def ids(statement: Any) -> list[int]:
        return [c.id for c in db.session.scalars(statement)]

    assert ids(queries.of_operators(mine)) == [late.id, fresh.id, referred.id, done.id]
    assert ids(queries.of_operators(mine, state="ended")) == [done.id]
    assert ids(queries.of_operators(frozenset())) == []
    posts = officer.posts
    assert ids(queries.office_list(posts, state="open")) == [referred.id, late.id, fresh.id]
    assert ids(queries.office_list(posts, overdue_at=NOW)) == [late.id]
    assert ids(queries.office_list(posts, text=done.number.lower())) == [done.id]
    assert ids(queries.office_list(posts, text="%")) == []
    assert ids(queries.office_list((), state="")) == []
    assert queries.waiting_for_merchant(mine) == 2
    assert queries.waiting_for_office(posts) == 1
    assert queries.counts_by_state(posts) == {S.SETTLING: 2, S.RESOLVED: 1, S.REFERRED: 1}
    assert [c.id for c in queries.of_shop(shop.id, 2)] == [referred.id, done.id]


@pytest.fixture
def make_late(shop: Shop) -> Callable[[], Complaint]:
    return lambda: make.make_complaint(shop, NOW - 30 * HOUR)
