"""Who looked at personal data: what is written, what is not, who reads it, and when it goes."""

from __future__ import annotations

import csv
import io
import json
from contextvars import Context
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask, redirect
from werkzeug.exceptions import NotFound

from tests.factories import applications as make
from tests.factories.accounts import sign_in
from tests.factories.complaints import PHONE, make_complaint, make_filing
from tests.factories.files import make_file
from webapp.accounts.models import Account
from webapp.audit import sight, sight_queries
from webapp.audit.models import AuditEvent, PersonalView
from webapp.audit.rules import Purpose, Seen, purpose_of
from webapp.audit.sight_queries import Search
from webapp.complaints import intake
from webapp.core import clock, policy
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.files.models import StoredFile
from webapp.filing import mine
from webapp.merchants.models import Shop
from webapp.web import access

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


@pytest.fixture
def shop(context: Flask) -> Shop:
    policy.sync()
    return make.make_member_shop(make.make_operator(), make.make_merchant())


def ask(app: Flask, account: Account | None, address: str, **more: str):
    """Ask as `account`, beside the test's own transaction."""
    number = account.id if account else None
    db.session.commit()
    client = app.test_client()
    if number is not None:
        sign_in(client, number)
    answer = Context().run(client.get, address, **more)
    db.session.rollback()
    return answer


def traces() -> list[PersonalView]:
    return list(db.session.scalars(sa.select(PersonalView).order_by(PersonalView.id)))


def looked(
    number: int = 1, kind: str = "complaint", *, keep_until: date | None = None, **more
) -> PersonalView:
    facts = {
        "at": NOW,
        "actor_id": 7,
        "actor_name": "老陈",
        "actor_role": "bureau_officer",
        "seen": Seen.STATEMENT,
        "page": "complaints_office.show",
        "origin": "203.0.113.7",
        "request_id": "0" * 32,
    }
    row = PersonalView(
        subject_type=kind, subject_id=number, keep_until=keep_until or date(2099, 1, 1), **(facts | more)
    )
    db.session.add(row)
    db.session.flush()
    return row


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(context: Flask, shop: Shop) -> Flask:
    """An address that shows something, in several ways of answering."""

    def show(how: str) -> object:
        sight.note(Seen.STATEMENT, "thing", [3, 3, 4])
        if how == "broken":
            raise RuntimeError("no trace of a page that nobody saw")
        if how == "gone":
            raise NotFound
        return redirect("/") if how == "away" else (how, 422 if how == "wrong" else 200)

    context._got_first_request = False
    context.add_url_rule("/show/<how>", "show", access.public(show))
    return context


def test_who_when_whence_whose_and_which_page(site: Flask, freeze) -> None:
    freeze(NOW)
    officer = make.make_officer(Role.BUREAU_OFFICER, name="老陈")
    officer_id = officer.id
    assert ask(site, officer, "/show/page", environ_base={"REMOTE_ADDR": "203.0.113.7"}).text == "page"
    rows = traces()
    assert [(row.subject_type, row.subject_id) for row in rows] == [("thing", 3), ("thing", 4)]
    row = rows[0]
    assert (row.at, row.actor_id, row.actor_name, row.actor_role) == (
        NOW,
        officer_id,
        "老陈",
        "bureau_officer",
    )
    assert (row.page, row.origin, row.seen) == ("show", "203.0.113.7", Seen.STATEMENT)
    assert row.keep_until == date(2026, 11, 18) + timedelta(days=1096)
    assert rows[1].request_id == row.request_id


def test_a_form_that_comes_back_wrong_was_shown_too(site: Flask) -> None:
    assert ask(site, make.make_officer(Role.BUREAU_OFFICER), "/show/wrong").status_code == 422
    assert len(traces()) == 2


@pytest.mark.parametrize("how", ["away", "gone"])
def test_what_was_not_shown_leaves_no_trace(site: Flask, how: str) -> None:
    ask(site, make.make_officer(Role.BUREAU_OFFICER), f"/show/{how}")
    assert traces() == []


