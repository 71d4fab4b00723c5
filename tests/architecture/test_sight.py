"""Who looked: every address that shows somebody's personal data to somebody signed in leaves a trace of it.

The walk plants words that stand nowhere else into every column that holds personal data, asks every address in turn,
and looks for them in the answer. An answer that has one and left no trace is a fault; so is a new encrypted column into
which nothing is planted.
"""

from __future__ import annotations

import html
import io

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from tests.architecture.samples import World
from tests.architecture.test_access import (
    PEOPLE,
    Expected,
    Person,
    Visitors,
    Walk,
    expected,
    routes_of,
    walked,
)
from webapp import audit
from webapp.audit import wording
from webapp.audit.models import PersonalView
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import Base, db, may_write
from webapp.core.secrets import EncryptedText
from webapp.features import FEATURES
from webapp.notices.models import OutboxMessage
from webapp.registry.models import RegistryEvent, RegistryRecord
from webapp.web.access import Audience, rule_of

__all__ = ["walked"]

STORY, NAME, REPRESENTATIVE = "栽种的陈述甲乙", "栽种的姓名", "栽种的负责人"
PHONE, EMAIL = "+8613987650123", "planted@example.org"
#: What is looked for in an answer without its blanks: a telephone is shown in groups.
MARKS = (STORY, NAME, REPRESENTATIVE, PHONE[3:], EMAIL)

#: Columns with personal data, and what is planted into their rows (where they have something, if it is a `set`).
PLANTED: dict[str, str] = {
    "account.email": EMAIL,
    "complaint.story": STORY,
    "complaint.contact_name": NAME,
    "complaint.contact_phone": PHONE,
    "complaint_message.text": STORY,
    "complaint_offer.merchant_name": NAME,
    "hearing.notes": STORY,
    "mediation_body.contact": NAME,
    "mediation_statement.text": STORY,
    "operator.legal_representative": REPRESENTATIVE,
    "operator_invitation.phone": PHONE,
    "outbox_message.text": STORY,
    "registry_event.new": REPRESENTATIVE,
    "registry_record.legal_representative": REPRESENTATIVE,
    "talk.attended": NAME,
    "talk.minutes": STORY,
    "tip.story": STORY,
    "tip.reporter_name": NAME,
    "tip.reporter_phone": PHONE,
    "tip_message.text": STORY,
}
#: Only where something stands already: the database ties these to signatures.
IF_ANY = {
    "complaint_offer.consumer_name": NAME,
    "mediation.agreement": STORY,
    "mediation.consumer_name": NAME,
    "mediation.merchant_name": NAME,
}
#: Encrypted columns into which nothing is planted, each with the reason.
NOT_PLANTED = {
    "account.phone": "shown in full to nobody, and to its owner only as it is typed",
    "consumer.phone": "shown masked, in full only in its owner's own copy",
    "account.totp_secret": "shown once, to its owner, while it is being tied",
    "letter.content": "drawn into a paper when it is issued: papers are held to their own rule below",
    "letter.ended_reason": "stands on the case's own page, which is traced as the case",
    "outbox_message.address": "shown masked only",
}
#: Addresses that show personal data and leave no trace, each with the reason.
EXCEPTED: dict[str, str] = {
    "accounts.office_me": "one's own address, on the page of one's own account",
    "accounts.change_email": "one's own address, in the form that changes it",
    "merchants.shop": "the operator's own people see the facts of their own operator",
}

RECORD = {
    "name": "某店",
    "kind": "self_employed",
    "legal_representative": REPRESENTATIVE,
    "registered_address": "某路",
    "authority": "某局",
    "status": "active",
    "abnormal": False,
    "serious_violation": False,
    "penalties": [],
    "as_of": clock.today(),
    "source": "planted",
    "facts_hash": "0" * 64,
    "imported_at": clock.now(),
}

#: What goes along with a deed: why a name and number are asked for.
FORM = {"POST": {"purpose": "call"}}

#: Who tries: one of each side, and the officers who reach most.
TRIED = ("the owner", "a mediator", "bureau officer of the city", "administrator of the city")


def plant() -> None:
    """Write the marks into all rows that there are."""
    for columns, always in ((PLANTED, True), (IF_ANY, False)):
        for place, value in columns.items():
            table, column = place.split(".")
            found = Base.metadata.tables[table]
            statement = sa.update(found).values({column: value})
            db.session.execute(statement if always else statement.where(found.c[column].is_not(None)))


def text_of(answer: TestResponse) -> str:
    """What a person reads in the answer, without blanks; of a picture nothing."""
    if answer.mimetype == "application/pdf":
        paper = pypdfium2.PdfDocument(io.BytesIO(answer.get_data()))
        said = "".join(page.get_textpage().get_text_range() for page in paper)
    elif answer.mimetype.startswith(("text/", "application/json")):
        said = html.unescape(answer.get_data(as_text=True))
    else:
        return ""
    return "".join(said.split())


def is_paper(endpoint: str, answer: TestResponse) -> bool:
    """A document that names people, whoever they are."""
    return answer.mimetype == "application/pdf" and endpoint.rpartition(".")[2] in {
        "letter",
        "agreement_paper",
    }


