"""A mediation from its opening to the signed agreement, or back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.factories import complaints as make
from tests.factories import mediation as mediations
from tests.factories.complaints import NAME, PHONE
from tests.factories.merchants import NOW, make_account, make_member
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.letters.models import Letter
from webapp.mediation import bodies, operations, queries
from webapp.mediation.bodies import BodyFacts
from webapp.mediation.models import Mediation, MediationBody
from webapp.mediation.operations import Meeting
from webapp.mediation.rules import MediationState
from webapp.merchants.models import Recusal, Shop
from webapp.notices.models import Notice, OutboxMessage

DAY = timedelta(days=1)
MEETING = Meeting(NOW + 2 * DAY, "on_site", "裕华路12号")
S = MediationState


@dataclass
class Scene:
    """A complaint that is mediated, and everybody in it."""

    shop: Shop
    complaint: Complaint
    body: MediationBody
    officer: Actor
    mediator: Actor
    merchant: Actor


@pytest.fixture
def scene(each_database: str, context: Flask, freeze: Callable[..., object]) -> Iterator[Scene]:
    freeze(NOW)
    token = may_write.set(True)
    shop = make.make_shop_with_policy()
    officer, merchant = make.make_officer(name="李警官").actor(), make.make_merchant(shop).actor()
    body = mediations.make_body()
    mediator = mediations.make_mediator(body).actor()
    complaint = mediations.accepted(shop, officer)
    db.session.flush()
    yield Scene(shop, complaint, body, officer, mediator, merchant)
    may_write.reset(token)


def entrusted(scene: Scene) -> Mediation:
    return operations.start(scene.complaint.id, scene.body.id, scene.officer, NOW)


def signed(scene: Scene, mediation: Mediation) -> None:
    operations.draft(mediation.id, "商家退款35.50元。\n三天内退到微信。", scene.mediator, NOW)
    for name, actor in ((NAME, CONSUMER), ("陈师傅", scene.merchant)):
        operations.sign(mediation.id, name, actor, NOW, mediation.version)


def test_an_entrusted_dispute_ends_in_an_agreement_of_both(scene: Scene) -> None:
    assert scene.mediator.body_ids == {scene.body.id}
    mediation = entrusted(scene)
    operations.hear(mediation.id, MEETING, scene.mediator, NOW)
    operations.state(mediation.id, "秤不准。", CONSUMER, NOW)
    operations.state(mediation.id, "秤检定过。", scene.merchant, NOW)
    operations.state(mediation.id, "愿意各让一步。", scene.mediator, NOW, side="consumer")
    assert [one.side for one in mediation.statements] == ["consumer", "merchant", "consumer"]
    hearing = mediation.hearings[0]
    operations.record(mediation.id, hearing.id, "", "双方同意退款。", scene.mediator, NOW + 3 * DAY)
    assert hearing.held
    with pytest.raises(Conflict, match="not_signed_by_both"):
        operations.agree(mediation.id, scene.officer, NOW)
    signed(scene, mediation)
    with pytest.raises(Forbidden):
        operations.agree(mediation.id, scene.mediator, NOW)
    operations.agree(mediation.id, scene.officer, NOW)
    assert mediation.state is S.AGREED
    assert scene.complaint.state is ComplaintState.RESOLVED
    assert scene.complaint.messages[-1].text == mediation.agreement
    papers = list(db.session.scalars(sa.select(Letter).where(Letter.kind == "mediation_agreement")))
    assert [paper.recipient_codes for paper in papers] == ["complainant", "respondent"]
    assert PHONE[3:] not in (papers[1].content or "").replace(" ", "")
    assert "139 8765 4321" in (papers[0].content or "")
    with pytest.raises(StepRefused):
        operations.draft(mediation.id, "再改", scene.officer, NOW)


def test_the_authority_mediates_itself_and_writes_to_both(scene: Scene) -> None:
    mediation = operations.start(scene.complaint.id, None, scene.officer, NOW)
    operations.hear(mediation.id, MEETING, scene.officer, NOW)
    papers = db.session.scalars(sa.select(Letter).where(Letter.kind == "mediation_notice")).all()
    assert [paper.recipient_codes for paper in papers] == ["complainant", "respondent"]
    assert NAME in (papers[0].content or "")
    assert NAME not in (papers[1].content or "")
    with pytest.raises(Forbidden):
        operations.hear(mediation.id, MEETING, scene.mediator, NOW)


def test_both_sides_are_told_once_and_the_body_too(scene: Scene) -> None:
    mediation = entrusted(scene)
    operations.hear(mediation.id, MEETING, scene.mediator, NOW)
    operations.draft(mediation.id, "退款", scene.mediator, NOW)
    words = list(db.session.scalars(sa.select(Notice.word).where(Notice.word.startswith("mediation."))))
    assert sorted(words) == sorted(
        f"mediation.notice.{one}" for one in ("start", "entrusted", "hear", "draft")
    )
    sms = db.session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.template.startswith("mediation."))
    ).all()
    assert sorted(one.template for one in sms) == [
        f"mediation.sms.{one}" for one in ("draft", "hear", "start")
    ]
    assert {one.address for one in sms} == {PHONE}


def office_notices(scene: Scene) -> list[tuple[int, str]]:
    found = db.session.scalars(sa.select(Notice).where(Notice.word.startswith("mediation.office.")))
    return [(one.account_id, one.word.rsplit(".", 1)[1]) for one in found]


def test_the_office_learns_that_it_is_its_turn(scene: Scene) -> None:
    station = scene.officer.account_id
    for action in ("give_back", "fail"):
        operations.give_up(entrusted(scene).id, action, "消费者没有来", scene.mediator, NOW)
    mediation = entrusted(scene)
    operations.draft(mediation.id, "退款", scene.mediator, NOW)
    operations.sign(mediation.id, "李梅", CONSUMER, NOW, mediation.version)
    assert office_notices(scene) == [(station, "give_back"), (station, "fail")], "one signature is none"
    for _ in range(2):
        operations.sign(mediation.id, "张店", scene.merchant, NOW, mediation.version)
    assert office_notices(scene)[2:] == [(station, "signed")]


def test_who_ended_the_attempt_needs_no_notice_of_it(scene: Scene) -> None:
    mediation = operations.start(scene.complaint.id, None, scene.officer, NOW)
    operations.give_up(mediation.id, "fail", "谈不拢", scene.officer, NOW)
    assert office_notices(scene) == []


def test_without_consent_no_body_gets_it(scene: Scene) -> None:
    complaint = mediations.accepted(scene.shop, scene.officer, consent_entrust=False)
    with pytest.raises(Conflict, match="no_consent_to_entrust"):
        operations.start(complaint.id, scene.body.id, scene.officer, NOW)
    operations.start(complaint.id, None, scene.officer, NOW)
    with pytest.raises(Conflict, match="mediation_open"):
        operations.start(complaint.id, None, scene.officer, NOW)


def test_only_what_the_authority_accepted_is_mediated(scene: Scene) -> None:
    complaint = make.make_complaint(scene.shop, consent_entrust=True)
    with pytest.raises(Conflict, match="not_mediating"):
        operations.start(complaint.id, None, scene.officer, NOW)
    scene.body.closed_at = NOW
    with pytest.raises(Conflict, match="body_closed"):
        entrusted(scene)
    for actor in (scene.mediator, scene.merchant, CONSUMER):
        with pytest.raises(Forbidden):
            operations.start(scene.complaint.id, None, actor, NOW)


@pytest.mark.parametrize(
    ("meeting", "code"),
    [
        (Meeting(None, "phone"), "hearing_when"),
        (Meeting(NOW - DAY, "phone"), "hearing_when"),
        (Meeting(NOW + 91 * DAY, "phone"), "hearing_when"),
        (Meeting(NOW + DAY, "letter"), "hearing_mode"),
        (Meeting(NOW + DAY, "on_site", " "), "hearing_place"),
        (Meeting(NOW + DAY, "video", "长" * 201), "hearing_place"),
    ],
)
def test_a_hearing_needs_time_way_and_place(scene: Scene, meeting: Meeting, code: str) -> None:
    mediation = entrusted(scene)
    with pytest.raises(Invalid, match=code):
        operations.hear(mediation.id, meeting, scene.mediator, NOW)


def test_hearings_are_called_off_or_recorded(scene: Scene) -> None:
    mediation = entrusted(scene)
    first = operations.hear(mediation.id, MEETING, scene.mediator, NOW)
    with pytest.raises(Conflict, match="hearing_known"):
        operations.hear(mediation.id, MEETING, scene.mediator, NOW)
    with pytest.raises(Conflict, match="hearing_to_come"):
        operations.record(mediation.id, first.id, "", "", scene.mediator, NOW)
    with pytest.raises(Invalid, match="say_something"):
        operations.cancel(mediation.id, first.id, "", scene.mediator, NOW)
    operations.cancel(mediation.id, first.id, "商家出差", scene.mediator, NOW)
    with pytest.raises(Conflict, match="hearing_over"):
        operations.cancel(mediation.id, first.id, "再来", scene.mediator, NOW)
    second = operations.hear(mediation.id, MEETING, scene.officer, NOW)
    assert queries.next_hearing(mediation, NOW) is second
    with pytest.raises(Invalid, match="hearing_absent"):
        operations.record(mediation.id, second.id, "nobody", "", scene.mediator, NOW + 3 * DAY)
    operations.record(mediation.id, second.id, "merchant", "", scene.mediator, NOW + 3 * DAY)
    assert second.held is False
    with pytest.raises(NotFound):
        operations.record(mediation.id, second.id + 9, "", "", scene.mediator, NOW + 3 * DAY)


def test_a_changed_text_takes_the_signatures_away(scene: Scene) -> None:
    mediation = entrusted(scene)
    with pytest.raises(Conflict, match="nothing_to_sign"):
        operations.sign(mediation.id, NAME, CONSUMER, NOW, mediation.version)
    operations.draft(mediation.id, "退三十元", scene.mediator, NOW)
    seen = mediation.version
    with pytest.raises(Invalid, match="sign_with_name"):
        operations.sign(mediation.id, " ", CONSUMER, NOW, seen)
    operations.sign(mediation.id, NAME, CONSUMER, NOW, seen)
    operations.sign(mediation.id, NAME, CONSUMER, NOW, seen)  # a double tap
    operations.draft(mediation.id, "退三十元", scene.mediator, NOW)
    assert mediation.consumer_signed_at == NOW, "the same text stays signed"
    operations.draft(mediation.id, "退二十元", scene.mediator, NOW)
    assert (mediation.consumer_name, mediation.consumer_signed_at) == (None, None)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.sign(mediation.id, NAME, CONSUMER, NOW, seen)


@pytest.mark.parametrize("action", ["fail", "give_back", "take_back"])
def test_an_attempt_ends_without_the_complaint(scene: Scene, action: str) -> None:
    mediation = entrusted(scene)
    who = scene.officer if action == "take_back" else scene.mediator
    with pytest.raises(Invalid, match="say_something"):
        operations.give_up(mediation.id, action, " ", who, NOW)
    operations.give_up(mediation.id, action, "双方距离太大", who, NOW)
    assert mediation.state is (S.FAILED if action == "fail" else S.RETURNED)
    assert scene.complaint.state is ComplaintState.MEDIATING
    sees = queries.body_mediates(scene.complaint.id, frozenset({scene.body.id}))
    assert sees == (action == "fail"), "what went back is out of the body's sight"
    again = operations.start(scene.complaint.id, None, scene.officer, NOW)
    assert again.id != mediation.id


@pytest.mark.parametrize("step", ["withdraw", "confirm_resolved", "end", "transfer_out"])
def test_the_end_of_the_complaint_ends_its_mediation(scene: Scene, step: str) -> None:
    mediation = entrusted(scene)
    actor = CONSUMER if step in {"withdraw", "confirm_resolved"} else scene.officer
    make.move(scene.complaint, (step, actor))
    assert mediation.state is S.RETURNED
    assert queries.open_of(scene.complaint.id) is None


def test_a_party_mediates_nothing(scene: Scene) -> None:
    """Somebody of the body who is also one of the merchant's people is the merchant here."""
    account = make_account("两边都是")
    make_member(scene.shop.operator, account)
    db.session.add(mediations.Mediator(account_id=account.id, body_id=scene.body.id, added_at=NOW))
    db.session.flush()
    both = account.actor()
    mediation = entrusted(scene)
    for deed in (
        lambda: operations.hear(mediation.id, MEETING, both, NOW),
        lambda: operations.draft(mediation.id, "x", both, NOW),
        lambda: operations.give_up(mediation.id, "fail", "x", both, NOW),
    ):
        with pytest.raises(Forbidden, match="must_stand_aside"):
            deed()
    assert operations.state(mediation.id, "我是商家", both, NOW, side="consumer").side == "merchant"


