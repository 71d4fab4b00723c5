"""The papers that a complaint's steps bring forth: which, for whom, under which law, by which office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pypdfium2
import pytest
from flask import Flask

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from webapp.clocks import queries as clock_queries
from webapp.clocks.laws import Kind
from webapp.complaints import documents, operations
from webapp.complaints.rules import Route
from webapp.core import clock
from webapp.core.actor import Actor, Scope
from webapp.core.db import may_write
from webapp.core.errors import Invalid
from webapp.letters import Recipient, Subject, queries
from webapp.letters import operations as letters
from webapp.letters.models import Letter
from webapp.merchants.models import Shop


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield make.make_shop_with_policy()
    may_write.reset(token)


@pytest.fixture
def officer(shop: Shop) -> Actor:
    return make.make_officer().actor()


def papers(complaint_id: int) -> list[Letter]:
    return queries.of_subject(Subject("complaint", complaint_id))


def text_of(letter: Letter) -> str:
    document = pypdfium2.PdfDocument(letters.pdf(letter))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return "".join(text.split())


def test_acceptance_names_the_day_until_which_is_mediated(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    operations.act(complaint.id, "accept", officer, NOW)
    (letter,) = papers(complaint.id)
    assert (letter.kind, letter.law, letter.recipients) == (
        "acceptance",
        "order121",
        (Recipient.COMPLAINANT,),
    )
    said = text_of(letter)
    assert letter.number in said
    assert make.NAME in said
    assert "2026年7月6日" in said, "60 days from 6 May end on Sunday 5 July: the next working day"


def test_refusal_and_termination_say_their_ground_and_the_law_of_receipt(shop: Shop, officer: Actor) -> None:
    before = clock.end_of_day(date(2026, 4, 14)) - timedelta(hours=1)
    old = make.make_complaint(shop, before, route=Route.AUTHORITY)
    operations.act(old.id, "refuse", officer, NOW, ground="over_three_years", text="购于2021年")
    (letter,) = papers(old.id)
    said = text_of(letter)
    assert (letter.kind, letter.law) == ("refusal", "order20")
    assert "已超过三年" in said
    assert "第十五条第四项" in said.replace("（四）", "四")
    new = make.make_complaint(shop, route=Route.AUTHORITY)
    make.move(new, ("accept", officer), ("end", officer))
    for_merchant, for_consumer, acceptance = papers(new.id)
    assert acceptance.kind == "acceptance"
    assert for_merchant.kind == for_consumer.kind == "termination"
    assert (for_consumer.recipients, for_merchant.recipients) == (
        (Recipient.COMPLAINANT,),
        (Recipient.RESPONDENT,),
    )
    assert make.NAME in text_of(for_consumer)
    assert make.NAME not in text_of(for_merchant), "without consent the merchant learns no name"


@pytest.mark.parametrize(("law", "days"), [("order121", 60), ("order20", 0)])
def test_the_end_of_the_period_is_a_ground_only_once_it_has_come(
    shop: Shop, officer: Actor, law: str, days: int
) -> None:
    filed_at = clock.end_of_day(date(2026, 4, 14)) - timedelta(hours=1) if law == "order20" else NOW
    complaint = make.make_complaint(shop, filed_at, route=Route.AUTHORITY)
    operations.act(complaint.id, "accept", officer, NOW)
    assert complaint.law == law
    [row] = clock_queries.running("complaint", complaint.id, Kind.MEDIATION)
    assert row.due_on is not None
    assert (row.due_on - clock.day_of(NOW)).days >= days
    day_before = clock.end_of_day(row.due_on - timedelta(days=1)) - timedelta(seconds=1)
    with pytest.raises(Invalid, match="period_not_over"):
        operations.act(complaint.id, "end", officer, day_before, ground="time_over")
    operations.act(complaint.id, "end", officer, day_before + timedelta(seconds=1), ground="time_over")
    letters = [letter for letter in papers(complaint.id) if letter.kind == "termination"]
    assert len(letters) == 2, "one for each side"
    assert [row.kind for row in clock_queries.running("complaint", complaint.id)] == [Kind.RESULT_NOTICE]


def test_a_transfer_is_told_by_the_office_that_gives_it_away(shop: Shop, officer: Actor) -> None:
    make_street("130602001", "竞秀区市场监管所")
    complaint = make.make_complaint(shop, route=Route.AUTHORITY)
    giver = documents.organisation_of(complaint.scope)
    operations.act(complaint.id, "transfer", officer, NOW, text="实际经营地在那边", handler=Scope("130602"))
    (letter,) = papers(complaint.id)
    assert (letter.kind, letter.organisation_code) == ("transfer_notice", giver.code)
    assert documents.organisation_of(complaint.scope).name in text_of(letter)
    assert Recipient.COMPLAINANT not in letter.recipients


def test_the_registration_form_is_for_the_file_alone(shop: Shop, officer: Actor) -> None:
    complaint = make.make_complaint(shop)
    letter = documents.register(complaint, officer, NOW)
    assert letter.recipients == ()
    assert complaint.story in text_of(letter)


def test_most_steps_have_no_paper(shop: Shop, officer: Actor) -> None:
    complaint = make.answered(shop)
    assert papers(complaint.id) == []