def shows(endpoint: str, answer: TestResponse) -> list[str]:
    """The marks in the answer."""
    said = text_of(answer)
    found = [mark for mark in MARKS if mark in said]
    return found or (["a paper"] if is_paper(endpoint, answer) and answer.status_code == 200 else [])


def last_trace(app: Flask) -> int:
    """The number of the newest trace."""
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.max(PersonalView.id))) or 0


class Looking(Walk):
    """One route asked by everybody who gets in, with personal data planted."""

    def looks(self, traced: set[str]) -> list[str]:
        """A line for every answer that shows something and left no trace; endpoints with one go into `traced`."""
        admitted = [person for person in PEOPLE if person.name in TRIED and self._admits(person)]
        return [fault for person in admitted if (fault := self._look(person, traced))]

    def _place(self, *, fresh: bool) -> tuple[World, str]:
        """As in the access walk; lists and look-ups find something there, and a register's run has changed a name."""
        if self._common is not None:
            return self._common
        world, address = super()._place(fresh=False)
        if not self.route.arguments:
            for argument in ("complaint_id", "tip_id", "mediation_id"):
                world.made[argument] = self._sample(argument)(world)
        uscc = world.operator.uscc
        db.session.add(RegistryRecord(uscc=uscc, **RECORD))
        if "run_id" in world.made:
            of_run = {"run_id": world.made["run_id"], "line": 1, "uscc": uscc, "name": "某店"}
            db.session.add(RegistryEvent(kind="representative", **of_run))
        if self.route.endpoint == "registry_office.index":
            address = f"{address}?uscc={uscc}"
        audit.record(SYSTEM, "operator.refresh", "operator", world.operator.id, now=clock.now(),
            operator_id=world.operator.id, new={"legal_representative": REPRESENTATIVE})  # fmt: skip
        db.session.flush()
        plant()
        self._common = world, address
        return self._common

    def _admits(self, person: Person) -> bool:
        assert self.rule is not None
        return expected(self.rule, self.route.endpoint, person) is Expected.ADMITTED

    def _look(self, person: Person, traced: set[str]) -> str | None:
        with self.app.app_context():
            may_write.set(True)
            world, address = self._place(fresh=False)
            db.session.commit()
            # Deeds on accounts may sign somebody out.
            client = self._visitors.of(world, person, fresh=self.route.endpoint.startswith("accounts"))
        before = last_trace(self.app)
        found = shows(
            self.route.endpoint,
            answer := client.open(address, method=self.method, data=FORM.get(self.method)),
        )
        answer.close()
        if last_trace(self.app) > before:
            traced.add(self.route.endpoint)
        elif found:
            return f"{self.method} {self.route.rule} ({self.route.endpoint}): {person.name} is shown {found}"
        return None


@pytest.fixture(scope="module")
def visitors(walked: Flask) -> Visitors:
    """Everybody's browsers, for the whole walk."""
    return Visitors(walked)


@pytest.fixture(scope="module")
def looked(walked: Flask, visitors: Visitors) -> tuple[list[str], set[str]]:
    """The faults of the whole walk, and the endpoints that left a trace."""
    with walked.app_context():
        may_write.set(True)
        db.session.add(
            OutboxMessage(
                channel="sms",
                address=PHONE,
                template="x",
                text=STORY,
                created_at=clock.now(),
                send_after=clock.now(),
                idempotency_key="planted",
            )
        )
        db.session.commit()
    faults: list[str] = []
    traced: set[str] = set()
    for feature in FEATURES:
        for route, method in routes_of(walked, feature):
            rule = rule_of(walked, route.endpoint)
            if rule is not None and rule.audience is not Audience.PUBLIC:
                faults += Looking(walked, route, method, visitors).looks(traced)
    return faults, traced


def test_whoever_is_shown_personal_data_leaves_a_trace(looked: tuple[list[str], set[str]]) -> None:
    faults, _traced = looked
    unexcused = [fault for fault in faults if not any(f"({endpoint})" in fault for endpoint in EXCEPTED)]
    assert unexcused == [], "\n" + "\n".join(unexcused)


def test_the_walk_meets_the_pages_that_matter(looked: tuple[list[str], set[str]]) -> None:
    _faults, traced = looked
    assert {
        "complaints_office.show",
        "complaints_office.contact",
        "complaints_merchant.index",
        "complaints_merchant.show",
        "complaints_office.letter",
        "mediation.show",
        "mediation.index",
        "mediation_office.body",
        "mediation_files.export",
        "oversight_deeds.talk",
        "tips_office.show",
        "tips_office.contact",
        "codes_office.shop",
    } <= traced


def test_every_page_that_leaves_a_trace_has_a_name(walked: Flask, looked: tuple[list[str], set[str]]) -> None:
    _faults, traced = looked
    with walked.app_context():
        nameless = sorted(one for one in traced if wording.page_word(one) == one)
    assert nameless == []


def test_every_encrypted_column_is_planted_or_says_why_not(walked: Flask) -> None:
    encrypted = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, EncryptedText)
    }
    known = {*PLANTED, *IF_ANY, *NOT_PLANTED}
    assert encrypted - known == set()
    assert set(NOT_PLANTED) <= encrypted
    assert all(len(reason) > 15 for reason in (*NOT_PLANTED.values(), *EXCEPTED.values()))