def test_who_must_stand_aside_does_nothing(scene: Scene) -> None:
    account = make.make_officer(Role.BUREAU_OFFICER, "1306")
    db.session.add(Recusal(account_id=account.id, operator_id=scene.shop.operator_id, declared_at=NOW))
    db.session.flush()
    tied, mediation = account.actor(), entrusted(scene)
    signed(scene, mediation)
    for deed in (
        lambda: operations.start(scene.complaint.id, None, tied, NOW),
        lambda: operations.hear(mediation.id, MEETING, tied, NOW),
        lambda: operations.agree(mediation.id, tied, NOW),
        lambda: operations.give_up(mediation.id, "take_back", "x", tied, NOW),
    ):
        with pytest.raises(Forbidden, match="must_stand_aside"):
            deed()


def test_the_database_knows_an_agreement_of_both_only(scene: Scene) -> None:
    mediation = entrusted(scene)
    db.session.flush()
    with pytest.raises(IntegrityError):
        db.session.execute(sa.update(Mediation).where(Mediation.id == mediation.id).values(state=S.AGREED))


# --- the register -----------------------------------------------------------------------------------------------------

FACTS = BodyFacts(
    "people", "莲池区人民调解委员会", "130606", "裕华路1号", 38.87, 115.46, "0312-5551234", "刘主任"
)


