"""Old and new value are there though the operation does not say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.factories.complaints import make_complaint, make_shop_with_policy
from webapp import audit
from webapp.audit.differences import tells
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core.actor import SYSTEM
from webapp.core.db import Base, db

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def complaint(context: Flask) -> Complaint:
    number = make_complaint(make_shop_with_policy()).id
    db.session.commit()
    db.session.expunge_all()  # as a request finds it: read from the database
    return db.session.get_one(Complaint, number)


def told(complaint: Complaint, **more) -> tuple[object, object]:
    event = audit.record(SYSTEM, "complaint.made_up", "complaint", complaint.id, now=NOW, **more)
    db.session.flush()
    return event.old, event.new


def test_what_the_transaction_changed_is_told(complaint: Complaint) -> None:
    complaint.consent_disclosure = True
    complaint.handling_stars, complaint.story, complaint.contact_name = 4, "另一段话", "另一个人"
    assert told(complaint) == (
        {"consent_disclosure": False, "handling_stars": None},
        {"consent_disclosure": True, "handling_stars": 4},
    )


def test_a_flush_between_loses_nothing_and_the_first_value_counts(complaint: Complaint) -> None:
    complaint.handling_stars = 2
    db.session.flush()
    with db.session.begin_nested():
        complaint.handling_stars = 3
    assert told(complaint) == ({"handling_stars": None}, {"handling_stars": 3})


def test_what_is_new_gets_its_old_value(complaint: Complaint) -> None:
    complaint.state, complaint.handling_stars = ComplaintState.REFERRED, 1
    assert told(complaint, new={"state": "referred", "ground": "silent"}) == (
        {"state": "settling"},
        {"state": "referred", "ground": "silent"},
    )


def test_a_value_of_something_else_by_the_same_name_is_left_alone(complaint: Complaint) -> None:
    complaint.state = ComplaintState.REFERRED
    assert told(complaint, new={"state": "granted"}) == (None, {"state": "granted"})


def test_what_the_operation_says_stands(complaint: Complaint) -> None:
    complaint.state = ComplaintState.REFERRED
    assert told(complaint, old={"state": "draft"}) == ({"state": "draft"}, None)


def test_what_changed_and_changed_back_and_nothing_are_told_alike(complaint: Complaint) -> None:
    complaint.handling_stars = 2
    db.session.flush()
    complaint.handling_stars = None
    assert told(complaint) == (None, None)


def test_a_transaction_that_is_over_is_forgotten(complaint: Complaint) -> None:
    complaint.handling_stars = 2
    db.session.commit()
    assert told(complaint) == (None, None)
    complaint.handling_stars = 5
    db.session.rollback()
    db.session.refresh(complaint)
    complaint.consent_disclosure = True
    assert told(complaint) == ({"consent_disclosure": False}, {"consent_disclosure": True})


def test_nothing_personal_is_read_from_a_thing() -> None:
    columns = {
        f"{table.name}.{one.name}" for table in Base.metadata.sorted_tables for one in table.c if tells(one)
    }
    assert {"complaint.state", "complaint.consent_disclosure", "tip.state", "listing.state"} <= columns
    for column in (
        "complaint.story",
        "complaint.contact_name",
        "complaint.contact_phone",
        "complaint.contact_phone_hash",
        "complaint.receipt_hash",
        "account.name",
        "account.phone",
        "account.password_hash",
        "account.totp_secret",
        "account.totp_last_step",
        "listing_repair.receipt",
        "operator.legal_representative",
    ):
        assert column not in columns, column
