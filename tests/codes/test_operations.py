"""Issuing, suspending, restoring and revoking, on each database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import merchants
from tests.factories.codes import Town, make_code
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.codes import operations, queries
from webapp.codes.models import ProposalState, Revocation, TrustCode
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, StepRefused
from webapp.core.transaction import unit
from webapp.feed.models import Change
from webapp.notices.models import Notice, OutboxMessage

pytestmark = pytest.mark.each_database
LATER = NOW + timedelta(minutes=3)


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def kinds() -> list[str]:
    db.session.commit()
    return list(db.session.scalars(sa.select(Change.kind).order_by(Change.seq)))


def state(town: Town) -> CodeState:
    code = queries.latest(town.shop)
    assert code is not None
    return code.state


def standing(town: Town) -> TrustCode:
    code = queries.standing(town.shop)
    assert code is not None
    return code


def test_issuing_twice_is_one_code(here: Town) -> None:
    shop = merchants.make_shop(name="新店")
    actor = here.actor(here.bureau)
    first = operations.issue(shop.id, actor, NOW)
    assert operations.issue(shop.id, actor, NOW) is first
    assert (first.state, first.issued_by_id) == (CodeState.ACTIVE, here.bureau)
    assert actions() == ["code.issue", "sticker.issue", "sticker.issue"]
    assert kinds() == ["code.issued"]


def test_a_revoked_shop_gets_a_new_code(here: Town) -> None:
    operations.revoke_now(here.shop, "operator_deregistered", "gone", SYSTEM, NOW)
    new = operations.issue(here.shop, here.actor(here.bureau), LATER)
    assert queries.standing(here.shop) is new
    assert db.session.query(TrustCode).count() == 2


def test_suspending_tells_everybody(here: Town) -> None:
    code = operations.suspend(here.shop, "inspection_failed", " 价目不符 ", here.actor(here.station), NOW)
    (ground,) = queries.open_grounds(code)
    assert (code.state, ground.reason, ground.started_by_id) == (
        CodeState.SUSPENDED,
        "价目不符",
        here.station,
    )
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.action, event.public, event.old, event.new, event.reason_code, event.reason) == (
        "code.suspend", True, {"state": "active"}, {"state": "suspended"}, "inspection_failed", "价目不符",
    )  # fmt: skip
    assert kinds() == ["code.suspend"]
    notice = db.session.scalars(sa.select(Notice)).one()
    assert (notice.account_id, notice.word, notice.url) == (
        here.merchant, "notice.code.suspend", f"/merchant/shops/{here.shop}",
    )  # fmt: skip
    assert "检查发现问题" in db.session.scalars(sa.select(OutboxMessage)).one().text


def test_grounds_add_up_and_the_last_one_restores(here: Town) -> None:
    bureau = here.actor(here.bureau)
    operations.suspend(here.shop, "abnormal_list", "register", SYSTEM, NOW)
    operations.suspend(here.shop, "under_inspection", "look", bureau, NOW)
    operations.lift(here.shop, "under_inspection", "clean", bureau, LATER)
    assert state(here) is CodeState.SUSPENDED
    assert db.session.scalars(sa.select(Notice.word).order_by(Notice.id.desc())).first() == (
        "notice.code.ground_ended"
    )
    operations.lift(here.shop, "abnormal_list", "gone", SYSTEM, LATER)
    assert state(here) is CodeState.ACTIVE
    assert kinds() == ["code.suspend", "code.suspend", "code.restore", "code.restore"]


def test_a_ground_is_not_doubled(here: Town) -> None:
    bureau = here.actor(here.bureau)
    operations.suspend(here.shop, "under_inspection", "look", bureau, NOW)
    with pytest.raises(Conflict) as caught:
        operations.suspend(here.shop, "under_inspection", "again", bureau, NOW)
    assert caught.value.code == "already_suspended"
    operations.suspend(here.shop, "abnormal_list", "register", SYSTEM, NOW)
    operations.suspend(here.shop, "abnormal_list", "register", SYSTEM, LATER)
    assert len(queries.open_grounds(standing(here))) == 2


@pytest.mark.parametrize(
    ("ground", "reason", "code", "field"),
    [
        ("abnormal_list", "because", "ground_is_automatic", "ground"),
        ("made_up", "because", "ground_unknown", "ground"),
        ("", "because", "ground_unknown", "ground"),
        ("other", "   ", "reason_required", "reason"),
        ("other", "长" * 501, "reason_too_long", "reason"),
    ],
)
def test_what_cannot_be_a_suspension(here: Town, ground: str, reason: str, code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        operations.suspend(here.shop, ground, reason, here.actor(here.bureau), NOW)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert state(here) is CodeState.ACTIVE


def test_who_may_not(here: Town) -> None:
    for account in (here.merchant, here.elsewhere, here.department, here.admin):
        with pytest.raises(Forbidden):
            operations.suspend(here.shop, "other", "because", here.actor(account), NOW)
    operations.suspend(here.shop, "other", "because", here.actor(here.bureau), NOW)
    with pytest.raises(Forbidden):
        operations.lift(here.shop, "other", "fine", here.actor(here.station), NOW)
    with pytest.raises(Forbidden):
        operations.propose_revocation(here.shop, "other", "bad", here.actor(here.station), NOW)


def test_an_officer_does_not_lift_what_the_register_raised(here: Town) -> None:
    operations.suspend(here.shop, "abnormal_list", "register", SYSTEM, NOW)
    with pytest.raises(Forbidden) as caught:
        operations.lift(here.shop, "abnormal_list", "fine", here.actor(here.bureau), NOW)
    assert caught.value.code == "ground_is_automatic"
    with pytest.raises(Conflict) as missing:
        operations.lift(here.shop, "other", "fine", here.actor(here.bureau), NOW)
    assert missing.value.code == "ground_not_standing"


def test_a_code_that_is_active_is_not_restored(here: Town) -> None:
    with pytest.raises(StepRefused):
        operations.lift(here.shop, "other", "fine", here.actor(here.bureau), NOW)


def test_taking_ones_own_suspension_back(here: Town) -> None:
    station = here.actor(here.station)
    operations.suspend(here.shop, "other", "slip", station, NOW)
    with pytest.raises(Conflict):
        operations.take_back(here.shop, "other", here.actor(here.bureau), LATER)
    with pytest.raises(Conflict) as late:
        operations.take_back(here.shop, "other", station, NOW + timedelta(minutes=11))
    assert late.value.code == "suspension_stays"
    operations.take_back(here.shop, "other", station, LATER)
    assert state(here) is CodeState.ACTIVE
    assert actions() == ["code.suspend", "code.take_back"]


def test_revoking_needs_two_people(here: Town) -> None:
    bureau, second = here.actor(here.bureau), here.actor(here.second)
    operations.suspend(here.shop, "under_inspection", "look", bureau, NOW)
    proposal = operations.propose_revocation(here.shop, "statement_false", "伪造", bureau, NOW)
    with pytest.raises(Conflict) as twice:
        operations.propose_revocation(here.shop, "other", "again", second, NOW)
    assert twice.value.code == "revocation_already_proposed"
    with pytest.raises(Forbidden) as alone:
        operations.decide_revocation(proposal.id, confirm=True, reason="yes", actor=bureau, now=NOW)
    assert alone.value.code == "two_people_needed"
    with pytest.raises(Invalid):
        operations.decide_revocation(proposal.id, confirm=True, reason=" ", actor=second, now=NOW)
    operations.decide_revocation(proposal.id, confirm=True, reason="属实", actor=second, now=LATER)
    code = queries.latest(here.shop)
    assert code is not None
    assert (code.state, code.revoked_ground, code.revoked_at) == (CodeState.REVOKED, "statement_false", LATER)
    assert queries.open_grounds(code) == []
    assert actions()[-2:] == ["code.confirm_revocation", "code.revoke"]
    with pytest.raises(Conflict):
        operations.decide_revocation(proposal.id, confirm=False, reason="no", actor=second, now=LATER)
    with pytest.raises(NotFound):
        operations.suspend(here.shop, "other", "because", bureau, LATER)


def test_refusing_a_proposal_leaves_the_code(here: Town) -> None:
    proposal = operations.propose_revocation(here.shop, "other", "bad", here.actor(here.bureau), NOW)
    operations.decide_revocation(
        proposal.id, confirm=False, reason="too little", actor=here.actor(here.second), now=LATER
    )
    assert (state(here), proposal.state) == (CodeState.ACTIVE, ProposalState.REFUSED)
    assert queries.open_revocation(proposal.trust_code_id) is None


def test_the_database_itself_wants_two_people(here: Town) -> None:
    proposal = operations.propose_revocation(here.shop, "other", "bad", here.actor(here.bureau), NOW)
    proposal.decided_by_id = here.bureau
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_what_overtakes_a_proposal_closes_it(here: Town) -> None:
    proposal = operations.propose_revocation(here.shop, "other", "bad", here.actor(here.bureau), NOW)
    operations.revoke_now(here.shop, "operator_deregistered", "gone", SYSTEM, LATER)
    assert (proposal.state, proposal.decision_reason) == (ProposalState.REFUSED, "operator_deregistered")
    with pytest.raises(Conflict):
        operations.decide_revocation(
            proposal.id, confirm=True, reason="yes", actor=here.actor(here.second), now=LATER
        )


def test_no_officer_revokes_alone(here: Town) -> None:
    with pytest.raises(Forbidden):
        operations.revoke_now(here.shop, "other", "bad", here.actor(here.bureau), NOW)


def test_a_page_that_is_out_of_date_changes_nothing(here: Town) -> None:
    code = standing(here)
    seen = code.version
    operations.suspend(here.shop, "other", "first", here.actor(here.bureau), NOW, seen)
    db.session.commit()
    assert code.version == seen + 1
    second = here.actor(here.second)
    for work in (
        lambda: operations.suspend(here.shop, "under_inspection", "second", second, NOW, seen),
        lambda: operations.lift(here.shop, "other", "second", second, NOW, seen),
        lambda: operations.propose_revocation(here.shop, "other", "second", second, NOW, seen),
    ):
        with pytest.raises(Conflict) as caught:
            work()
        assert caught.value.code == "changed_meanwhile"


def test_a_page_from_before_the_revocation_is_out_of_date(here: Town) -> None:
    seen = standing(here).version
    operations.revoke_now(here.shop, "operator_deregistered", "gone", SYSTEM, NOW)
    with pytest.raises(Conflict) as caught:
        operations.suspend(here.shop, "other", "late", here.actor(here.bureau), LATER, seen)
    assert caught.value.code == "changed_meanwhile"


def test_changes_in_the_same_instant_are_still_two_versions(here: Town) -> None:
    seen = standing(here).version
    operations.suspend(here.shop, "other", "a", here.actor(here.bureau), NOW)
    operations.suspend(here.shop, "under_inspection", "b", here.actor(here.bureau), NOW)
    assert standing(here).version == seen + 2


def test_two_officers_at_once_one_wins(app: Flask, town: Town) -> None:
    with app.app_context():
        seen = standing(town).version
    barrier, results = threading.Barrier(2), {}

    def work(account_id: int, ground: str) -> None:
        with app.app_context():
            actor = town.actor(account_id)
            db.session.rollback()
            barrier.wait(timeout=20)
            try:
                with unit():
                    operations.suspend(town.shop, ground, "because", actor, NOW, seen)
                results[ground] = "done"
            except DomainError as error:
                results[ground] = error.code
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=work, args=pair)
        for pair in ((town.bureau, "other"), (town.second, "under_inspection"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results.values()) == ["changed_meanwhile", "done"]
    with app.app_context():
        assert len(queries.open_grounds(standing(town))) == 1


def test_two_deciders_at_once_one_wins(app: Flask, town: Town) -> None:
    with app.app_context(), unit():
        third = make_third()
        proposal = operations.propose_revocation(town.shop, "other", "bad", town.actor(town.bureau), NOW).id
    barrier, results = threading.Barrier(2), []

    def work(account_id: int, *, confirm: bool) -> None:
        with app.app_context():
            actor = town.actor(account_id)
            db.session.rollback()
            barrier.wait(timeout=20)
            try:
                with unit():
                    operations.decide_revocation(
                        proposal, confirm=confirm, reason="so", actor=actor, now=LATER
                    )
                results.append("done")
            except DomainError as error:
                results.append(error.code)
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=work, args=(town.second,), kwargs={"confirm": True}),
        threading.Thread(target=work, args=(third,), kwargs={"confirm": False}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["already_decided", "done"]
    with app.app_context():
        row, code = db.session.get_one(Revocation, proposal), queries.latest(town.shop)
        assert code is not None
        assert (row.state is ProposalState.CONFIRMED) == (code.state is CodeState.REVOKED)


def make_third() -> int:
    from tests.factories import accounts

    return accounts.make_officer(name="钱三").id


def test_what_others_ask(here: Town) -> None:
    shop = merchants.make_shop(name="没有码的店")
    assert queries.facts(shop.id).state is None
    assert not queries.facts(shop.id).is_active
    make_code(shop, CodeState.SUSPENDED, ("other",))
    assert (queries.facts(shop.id).state, queries.facts(shop.id).grounds) == ("suspended", ("other",))
    assert queries.facts(here.shop).is_active