def test_bureau_officers_keep_the_register(scene: Scene) -> None:
    bureau = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    body = bodies.add(FACTS, bureau, NOW)
    with pytest.raises(Forbidden):
        bodies.add(FACTS, scene.officer, NOW)
    with pytest.raises(Invalid, match="body_known"):
        bodies.add(FACTS, bureau, NOW)
    elsewhere = make.make_officer(Role.BUREAU_OFFICER, "130602").actor()
    with pytest.raises(Forbidden):
        bodies.edit(body.id, FACTS, elsewhere, NOW)
    bodies.edit(body.id, BodyFacts("odr", "某平台", "130606"), bureau, NOW, body.version)
    assert body.name == "某平台"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "own"}, "choose_body_kind"),
        ({"name": "站"}, "body_name"),
        ({"region_code": "999999"}, "choose_region"),
        ({"phone": "12"}, "body_phone"),
        ({"latitude": None}, "body_position"),
        ({"latitude": 99.0}, "body_position"),
    ],
)
def test_what_is_wrong_in_the_register_names_its_field(
    scene: Scene, change: dict[str, object], code: str
) -> None:
    bureau = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    with pytest.raises(Invalid, match=code):
        bodies.add(BodyFacts(**({**FACTS.__dict__} | change)), bureau, NOW)


