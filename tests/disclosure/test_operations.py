"""From an ended complaint to a public case: consent, the merchant's turn, officers, corrections, removal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.complaints import operations as complaints
from webapp.complaints.models import Complaint
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Forbidden, Invalid, StepRefused
from webapp.disclosure import operations, queries, requests
from webapp.disclosure.models import Disclosure
from webapp.disclosure.operations import Texts
from webapp.disclosure.rules import DisclosureState
from webapp.feed.models import Change
from webapp.merchants.models import Recusal, Shop

S = DisclosureState
STORY = "我叫王小明，电话13812345678，老槐树面馆的陈师傅少给了三两。"
LATER = NOW + timedelta(days=7)
TEXTS = Texts("少给了三两。", "已经解决。", "")


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    with app_on.app_context():
        token = may_write.set(True)
        yield make.make_shop_with_policy()
        may_write.reset(token)
        db.session.rollback()


@pytest.fixture
def bureau(shop: Shop) -> Actor:
    return make.make_officer(Role.BUREAU_OFFICER, "1306", "局里").actor()


@pytest.fixture
def station(shop: Shop) -> Actor:
    return make.make_officer(Role.STATION_OFFICER, "130606", "所里").actor()


def ended(shop: Shop, *, consent: bool = True, now: datetime = NOW, **more: Any) -> Complaint:
    complaint = make.make_complaint(shop, now, story=STORY, consent_disclosure=consent, **more)
    return make.move(
        complaint, ("answer", make.merchant_actor(shop)), ("confirm_resolved", CONSUMER), now=now
    )


def drafted(shop: Shop) -> Disclosure:
    found = queries.of_complaint(ended(shop).id)
    assert found is not None
    return found


def published(shop: Shop, bureau: Actor) -> Disclosure:
    draft = drafted(shop)
    return operations.publish(draft.id, TEXTS, bureau, LATER, draft.version)


def kinds_in_feed() -> list[str]:
    db.session.commit()
    return [
        kind
        for kind in db.session.scalars(sa.select(Change.kind).order_by(Change.seq))
        if "disclosure" in kind
    ]


def audited() -> list[str]:
    db.session.flush()
    found = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "disclosure"))
    return [event.action for event in found]


def test_a_consented_complaint_becomes_a_scrubbed_draft(shop: Shop) -> None:
    draft = drafted(shop)
    assert draft.state is S.DRAFT
    assert "王小明" not in draft.story
    assert "13812345678" not in draft.story
    assert "老槐树面馆" in draft.story
    assert draft.scrubbed["phone"] == 1
    assert audited() == ["disclosure.make"]
    assert kinds_in_feed() == []


def test_without_consent_or_after_another_end_there_is_none(shop: Shop) -> None:
    assert queries.of_complaint(ended(shop, consent=False).id) is None
    withdrawn = make.make_complaint(shop, story=STORY, consent_disclosure=True)
    make.move(withdrawn, ("withdraw", CONSUMER))
    assert queries.of_complaint(withdrawn.id) is None


def test_the_merchant_has_days_to_reply_before_it_is_published(shop: Shop, bureau: Actor) -> None:
    draft = drafted(shop)
    with pytest.raises(Conflict, match="disclosure_reply_time"):
        operations.publish(draft.id, TEXTS, bureau, NOW, draft.version)
    operations.reply(draft.id, "我们已经补了，请王女士打13812345678。", make.merchant_actor(shop), NOW)
    assert draft.reply == ""
    assert "13812345678" not in (draft.reply_waiting or "")
    shown = Texts(draft.story, draft.outcome, draft.reply_waiting or "")
    operations.publish(draft.id, shown, bureau, NOW, draft.version)
    assert (draft.state, draft.reply, draft.reply_waiting) == (S.PUBLISHED, shown.reply, None)
    assert kinds_in_feed() == ["disclosure.publish"]


def test_a_reply_cannot_be_left_out(shop: Shop, bureau: Actor) -> None:
    draft = drafted(shop)
    operations.reply(draft.id, "我们已经补了。", make.merchant_actor(shop), NOW)
    with pytest.raises(Invalid, match="disclosure_reply_stays"):
        operations.publish(draft.id, TEXTS, bureau, LATER, draft.version)


def test_who_may_do_what(shop: Shop, bureau: Actor, station: Actor) -> None:
    draft = drafted(shop)
    operations.revise(draft.id, TEXTS, station, NOW, draft.version)
    with pytest.raises(Forbidden):
        operations.publish(draft.id, TEXTS, station, LATER, draft.version)
    with pytest.raises(Forbidden):
        operations.publish(draft.id, TEXTS, make.merchant_actor(shop), LATER, draft.version)
    elsewhere = make.make_officer(Role.BUREAU_OFFICER, "1307").actor()
    with pytest.raises(Forbidden):
        operations.publish(draft.id, TEXTS, elsewhere, LATER, draft.version)
    other = Actor(None, "o", Role.MERCHANT, operator_ids=frozenset({shop.operator_id + 1000}))
    with pytest.raises(Forbidden):
        operations.reply(draft.id, "x", other, NOW)


def test_who_must_stand_aside_publishes_nothing(shop: Shop, bureau: Actor) -> None:
    draft = drafted(shop)
    db.session.add(Recusal(account_id=bureau.account_id, operator_id=shop.operator_id, declared_at=NOW))
    aside = Actor(bureau.account_id, "b", bureau.role, bureau.posts, aside_from=frozenset({shop.operator_id}))
    with pytest.raises(Forbidden, match="must_stand_aside"):
        operations.publish(draft.id, TEXTS, aside, LATER, draft.version)


def test_two_officers_cannot_both_win(shop: Shop, bureau: Actor) -> None:
    draft = drafted(shop)
    seen = draft.version
    operations.revise(draft.id, TEXTS, bureau, NOW, seen)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.drop(draft.id, "不合适", bureau, NOW, seen)


def test_withdrawing_consent_drops_a_draft_and_removes_a_case_at_once(shop: Shop, bureau: Actor) -> None:
    draft = drafted(shop)
    operations.withdraw_consent(draft.complaint_id, NOW)
    assert (draft.state, draft.ended_reason) == (S.DROPPED, "consent_withdrawn")
    case = published(shop, bureau)
    operations.withdraw_consent(case.complaint_id, LATER)
    assert case.state is S.REMOVED
    assert not case.complaint.consent_disclosure
    assert kinds_in_feed() == ["disclosure.publish", "disclosure.remove"]
    operations.withdraw_consent(case.complaint_id, LATER)  # once more changes nothing


def test_consent_withdrawn_before_the_end_makes_no_draft(shop: Shop) -> None:
    complaint = make.make_complaint(shop, story=STORY, consent_disclosure=True)
    operations.withdraw_consent(complaint.id, NOW)
    make.move(complaint, ("answer", make.merchant_actor(shop)), ("confirm_resolved", CONSUMER))
    assert queries.of_complaint(complaint.id) is None


def test_a_reopened_complaint_holds_its_draft_back_and_renews_what_is_public(
    shop: Shop, bureau: Actor
) -> None:
    case = published(shop, bureau)
    complaints.act(case.complaint_id, "reopen", CONSUMER, LATER, text="又少了")
    officer = make.make_officer(Role.STATION_OFFICER, "130606").actor()
    make.move(case.complaint, ("accept", officer), ("end", officer), now=LATER)
    assert case.state is S.PUBLISHED
    assert "终止" in case.outcome
    assert case.corrected_at == LATER
    draft = drafted(shop)
    complaints.act(draft.complaint_id, "reopen", CONSUMER, LATER, text="又少了")
    with pytest.raises(Conflict, match="disclosure_runs_again"):
        operations.publish(draft.id, TEXTS, bureau, LATER, draft.version)


def test_a_later_reply_waits_for_an_officer(shop: Shop, bureau: Actor) -> None:
    case = published(shop, bureau)
    merchant = make.merchant_actor(shop)
    operations.reply(case.id, "我们换了秤。", merchant, LATER)
    assert case.reply == ""
    operations.reply(case.id, "我们换了秤。", merchant, LATER)  # sent twice
    assert audited().count("disclosure.reply") == 1
    operations.admit_reply(case.id, "我们换了秤。", bureau, LATER, case.version)
    assert (case.reply, case.reply_waiting) == ("我们换了秤。", None)
    with pytest.raises(Conflict):
        operations.admit_reply(case.id, "又一遍", bureau, LATER, case.version)


def test_requests_are_answered_with_a_reason(shop: Shop, bureau: Actor, station: Actor) -> None:
    case, merchant = published(shop, bureau), make.merchant_actor(shop)
    first = requests.ask(case.id, "correct", "少的是二两。", merchant, LATER)
    assert requests.ask(case.id, "correct", "少的是二两。", merchant, LATER) is first
    with pytest.raises(Conflict, match="disclosure_asked_already"):
        requests.ask(case.id, "remove", "撤了吧", merchant, LATER)
    theirs = requests.ask(case.id, "correct", "是三两。", CONSUMER, LATER)
    with pytest.raises(Invalid, match="say_something"):
        requests.answer(case.id, theirs.id, " ", bureau, LATER, case.version, granted=False)
    with pytest.raises(Forbidden):
        requests.answer(case.id, theirs.id, "x", station, LATER, case.version, granted=False)
    requests.answer(case.id, theirs.id, "称重记录是二两。", bureau, LATER, case.version, granted=False)
    mended = Texts("少给了二两。", "已经解决。", "")
    requests.answer(
        case.id, first.id, "按称重记录。", bureau, LATER, case.version, granted=True, texts=mended
    )
    assert (case.story, case.correction, case.corrected_at) == ("少给了二两。", "按称重记录。", LATER)
    assert (first.granted, theirs.granted) == (True, False)
    again = requests.ask(case.id, "remove", "店已经转让。", merchant, LATER)
    requests.answer(case.id, again.id, "已核实。", bureau, LATER, case.version, granted=True)
    assert case.state is S.REMOVED
    assert kinds_in_feed() == ["disclosure.publish", "disclosure.correct", "disclosure.remove"]
    with pytest.raises(Conflict):
        requests.ask(case.id, "remove", "再撤一次", merchant, LATER)


def test_what_was_removed_comes_back_by_no_step(shop: Shop, bureau: Actor) -> None:
    case = published(shop, bureau)
    operations.remove(case.id, "法院裁定", bureau, LATER, case.version)
    with pytest.raises(StepRefused):
        operations.publish(case.id, TEXTS, bureau, LATER, case.version)


def test_the_audit_trail_holds_no_text(shop: Shop, bureau: Actor) -> None:
    case = published(shop, bureau)
    operations.reply(case.id, "机密的说明", make.merchant_actor(shop), LATER)
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.subject_type == "disclosure")).all()
    kept = " ".join(str((event.old, event.new, event.reason)) for event in events)
    assert len(events) == 3
    assert "机密" not in kept
    assert "三两" not in kept
