"""Applications: what is done, by whom, and what is refused, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.applications.conftest import NOW, Bureau
from tests.factories import applications as make
from tests.factories.codes import make_code
from webapp.applications import deadlines, operations, queries
from webapp.applications.rules import ApplicationState as S
from webapp.audit.models import AuditEvent
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core.checks import Check, CheckResult
from webapp.core.db import db
from webapp.core.errors import Conflict, DomainError, Forbidden, Invalid, StepRefused
from webapp.merchants.models import Recusal
from webapp.notices.models import Notice, OutboxMessage

pytestmark = pytest.mark.each_database


def refuse(error: type[DomainError], code: str, *arguments: object, **named: object) -> DomainError:
    """Call decide and expect it to be refused with `code`."""
    with pytest.raises(error) as caught:
        operations.decide(*arguments, **named)  # type: ignore[arg-type]
    assert caught.value.code == code
    return caught.value


def test_from_start_to_code(bureau: Bureau) -> None:
    application = operations.start(bureau.shop.id, bureau.merchant, NOW)
    assert operations.start(bureau.shop.id, bureau.merchant, NOW) is application
    application = operations.submit(application.id, bureau.merchant, NOW)
    assert application.state is S.STATION_REVIEW
    assert application.due_on == date(2026, 11, 25)  # five working days after Wednesday the 18th
    assert application.checks_passed
    assert application.statement is not None
    assert application.statement["shop"]["facts"]["name"] == "老槐树面馆"
    application = operations.decide(
        application.id, "pass_on", bureau.station.actor(), NOW, application.version, "documents_match"
    )
    assert application.state is S.BUREAU_REVIEW
    later = NOW + timedelta(days=1)
    application = operations.decide(
        application.id, "approve", bureau.bureau.actor(), later, application.version, "requirements_met"
    )
    assert application.state is S.APPROVED
    assert (application.decided_at, application.due_on) == (later, None)
    code = db.session.query(TrustCode).one()
    assert (code.shop_id, code.issued_by_id) == (bureau.shop.id, bureau.bureau.id)
    told = [event.action for event in db.session.query(AuditEvent).order_by(AuditEvent.id)]
    assert [action for action in told if action.startswith("application.")] == [
        "application.start",
        "application.submit",
        "application.pass_on",
        "application.approve",
    ]
    words = [notice.word for notice in db.session.query(Notice).order_by(Notice.id)]
    assert "notice.application.approve" in words
    assert db.session.query(OutboxMessage).filter_by(template="sms.application.approve").count() == 1


def test_only_the_operators_members_start_submit_and_withdraw(bureau: Bureau) -> None:
    stranger = make.make_merchant(name="别人").actor()
    with pytest.raises(Forbidden):
        operations.start(bureau.shop.id, stranger, NOW)
    application = operations.start(bureau.shop.id, bureau.merchant, NOW)
    for actor in (stranger, bureau.station.actor()):
        with pytest.raises(Forbidden):
            operations.submit(application.id, actor, NOW)
        with pytest.raises(Forbidden):
            operations.withdraw(application.id, actor, NOW)
    assert operations.withdraw(application.id, bureau.merchant, NOW).state is S.WITHDRAWN
    assert operations.start(bureau.shop.id, bureau.merchant, NOW).id != application.id


def test_submitting_the_page_of_an_older_version_is_refused(bureau: Bureau) -> None:
    application = operations.start(bureau.shop.id, bureau.merchant, NOW)
    with pytest.raises(Conflict):
        operations.submit(application.id, bureau.merchant, NOW, version=application.version + 1)


def test_the_second_officer_with_the_same_page_is_refused(bureau: Bureau) -> None:
    application = bureau.submitted()
    seen = application.version
    operations.decide(application.id, "pass_on", bureau.station.actor(), NOW, seen, "documents_match")
    refuse(
        Conflict, "changed_meanwhile",
        application.id, "reject", bureau.station2.actor(), NOW, seen, "false_material", "假的",
    )  # fmt: skip


def test_officers_outside_the_reach_decide_nothing(bureau: Bureau) -> None:
    application = bureau.passed_on()
    for account in (bureau.elsewhere, bureau.station, bureau.department):
        refuse(
            Forbidden, "step_forbidden",
            application.id, "approve", account.actor(), NOW, application.version, "requirements_met",
        )  # fmt: skip


def test_two_levels_are_two_people(bureau: Bureau) -> None:
    both = make.make_officer(operations.Role.STATION_OFFICER, name="兼职")
    both.posts.append(make.OfficerPost(role=operations.Role.BUREAU_OFFICER, region_code="130606"))
    db.session.flush()
    application = bureau.submitted()
    application = operations.decide(
        application.id, "pass_on", both.actor(), NOW, application.version, "documents_match"
    )
    assert "approve" not in [s.action for s in operations.open_steps(application, both.actor(), NOW)]
    refuse(
        Forbidden, "two_people",
        application.id, "approve", both.actor(), NOW, application.version, "requirements_met",
    )  # fmt: skip
    assert "approve" in [s.action for s in operations.open_steps(application, bureau.bureau.actor(), NOW)]


def test_who_stands_aside_decides_nothing(bureau: Bureau) -> None:
    application = bureau.submitted()
    operations.stand_aside(application.id, bureau.station.actor(), NOW)
    operations.stand_aside(application.id, bureau.station.actor(), NOW)
    assert db.session.query(Recusal).count() == 1
    assert operations.open_steps(application, bureau.station.actor(), NOW) == []
    refuse(
        Forbidden, "must_stand_aside",
        application.id, "pass_on", bureau.station.actor(), NOW, application.version, "documents_match",
    )  # fmt: skip


def test_an_officer_who_belongs_to_the_operator_decides_nothing(bureau: Bureau) -> None:
    db.session.add(
        make.OperatorMember(
            operator_id=bureau.shop.operator_id, account_id=bureau.station.id, role="clerk", created_at=NOW
        )
    )
    application = bureau.submitted()
    refuse(
        Forbidden, "must_stand_aside",
        application.id, "pass_on", bureau.station.actor(), NOW, application.version, "documents_match",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"status": "closed"}, "register_status_closed"),
        ({"status": "deregistered"}, "register_status_deregistered"),
        ({"abnormal": True}, "register_abnormal"),
        ({"serious_violation": True}, "register_serious"),
    ],
)
def test_a_gate_that_shut_meanwhile_blocks_approval(bureau: Bureau, said: dict, code: str) -> None:
    application = bureau.passed_on()
    assert application.checks_passed
    bureau.register.say(bureau.shop.operator.uscc, **said)
    error = refuse(
        Invalid, "gate_shut",
        application.id, "approve", bureau.bureau.actor(), NOW, application.version, "requirements_met",
    )  # fmt: skip
    assert [check.code for check in error.details["checks"]] == [code]  # type: ignore[attr-defined]
    assert application.state is S.BUREAU_REVIEW
    assert db.session.query(TrustCode).count() == 0


def test_another_features_failed_check_blocks_and_a_doubt_does_not(bureau: Bureau) -> None:
    bureau.extra_checks.append(Check("licence_present", CheckResult.NEEDS_PERSON))
    application = bureau.passed_on()
    assert not application.checks_passed
    bureau.extra_checks.append(Check("complaints_per_year", CheckResult.FAILED))
    error = refuse(
        Invalid, "gate_shut",
        application.id, "approve", bureau.bureau.actor(), NOW, application.version, "requirements_met",
    )  # fmt: skip
    assert [check.code for check in error.details["checks"]] == ["complaints_per_year"]  # type: ignore[attr-defined]
    del bureau.extra_checks[1]
    operations.decide(
        application.id, "approve", bureau.bureau.actor(), NOW, application.version, "requirements_met"
    )
    assert application.state is S.APPROVED


def test_an_operator_unknown_to_the_register_is_not_vouched_for(bureau: Bureau) -> None:
    application = bureau.passed_on()
    bureau.register.facts.clear()
    refuse(
        Invalid, "gate_shut",
        application.id, "approve", bureau.bureau.actor(), NOW, application.version, "requirements_met",
    )  # fmt: skip


def test_what_was_changed_after_the_submission_is_not_approved(bureau: Bureau) -> None:
    application = bureau.passed_on()
    bureau.shop.address = "朝阳大街99号"
    error = refuse(
        Invalid, "gate_shut",
        application.id, "approve", bureau.bureau.actor(), NOW, application.version, "requirements_met",
    )  # fmt: skip
    (check,) = error.details["checks"]  # type: ignore[attr-defined]
    assert (check.code, check.details) == ("statement_unchanged", {"parts": ["address"]})


def test_a_renamed_operator_is_for_a_person_to_judge(bureau: Bureau) -> None:
    bureau.register.say(bureau.shop.operator.uscc, name="保定老槐树餐饮（集团）有限公司")
    application = bureau.submitted()
    results = {item["code"]: item["result"] for item in application.checks}
    assert results["register_name"] == "needs_person"
    assert not application.checks_passed


def test_brackets_and_blanks_make_no_other_name(bureau: Bureau) -> None:
    bureau.register.say(bureau.shop.operator.uscc, name="保定老槐树餐饮 有限公司")
    assert bureau.submitted().checks_passed


def test_a_return_names_what_to_mend_and_the_next_submission_keeps_both_statements(bureau: Bureau) -> None:
    application = bureau.submitted()
    station = bureau.station.actor()
    arguments = (application.id, "return", station, NOW, application.version)
    refuse(Invalid, "reason_required", *arguments)
    refuse(Invalid, "reason_code", *arguments, "no_such_reason", fields=["photos"])
    refuse(Invalid, "reason_required", *arguments, "other", fields=["photos"])
    refuse(Invalid, "fields_required", *arguments, "photo_unclear")
    refuse(Invalid, "fields_unknown", *arguments, "photo_unclear", fields=["colour"])
    operations.decide(*arguments, "photo_unclear", "请白天拍", fields=["photos", "address"])
    assert (application.state, application.due_on) == (S.RETURNED, None)
    asked = queries.last_return(application)
    assert asked is not None
    assert (asked.reason_code, asked.reason, asked.fields) == (
        "photo_unclear",
        "请白天拍",
        ["photos", "address"],
    )
    bureau.shop.address = "裕华路20号"
    operations.submit(application.id, bureau.merchant, NOW + timedelta(days=2))
    assert application.state is S.STATION_REVIEW
    assert application.previous is not None
    assert application.previous["shop"]["facts"]["address"] == "裕华路18号"
    assert application.statement is not None
    assert application.statement["shop"]["facts"]["address"] == "裕华路20号"
    assert application.due_on == date(2026, 11, 27)


def test_a_deferral_has_a_day_and_the_clock_starts_again(bureau: Bureau) -> None:
    application = bureau.submitted()
    station = bureau.station.actor()
    arguments = (application.id, "defer", station, NOW, application.version, "site_visit")
    refuse(Invalid, "defer_day", *arguments)
    refuse(Invalid, "defer_day", *arguments, deferred_until=date(2026, 11, 18))
    refuse(Invalid, "defer_too_long", *arguments, deferred_until=date(2027, 11, 18))
    operations.decide(*arguments, deferred_until=date(2026, 12, 1))
    assert (application.state, application.due_on) == (S.DEFERRED_STATION, date(2026, 12, 1))
    refuse(
        StepRefused, "step_refused",
        application.id, "pass_on", station, NOW, application.version, "documents_match",
    )  # fmt: skip
    later = NOW + timedelta(days=12)  # Monday 30 November
    operations.decide(application.id, "resume", station, later, application.version)
    assert (application.state, application.due_on) == (S.STATION_REVIEW, date(2026, 12, 7))
    assert application.deferred_until is None


def test_taking_back_in_time_goes_on_as_before(bureau: Bureau) -> None:
    application = bureau.passed_on()
    station, soon = bureau.station.actor(), NOW + timedelta(minutes=9)
    assert "take_back_pass_on" in [s.action for s in operations.open_steps(application, station, soon)]
    refuse(
        Conflict, "too_late_to_take_back",
        application.id, "take_back_pass_on", bureau.station2.actor(), soon, application.version,
    )  # fmt: skip
    operations.decide(application.id, "take_back_pass_on", station, soon, application.version)
    assert (application.state, application.due_on) == (S.STATION_REVIEW, date(2026, 11, 25))


def test_taking_back_late_or_after_the_other_side_acted_is_refused(bureau: Bureau) -> None:
    application = bureau.passed_on()
    station = bureau.station.actor()
    late = NOW + timedelta(minutes=11)
    assert "take_back_pass_on" not in [s.action for s in operations.open_steps(application, station, late)]
    refuse(
        Conflict, "too_late_to_take_back",
        application.id, "take_back_pass_on", station, late, application.version,
    )  # fmt: skip
    operations.decide(
        application.id, "defer", bureau.bureau.actor(), NOW, application.version, "site_visit",
        deferred_until=date(2026, 12, 1),
    )  # fmt: skip
    operations.decide(application.id, "resume", bureau.bureau.actor(), NOW, application.version)
    refuse(
        Conflict, "too_late_to_take_back",
        application.id, "take_back_pass_on", station, NOW, application.version,
    )  # fmt: skip


def test_a_return_is_taken_back_to_the_side_that_made_it(bureau: Bureau) -> None:
    application = bureau.passed_on()
    chief = bureau.bureau.actor()
    operations.decide(
        application.id, "return", chief, NOW, application.version, "photo_unclear", fields=["photos"]
    )
    assert [s.action for s in operations.open_steps(application, chief, NOW)] == ["take_back_bureau_return"]
    assert operations.open_steps(application, bureau.station.actor(), NOW) == []
    operations.decide(application.id, "take_back_bureau_return", chief, NOW, application.version)
    assert application.state is S.BUREAU_REVIEW
    assert queries.last_return(application) is None


def test_a_return_that_the_merchant_is_mending_is_not_taken_back(bureau: Bureau) -> None:
    application = bureau.submitted()
    station = bureau.station.actor()
    operations.decide(
        application.id, "return", station, NOW, application.version, "photo_unclear", fields=["photos"]
    )
    bureau.shop.updated_at = NOW + timedelta(minutes=2)
    refuse(
        Conflict, "too_late_to_take_back",
        application.id, "take_back_station_return", station, NOW + timedelta(minutes=3), application.version,
    )  # fmt: skip


def test_the_merchants_steps_are_not_decisions(bureau: Bureau) -> None:
    application = bureau.submitted()
    refuse(Forbidden, "step_forbidden", application.id, "withdraw", bureau.merchant, NOW, application.version)


def test_bulk_approval_gives_a_result_for_each(bureau: Bureau) -> None:
    good = bureau.passed_on()
    other = make.make_member_shop(bureau.shop.operator, bureau.owner, name="分店")
    doubtful = operations.submit(operations.start(other.id, bureau.merchant, NOW).id, bureau.merchant, NOW)
    third = make.make_member_shop(bureau.shop.operator, bureau.owner, name="三店")
    stale = operations.submit(operations.start(third.id, bureau.merchant, NOW).id, bureau.merchant, NOW)
    operations.decide(stale.id, "pass_on", bureau.station.actor(), NOW, stale.version, "documents_match")
    results = operations.bulk_approve(
        [(stale.id, stale.version - 1), (good.id, good.version), (doubtful.id, doubtful.version), (999, 1)],
        bureau.bureau.actor(),
        NOW,
        "requirements_met",
    )
    assert [(r.application_id, r.error.code if r.error else None) for r in results] == [
        (stale.id, "changed_meanwhile"),
        (good.id, None),
        (doubtful.id, "step_refused"),
        (999, "no_such_thing"),
    ]
    assert (good.state, doubtful.state, stale.state) == (S.APPROVED, S.STATION_REVIEW, S.BUREAU_REVIEW)
    assert db.session.query(TrustCode).count() == 1


def test_bulk_approval_wants_every_check_passed(bureau: Bureau) -> None:
    application = bureau.passed_on()
    bureau.extra_checks.append(Check("licence_present", CheckResult.NEEDS_PERSON))
    (result,) = operations.bulk_approve(
        [(application.id, application.version)], bureau.bureau.actor(), NOW, "requirements_met"
    )
    assert result.error is not None
    assert result.error.code == "checks_not_all_passed"
    assert application.state is S.BUREAU_REVIEW


def test_notes(bureau: Bureau) -> None:
    application = bureau.submitted()
    note = operations.add_note(application.id, "  电话核实过  ", bureau.department.actor(), NOW)
    assert (note.text, note.by_name) == ("电话核实过", "部门小赵")
    for text, code in (("   ", "note_empty"), ("长" * 2001, "note_too_long")):
        with pytest.raises(Invalid) as caught:
            operations.add_note(application.id, text, bureau.station.actor(), NOW)
        assert caught.value.code == code


def test_due_days_are_reckoned_again(bureau: Bureau) -> None:
    application = bureau.submitted()
    assert deadlines.recompute(bureau.station.actor(), NOW) == 0
    application.due_on = date(2026, 11, 30)
    assert deadlines.recompute(bureau.station.actor(), NOW) == 1
    assert application.due_on == date(2026, 11, 25)


@pytest.mark.parametrize("state", [CodeState.ACTIVE, CodeState.SUSPENDED])
def test_nothing_is_redrafted_while_the_bureau_vouches(bureau: Bureau, state: CodeState) -> None:
    """A draft edits the shop itself: name and place must not change below a seal that nobody looked at again."""
    make_code(bureau.shop, state)
    with pytest.raises(Conflict) as caught:
        operations.start(bureau.shop.id, bureau.merchant, NOW)
    assert caught.value.code == "code_stands"
    assert queries.find_open(bureau.shop.id) is None


def test_after_a_revocation_a_new_application_starts(bureau: Bureau) -> None:
    make_code(bureau.shop, CodeState.REVOKED, ("shop_closed",))
    assert operations.start(bureau.shop.id, bureau.merchant, NOW).state is S.DRAFT