def test_people_come_and_go_by_phone(scene: Scene) -> None:
    bureau = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    with pytest.raises(Invalid, match="no_account_with_phone"):
        bodies.add_person(scene.body.id, "13700000001", bureau, NOW)
    from webapp.accounts.operations import create_merchant

    account = create_merchant("新调解员", "+8613700000001", "a long pass phrase of hers", NOW)
    for _ in range(2):
        bodies.add_person(scene.body.id, "137 0000 0001", bureau, NOW)
    assert account.actor().body_ids == {scene.body.id}
    with pytest.raises(Invalid, match="acts_elsewhere"):
        bodies.add_person(mediations.make_body().id, "13700000001", bureau, NOW)
    bodies.remove_person(scene.body.id, account.id, bureau, NOW)
    assert account.actor().body_ids == frozenset()
    with pytest.raises(NotFound):
        bodies.remove_person(scene.body.id, account.id, bureau, NOW)


def test_a_body_with_disputes_stays(scene: Scene) -> None:
    bureau = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    mediation = entrusted(scene)
    with pytest.raises(Conflict, match="body_has_disputes"):
        bodies.close(scene.body.id, bureau, NOW)
    operations.give_up(mediation.id, "take_back", "换人", scene.officer, NOW)
    bodies.close(scene.body.id, bureau, NOW)
    assert queries.body_ids_of(scene.mediator.account_id or 0) == frozenset()
    bodies.reopen(scene.body.id, bureau, NOW)
    assert queries.body_ids_of(scene.mediator.account_id or 0) == {scene.body.id}