def test_who_is_not_signed_in_leaves_no_trace(site: Flask) -> None:
    assert ask(site, None, "/show/page").status_code == 200
    assert traces() == []


def test_without_a_trace_nothing_is_shown(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_sights: object) -> list[object]:
        raise RuntimeError("cannot be written")

    monkeypatch.setattr(sight, "_rows", fail)
    site.config["PROPAGATE_EXCEPTIONS"] = False
    answer = ask(site, make.make_officer(Role.BUREAU_OFFICER), "/show/page")
    assert answer.status_code == 500
    assert "<title>" in answer.text
    assert answer.text != "page"


def test_a_photo_is_traced_to_its_complaint_when_its_bytes_go_out(shop: Shop, context: Flask) -> None:
    complaint = make_complaint(shop)
    officer = make.make_officer(Role.BUREAU_OFFICER)
    key = make_file(actor=officer.actor()).key
    file = db.session.scalars(sa.select(StoredFile).where(StoredFile.key == key)).one()
    file.owner_type, file.owner_id, number, shop_id = "complaint", complaint.id, complaint.id, shop.id
    first = ask(context, officer, f"/files/{key}")
    assert first.status_code == 200
    again = ask(context, officer, f"/files/{key}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304, "the browser has it already: no bytes went out"
    assert [(one.subject_type, one.subject_id, one.shop_id, one.seen) for one in traces()] == [
        ("complaint", number, shop_id, Seen.FILE)
    ]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_searching_and_paging(shop: Shop) -> None:
    actor = make.make_officer(Role.ADMINISTRATOR, "1306").actor()
    looked(1, shop_id=shop.id)
    looked(2, actor_id=8, actor_name="小李%", seen=Seen.CONTACT, request_id="a" * 32)
    looked(1, "tip", at=NOW + timedelta(days=1), origin="2001:db8::1")

    def found(**wanted) -> list[tuple[str, int]]:
        rows, _ = sight_queries.search(Search(**wanted), actor.posts, actor)
        return [(row.subject_type, row.subject_id) for row in rows]

    one, two, three = ("complaint", 1), ("complaint", 2), ("tip", 1)
    assert found() == [three, two, one]
    assert found(who="李%") == found(account=8) == found(seen=Seen.CONTACT) == found(whence="A" * 32) == [two]
    assert found(subject="complaint", number=1) == found(shop=shop.id) == [one]
    assert found(since=date(2026, 11, 19)) == found(whence="2001:") == [three]
    assert found(until=date(2026, 11, 18)) == [two, one]
    rows, further = sight_queries.search(Search(), actor.posts, actor, limit=2)
    rest, end = sight_queries.search(Search(), actor.posts, actor, before=further, limit=2)
    assert ([row.subject_type for row in rows + rest], end) == (["tip", "complaint", "complaint"], None)
    assert sight_queries.subjects() == ["complaint", "tip"]
    assert [row.subject_id for row in sight_queries.of_record("complaint", 2)] == [2]


def test_a_county_administrator_reads_of_the_county_only(shop: Shop) -> None:
    here, elsewhere = (make.make_officer(Role.ADMINISTRATOR, code).actor() for code in ("130606", "130602"))
    looked(1, shop_id=shop.id)
    looked(2)
    assert sight_queries.count(Search(), here.posts, here) == 1
    assert sight_queries.count(Search(), elsewhere.posts, elsewhere) == 0


def test_the_page_and_its_export_are_for_those_with_the_right(shop: Shop, context: Flask) -> None:
    keeper = make.make_officer(Role.ADMINISTRATOR, "1306", name="管理员")
    officer = make.make_officer(Role.BUREAU_OFFICER, "1306")
    looked(12, actor_name="=cmd", purpose=Purpose.CALL, seen=Seen.CONTACT)
    page = ask(context, keeper, "/office/audit/views?subject=complaint&number=12").text
    for word in ("投诉 12", "姓名和电话", "投诉办理", "联系本人", "203.0.113.7", "=cmd"):
        assert word in page, word
    assert "没有符合条件的记录" in ask(context, keeper, "/office/audit/views?seen=letter").text
    wrong = ask(context, keeper, "/office/audit/views?account=x&since=gestern")
    assert wrong.status_code == 422
    assert "gestern" in wrong.text
    assert ask(context, officer, "/office/audit/views").status_code == 403
    assert ask(context, officer, "/office/audit/views/export.csv").status_code == 403
    table = ask(context, keeper, "/office/audit/views/export.csv?subject=complaint")
    rows = list(csv.reader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert (rows[1][1], *rows[1][3:7]) == ("'=cmd", "姓名和电话", "投诉 12", "投诉办理", "联系本人")
    taken = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "audit.export")).one()
    assert (taken.subject_type, taken.new) == (
        "personal_view",
        {"filters": {"subject": "complaint"}, "rows": 1},
    )
    assert [row.seen for row in traces()] == [Seen.CONTACT, Seen.TABLE]


