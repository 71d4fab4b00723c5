"""Issuing, giving the file, withdrawing, replacing, erasing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.letters.conftest import Office
from tests.letters.samples import FACTS, NOW
from webapp.audit.models import AuditEvent
from webapp.core import transaction
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound, StepRefused
from webapp.files.stores import store
from webapp.letters import drawing, keeping, operations, organisations, queries
from webapp.letters.models import Letter
from webapp.letters.organisations import Organisation
from webapp.letters.rules import KINDS, Law, LetterState, Recipient, Subject


@pytest.mark.each_database
def test_a_document_is_numbered_kept_and_given_as_it_was(
    context: Flask, make_office: Callable[[], Office]
) -> None:
    office = make_office()
    letter = office.issue()
    transaction.commit()
    db.session.expire_all()
    letter = db.session.get_one(Letter, letter.id)
    assert letter.number == "冀保莲池市监投受〔2026〕1号"
    assert (letter.organisation_name, letter.title) == ("保定市莲池区市场监督管理局", "投诉受理决定书")
    assert (letter.state, letter.recipients, letter.law) == (
        LetterState.ISSUED,
        (Recipient.COMPLAINANT,),
        "order121",
    )
    said = letter.said
    assert said is not None
    assert said.sha256() == letter.content_hash
    assert queries.find_by_code(said.code) is letter
    data = operations.pdf(letter)
    assert data == keeping.get(store(), letter.store_key)
    assert hashlib.sha256(data).hexdigest() == letter.sha256
    assert (len(data), letter.pages, letter.missing_glyphs) == (letter.size, 1, 0)
    assert office.issue().number == "冀保莲池市监投受〔2026〕2号"


def test_every_kind_under_every_law(office: Office) -> None:
    for kind in KINDS:
        for serial, law in enumerate(KINDS[kind].laws, 1):
            letter = office.issue(kind, law=law)
            assert (letter.serial, letter.law) == (serial, law.value)
            assert letter.title == letter.said.title  # type: ignore[union-attr]


def test_numbers_run_by_organisation_kind_and_year(office: Office) -> None:
    station = organisations.station(office.scope.station_id or 0)
    assert [office.issue().serial, office.issue().serial] == [1, 2]
    assert office.issue("refusal").serial == 1
    assert office.issue(organisation=station).number == "冀保莲池市监西关投受〔2026〕1号"
    assert office.issue(organisation=organisations.bureau()).number == "冀保市监投受〔2026〕1号"
    new_year = NOW.replace(month=12, day=31, hour=16)  # midnight in China
    assert office.issue(now=new_year).number == "冀保莲池市监投受〔2027〕1号"
    assert office.issue().serial == 3


@pytest.mark.each_database
def test_what_is_undone_gives_its_number_back(context: Flask, make_office: Callable[[], Office]) -> None:
    office = make_office()
    transaction.commit()
    office.issue()
    transaction.rollback()
    assert office.issue().serial == 1
    transaction.commit()
    with pytest.raises(Invalid):
        office.issue(complainant_name="")
    transaction.rollback()
    assert office.issue().serial == 2


WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"complainant_name": ""}, "letter_fact_missing", "complainant_name"),
    ({"received_on": None}, "letter_fact_missing", "received_on"),
    ({"made_up": "x"}, "letter_fact_unknown", "made_up"),
    ({"received_on": "2026-11-20"}, "letter_fact_form", "received_on"),
    ({"received_on": NOW}, "letter_fact_form", "received_on"),
    ({"contact": 7}, "letter_fact_form", "contact"),
]


def test_wrong_facts_are_named(office: Office) -> None:
    for changes, code, field in WRONG:
        with pytest.raises(Invalid) as refused:
            office.issue(**changes)
        assert (refused.value.code, refused.value.field) == (code, field)
    assert db.session.query(Letter).count() == 0


def test_nothing_personal_lies_open(office: Office) -> None:
    letter = office.issue("complaint_registration")
    transaction.commit()
    raw = str(db.session.execute(sa.text("SELECT * FROM letter")).mappings().one())
    for planted in ("王晓燕", "13931267788", "130602198808157766", "学府花园"):
        assert planted not in raw
        assert planted.encode() not in str(raw).encode()
    stored = store().get(f"{letter.store_key}/full")
    assert b"%PDF" not in stored
    events = db.session.scalars(sa.select(AuditEvent)).all()
    assert [event.action for event in events] == ["letter.issue"]
    assert "王晓燕" not in str(events[0].new)
    code = letter.said.code  # type: ignore[union-attr]
    assert code not in raw


def test_a_lost_file_is_drawn_again(office: Office) -> None:
    letter = office.issue()
    transaction.commit()
    keeping.erase(store(), letter.store_key)
    data = operations.pdf(letter)
    assert hashlib.sha256(data).hexdigest() == letter.sha256
    assert keeping.get(store(), letter.store_key) == data


def test_a_file_that_would_come_out_otherwise_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = office.issue()
    transaction.commit()
    keeping.erase(store(), letter.store_key)
    monkeypatch.setattr(drawing, "_PRODUCER", "another release")
    with pytest.raises(Conflict, match="letter_lost"):
        operations.pdf(letter)


def test_a_store_that_is_down_does_not_undo_the_decision(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(keeping, "put", lambda *_: (_ for _ in ()).throw(OSError("full")))
        letter = office.issue()
        transaction.commit()
    assert operations.pdf(letter)[:5] == b"%PDF-"


@pytest.mark.each_database
def test_withdrawing_needs_a_reason_reach_and_the_page_as_seen(
    context: Flask, make_office: Callable[[], Office]
) -> None:
    office = make_office()
    letter = office.issue()
    transaction.commit()
    later = NOW + timedelta(hours=1)
    with pytest.raises(Forbidden):
        operations.withdraw(letter.id, "写错了", office.stranger, later, scope=office.scope)
    with pytest.raises(Invalid):
        operations.withdraw(letter.id, " ", office.officer, later, scope=office.scope)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.withdraw(letter.id, "写错了", office.officer, later, scope=office.scope, version=9)
    operations.withdraw(letter.id, "当事人姓名写错", office.officer, later, scope=office.scope, version=1)
    transaction.commit()
    assert (letter.state, letter.ended_reason) == (LetterState.WITHDRAWN, "当事人姓名写错")
    assert (letter.ended_at, letter.ended_by_id) == (later, office.officer.account_id)
    with pytest.raises(StepRefused):
        operations.withdraw(letter.id, "再来", office.officer, later, scope=office.scope)
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "letter.withdraw")).one()
    assert event.reason is None


@pytest.mark.each_database
def test_replacing_issues_anew_under_a_new_number(context: Flask, make_office: Callable[[], Office]) -> None:
    office = make_office()
    old = office.issue()
    transaction.commit()
    facts = FACTS["acceptance"] | {"complainant_name": "王小燕"}
    new = operations.replace(
        old.id, facts, "姓名写错", office.organisation, office.officer, NOW, scope=office.scope
    )
    transaction.commit()
    assert (old.state, old.replaced_by_id) == (LetterState.REPLACED, new.id)
    assert (new.kind, new.subject, new.recipients, new.law) == (
        old.kind,
        old.subject,
        old.recipients,
        old.law,
    )
    assert (old.serial, new.serial) == (1, 2)
    assert queries.latest(office.subject, "acceptance") is new
    assert queries.of_subject(office.subject) == [new, old]
    with pytest.raises(StepRefused):
        operations.replace(
            old.id, facts, "又错", office.organisation, office.officer, NOW, scope=office.scope
        )


def test_who_must_stand_aside_withdraws_nothing(office: Office) -> None:
    from dataclasses import replace

    letter = office.issue()
    with pytest.raises(Forbidden, match="must_stand_aside"):
        operations.withdraw(
            letter.id, "理由", replace(office.officer, aside_from=frozenset({1})), NOW, scope=office.scope
        )


def test_erasing_leaves_a_trace_that_can_still_be_checked(office: Office) -> None:
    letter, other = office.issue(), office.issue(subject=Subject("complaint", 8))
    gone = office.issue("refusal")
    transaction.commit()
    operations.withdraw(gone.id, "王晓燕已撤回", office.officer, NOW, scope=office.scope)
    code = letter.said.code  # type: ignore[union-attr]
    assert operations.erase_of(office.subject, NOW) == 2
    transaction.commit()
    assert operations.erase_of(office.subject, NOW) == 0
    assert (letter.said, gone.ended_reason) == (None, "")
    assert not list(store().folder.glob(f"{letter.store_key[:2]}/{letter.store_key}/*"))  # type: ignore[attr-defined]
    assert queries.find_by_code(code) is letter
    with pytest.raises(NotFound):
        operations.pdf(letter)
    assert operations.pdf(other)


def test_another_subjects_document_is_not_found(office: Office) -> None:
    letter = office.issue()
    assert queries.get(letter.id, office.subject) is letter
    for subject in (Subject("complaint", 8), Subject("tip", 7)):
        with pytest.raises(NotFound):
            queries.get(letter.id, subject)


@pytest.mark.each_database
def test_the_database_keeps_the_rules_too(context: Flask, make_office: Callable[[], Office]) -> None:
    office = make_office()
    letter = office.issue()
    transaction.commit()
    for change in (
        {"state": LetterState.WITHDRAWN},
        {"ended_at": NOW},
        {"state": LetterState.REPLACED, "ended_at": NOW, "ended_reason": "x"},
        {"content": None},
        {"serial": 0},
    ):
        with pytest.raises(IntegrityError):
            db.session.execute(sa.update(Letter).where(Letter.id == letter.id).values(**change))
        db.session.rollback()


def test_a_proof_keeps_nothing_and_says_so(office: Office) -> None:
    data = operations.proof("acceptance", FACTS["acceptance"], office.organisation, NOW, law=Law.ORDER_121)
    assert data[:5] == b"%PDF-"
    assert db.session.query(Letter).count() == 0


def test_the_system_may_issue(office: Office) -> None:
    assert office.issue("complaint_registration", actor=SYSTEM).issued_by_id is None


def test_the_bureau_brings_its_own_names_seal_and_forms(office: Office, context: Flask) -> None:
    folder = context.extensions["ydym.settings"].letters_dir
    (folder / "forms").mkdir(parents=True)
    (folder / "organisations.csv").write_text("code,name,mark\n130606,莲池区市场监管局,保莲市监\n", "utf-8")
    (folder / "forms" / "acceptance.txt").write_text(
        "title: 受理通知书\nmark: 受\n---\n@ {complainant_name}：\n关于{respondent_name}{matter}，"
        "{received_on}收到，已受理。\n{contact}，{contact_phone}\n> {organisation}\n> {issued_on}\n",
        "utf-8",
    )
    letter = office.issue(organisation=organisations.bureau("130606003"))
    assert (letter.number, letter.title) == ("保莲市监受〔2026〕1号", "受理通知书")
    assert organisations.seal_of("130606") is None


@pytest.mark.parametrize(
    "wrong", [("", "名", "冠"), ("a/../b", "名", "冠"), ("1306", "", "冠"), ("1306", "名", "")]
)
def test_an_organisation_has_code_name_and_mark(wrong: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="no organisation"):
        Organisation(*wrong)


def test_organisations_are_called_as_people_call_them(office: Office) -> None:
    from webapp.regions.models import Region

    db.session.add_all(
        Region(code=code, parent="1306", level="county", name=name)
        for code, name in (("130627", "唐县"), ("130681", "涿州市"), ("130623", "涞水县"))
    )
    db.session.flush()
    found = [organisations.bureau(code) for code in ("1306", "130606003", "130627", "130681", "130623")]
    assert [(one.name, one.mark) for one in found] == [
        ("保定市市场监督管理局", "冀保市监"),
        ("保定市莲池区市场监督管理局", "冀保莲池市监"),
        ("唐县市场监督管理局", "冀保唐县市监"),
        ("涿州市市场监督管理局", "冀保涿州市监"),
        ("涞水县市场监督管理局", "冀保涞水市监"),
    ]
    station = organisations.station(office.scope.station_id or 0)
    assert station.name == "保定市莲池区市场监督管理局西关市场监管所"
    for call in (lambda: organisations.bureau("999999"), lambda: organisations.station(10**6)):
        with pytest.raises(NotFound):
            call()


def test_days_are_chinas(office: Office) -> None:
    late = NOW.replace(hour=16, minute=30)
    assert "二〇二六年十一月二十九日" in (office.issue(now=late).content or "")


def test_recipients(office: Office) -> None:
    theirs = office.issue("mediation_notice", recipients=[Recipient.RESPONDENT])
    office.issue("mediation_notice", recipients=[Recipient.COMPLAINANT])
    both = office.issue("mediation_agreement")
    assert queries.of_subject(office.subject, recipient=Recipient.RESPONDENT) == [both, theirs]
    assert office.issue("complaint_registration").recipients == ()
