"""What ended cases say of people goes after its term, everywhere; one's own data can be copied and taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import complaints as make
from tests.factories import mediation as mediations
from tests.factories import tips
from tests.factories.files import make_file
from tests.factories.merchants import NOW
from tests.filing.test_views import PHONE, STORY, code_in_outbox, hidden, rows, typed
from webapp.audit.rules import Purpose
from webapp.complaints import documents as complaint_documents
from webapp.complaints import erasing as complaint_erasing
from webapp.complaints import operations as complaints
from webapp.complaints import queries as complaint_queries
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState
from webapp.core.actor import CONSUMER, Role
from webapp.core.db import Base, db
from webapp.core.errors import Conflict
from webapp.core.transaction import unit
from webapp.disclosure import operations as disclosures
from webapp.disclosure.models import DisclosureRequest
from webapp.files.models import FilePurpose, StoredFile
from webapp.files.operations import store
from webapp.files.stores import Missing
from webapp.mediation import operations as mediation_operations
from webapp.notices import operations as notices
from webapp.tips import documents as tip_documents
from webapp.tips import erasing as tip_erasing
from webapp.tips.models import Tip

#: Classes that keep what a case says of people; all are emptied with it. The outbox forgets what was sent.
OF_THE_CASE = {
    "Complaint",
    "ComplaintMessage",
    "Mediation",
    "Statement",
    "Tip",
    "TipMessage",
    "TipExtension",
    "ClockEvent",
    "Letter",
    "Disclosure",
    "DisclosureRequest",
    "OutboxMessage",
}
YEARS = timedelta(days=1096)
DAY = timedelta(days=1)
PLANTED = ("上官", "13912345678", "139 1234 5678", "planted", "words for", "后厨用过期的面粉")


def said_anywhere() -> list[str]:
    """Every place of the database, encrypted columns opened, that still holds something planted."""
    found = []
    db.session.expire_all()
    for mapper in Base.registry.mappers:
        names = [column.key for column in mapper.column_attrs]
        for row in db.session.scalars(sa.select(mapper.class_)):
            texts = {name: str(getattr(row, name)) for name in names}
            found += [
                f"{mapper.class_.__name__}.{name}: {text[:60]}"
                for name, text in texts.items()
                if any(words in text for words in PLANTED)
            ]
    return found


def full_case() -> tuple[Complaint, Tip, StoredFile]:
    """A complaint with photo, answer, mediation, letters; a named tip with its letters: both over and told."""
    shop = make.make_shop_with_policy()
    officer, merchant = make.make_officer().actor(), make.merchant_actor(shop)
    photo = make_file(FilePurpose.COMPLAINT)
    complaint = mediations.accepted(
        shop,
        officer,
        contact_name="上官投诉",
        contact_phone="+8613912345678",
        story="planted story",
        file_ids=(photo.id,),
    )
    started = mediation_operations.start(complaint.id, None, officer, NOW)
    mediation_operations.state(started.id, "planted statement", merchant, NOW)
    mediation_operations.draft(started.id, "planted agreement", officer, NOW)
    mediation_operations.give_up(started.id, "fail", "planted outcome", officer, NOW)
    complaints.act(complaint.id, "pause", officer, NOW, text="planted reason", ground="testing")
    complaints.act(complaint.id, "resume", officer, NOW + timedelta(hours=2), text="planted reason")
    complaint_documents.register(complaint, officer, NOW)
    complaints.act(complaint.id, "supplement", CONSUMER, NOW, text="planted supplement")
    complaints.reveal_contact(complaint.id, Purpose.CALL, officer, NOW)
    complaints.note(complaint.id, "planted note", officer, NOW)
    make.move(complaint, ("end", officer), ("serve", officer), now=NOW + DAY)
    complaints.rate_handling(complaint.id, 2, "planted words of the rating", NOW + DAY)
    case = disclosures.make_draft(complaint, NOW + DAY)
    case.story, case.reply_waiting = "planted story of a draft", "planted reply"
    case.requests.append(
        DisclosureRequest(kind="correct", side="consumer", text="planted request", asked_at=NOW)
    )
    tip = tips.make_tip(shop, reporter_name="上官举报", reporter_phone="+8613912345678")
    tips.operations.ask_extension(tip.id, "planted asking", officer, NOW)
    second = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
    tips.operations.decide_extension(tip.id, "approve", "planted approval", second, NOW)
    tips.operations.act(tip.id, "supplement", CONSUMER, NOW, text="planted lead")
    tips.operations.reveal_contact(tip.id, Purpose.CALL, officer, NOW)
    tips.decide(tip, officer, text="planted decision")
    tip_documents.registration(tip, officer, NOW)
    tips.operations.act(tip.id, "tell", officer, NOW + DAY, text="planted telling")
    return complaint, tip, photo


@pytest.fixture
def kept(context: Flask, each_database: str) -> tuple[Complaint, Tip, StoredFile]:
    with unit():
        return full_case()


@pytest.mark.each_database
def test_after_the_term_nothing_planted_is_left(kept: tuple[Complaint, Tip, StoredFile]) -> None:
    complaint, tip, photo = kept
    name = f"{photo.key}/full"
    assert store().get(name)
    before = complaint_queries.recount(complaint.shop_id)
    with unit():
        assert complaint_erasing.erase_due(NOW + YEARS - 3 * DAY) == 0
        assert tip_erasing.erase_due(NOW + YEARS - 3 * DAY) == 0
    assert len(said_anywhere()) > 10
    with unit():
        assert complaint_erasing.erase_due(NOW + YEARS + DAY) == 1
        assert tip_erasing.erase_due(NOW + YEARS + DAY) == 1
        assert complaint_erasing.erase_due(NOW + YEARS + DAY) == 0
        notices.forget_old(NOW + YEARS)
        db.session.execute(sa.text("DELETE FROM outbox_message"))  # never sent here: no gateway
    assert said_anywhere() == []
    with pytest.raises(Missing):
        store().get(name)
    assert complaint_queries.recount(complaint.shop_id) == before, "the figures count as before"
    assert (complaint.state, tip.story, complaint.erased_at is not None) == (ComplaintState.CLOSED, "", True)


def test_what_a_case_says_of_people_is_in_the_case_alone(context: Flask) -> None:
    """No log, feed, notice, audit row, oversight, campaign or snapshot repeats it: every mapped table is looked at."""
    with unit():
        full_case()
    places = {line.split(".")[0] for line in said_anywhere()}
    assert {"Complaint", "Tip", "Letter"} < places, "it was planted"
    assert places <= OF_THE_CASE


@pytest.mark.each_database
def test_what_is_not_over_stays(context: Flask, each_database: str) -> None:
    with unit():
        shop = make.make_shop_with_policy()
        complaint, tip = make.make_complaint(shop), tips.make_tip(shop)
        assert complaint_erasing.erase_due(NOW + 2 * YEARS) == tip_erasing.erase_due(NOW + 2 * YEARS) == 0
        with pytest.raises(Conflict, match="case_open"):
            complaint_erasing.forget_contact(complaint.id, NOW)
        with pytest.raises(Conflict, match="case_open"):
            tip_erasing.forget_contact(tip.id, NOW)
        officer = make.make_officer().actor()
        make.move(complaint, ("refer", officer), ("accept", officer), ("end", officer))
        tips.decide(tip, officer)
        with pytest.raises(Conflict, match="case_open"):  # both still wait for the notice
            complaint_erasing.forget_contact(complaint.id, NOW)
        with pytest.raises(Conflict, match="case_open"):
            tip_erasing.forget_contact(tip.id, NOW)
    assert complaint.contact_phone is not None


def proved(app: Flask, visit: FlaskClient) -> Any:
    asked = visit.post("/complaints/by-phone", data={"phone": PHONE})
    facts = {"phone": PHONE, "asked": hidden(asked, "asked"), "code": code_in_outbox(app)}
    return visit.post("/complaints/by-phone", data=facts)


def test_a_copy_of_ones_own_data(app: Flask, visit: FlaskClient, address: str) -> None:
    visit.post(address, data=typed(visit.get(address), wish="both"))
    mine = proved(app, visit)
    facts = {"phone": hidden(mine, "phone"), "proved": hidden(mine, "proved")}
    with app.app_context(), unit():
        complaint = db.session.scalars(sa.select(Complaint)).one()
        complaints.note(complaint.id, "internal words", make.make_officer().actor(), NOW)
    got = visit.post("/complaints/by-phone/copy.json", data=facts)
    assert got.headers["Cache-Control"] == "no-store"
    assert got.headers["Content-Disposition"].startswith("attachment")
    document = json.loads(got.text)
    assert [one["story"] for one in document["complaints"]] == [STORY]
    assert document["complaints"][0]["name"] == "王女士"
    assert document["complaints"][0]["consents"]["disclosure"] is False
    assert document["tips"][0]["number"] == rows(app, Tip)[0].number
    assert "internal words" not in got.text
    for wrong in ({}, facts | {"phone": "+8613500000000"}, facts | {"proved": facts["proved"][:-2] + "xx"}):
        refused = visit.post("/complaints/by-phone/copy.json", data=wrong)
        assert refused.status_code == 400
        assert STORY not in refused.text
        assert visit.post("/complaints/by-phone/forget", data=wrong).status_code == 400
    elsewhere = visit.post(
        "/complaints/by-phone/copy.json", data=facts, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status_code == 400


def test_taking_name_and_phone_back(app: Flask, visit: FlaskClient, address: str, freeze: Any) -> None:
    visit.post(address, data=typed(visit.get(address)))
    mine = proved(app, visit)
    assert "办完并告知您结果以后" in mine.text
    with app.app_context(), unit():
        complaint = db.session.scalars(sa.select(Complaint)).one()
        make.move(complaint, ("withdraw", CONSUMER))
    freeze(NOW + timedelta(minutes=2))
    mine = proved(app, visit)
    facts = {"phone": hidden(mine, "phone"), "proved": hidden(mine, "proved")}
    done = visit.post("/complaints/by-phone/forget", data=facts)
    assert "已从 1 件里删去" in done.text
    assert STORY not in done.text, "the phone finds it no more"
    kept = rows(app, Complaint)[0]
    assert (kept.contact_name, kept.contact_phone, kept.contact_phone_hash) == (None, None, None)
    assert kept.story == STORY
    assert "没有可以删的" in visit.post("/complaints/by-phone/forget", data=facts).text