def test_the_consumer_reads_in_which_role_somebody_looked(shop: Shop, context: Flask) -> None:
    complaint, receipt = intake.file(shop.id, make_filing(), clock.now())
    number = complaint.id
    page = ask(context, None, f"/complaints/{receipt}").text
    assert "还没有人看过" in page
    ask(context, make.make_officer(Role.BUREAU_OFFICER, name="老陈老陈"), f"/office/complaints/{number}")
    page = ask(context, None, f"/complaints/{receipt}").text
    assert "谁看过您填写的内容（1 次）" in page
    assert "陈述的内容" in page
    assert "老陈老陈" not in page


def test_the_copy_of_ones_own_data_tells_it_too(shop: Shop) -> None:
    complaint = make_complaint(shop)
    looked(complaint.id, purpose=Purpose.CALL, seen=Seen.CONTACT)
    copied = json.loads(mine.copy(PHONE, clock.now()))["complaints"][0]["looked_at"]
    assert copied == [
        {"role": "bureau_officer", "seen": "contact", "purpose": "call", "at": "2026-11-18T02:00:00+00:00"}
    ]


def test_purposes() -> None:
    assert purpose_of("serve") is Purpose.SERVE
    assert purpose_of("") is purpose_of("anything") is None


# --- keeping ----------------------------------------------------------------------------------------------------------


WAYS = {
    "sqlite": [
        "UPDATE personal_view SET actor_name = 'other'",
        "DELETE FROM personal_view WHERE subject_id = 1",
        "REPLACE INTO personal_view SELECT * FROM personal_view WHERE subject_id = 1",
    ],
    "postgresql": [
        "UPDATE personal_view SET actor_name = 'other'",
        "DELETE FROM personal_view WHERE subject_id = 1",
        "TRUNCATE personal_view",
        "INSERT INTO personal_view SELECT * FROM personal_view ON CONFLICT (id) DO UPDATE SET page = 'other'",
    ],
}


@pytest.mark.each_database
def test_nothing_is_changed_and_nothing_goes_before_its_time(context: Flask, each_database: str) -> None:
    with unit():
        looked(1)
        looked(2, keep_until=date(2020, 1, 1))
    for way in WAYS[each_database]:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text(way))
        db.session.rollback()
    with unit():
        assert sight_queries.forget_old(clock.now()) == 1
    assert [row.subject_id for row in traces()] == [1]


def test_what_is_kept_until_yesterday_stays_a_day_longer(context: Flask, freeze) -> None:
    """The database's day is UTC's, eight hours behind: its guard would refuse."""
    freeze(datetime(2020, 3, 9, 17, 0, tzinfo=UTC))  # the 10th in China
    looked(1, keep_until=date(2020, 3, 9))
    looked(2, keep_until=date(2020, 3, 8))
    assert sight_queries.forget_old(clock.now()) == 1
    assert [row.subject_id for row in traces()] == [1]
