"""The three sides' pages, as a browser without JavaScript sees them."""

from __future__ import annotations

import html
import io
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import complaints as make
from tests.factories import files
from tests.factories.complaints import NAME, PHONE
from tests.factories.merchants import NOW
from tests.factories.regions import make_street
from tests.support.street import HEADER, Street
from webapp import jobs
from webapp.audit.models import AuditEvent, PersonalView
from webapp.complaints import intake, operations, queries, rules, showing
from webapp.complaints.models import Complaint
from webapp.core import receipts
from webapp.core.actor import CONSUMER
from webapp.core.db import db
from webapp.files.models import FilePurpose
from webapp.filing import forms
from webapp.jobs.operations import run_due
from webapp.stickers.models import StickerPlace
from webapp.stickers.operations import issue

HOUR = timedelta(hours=1)
STORY = "两斤酱肉回家一称只有一斤七两，店员说秤不准。"


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def fields(page: TestResponse, **more: Any) -> dict[str, Any]:
    """A filled form."""
    typed = {
        "submission": hidden(page, "submission"),
        "topic": "measure",
        "story": STORY,
        "demand": "refund",
        "amount": "35.5",
        "happened_on": "2026-05-05",
        "contact_phone": "139 8765 4321",
        "contact_name": NAME,
    }
    return typed | more


def photo(name: str = "a.jpg", data: bytes | None = None) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data or files.picture(size=(60, 40))), name


def send(client: FlaskClient, address: str, **typed: Any) -> TestResponse:
    return client.post(address, data=typed, content_type="multipart/form-data")


def the_complaint(app: Flask) -> Complaint:
    with app.app_context():
        return db.session.scalars(sa.select(Complaint)).one()


def filed(app: Flask, street: Street, **more: Any) -> tuple[int, str]:
    """A complaint in the database: its id and shown receipt."""
    with app.app_context():
        complaint, receipt = intake.file(street.shop_id, make.make_filing(**more), NOW)
        db.session.commit()
        return complaint.id, receipts.show(receipt)


def moved(app: Flask, complaint_id: int, *steps: tuple[str, Any]) -> None:
    with app.app_context():
        make.move(queries.get(complaint_id), *steps)
        db.session.commit()


def version_of(app: Flask, complaint_id: int) -> int:
    with app.app_context():
        return queries.get(complaint_id).version


def is_private(page: TestResponse) -> bool:
    head = page.headers
    return (head["Cache-Control"], head["Referrer-Policy"], head["X-Robots-Tag"]) == (
        "no-store",
        "no-referrer",
        "noindex, nofollow",
    )


# --- filing ---------------------------------------------------------------------------------------


def test_a_complaint_without_javascript_from_form_to_receipt(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    form = visit.get(f"/s/{street.shop_id}/complain")
    assert form.status_code == 200
    assert is_private(form)
    answer = send(visit, f"/s/{street.shop_id}/complain", **fields(form), photos=[photo(), photo("b.jpg")])
    assert answer.status_code == 303
    page = visit.get(answer.location)
    receipt = re.search(r"/complaints/([a-z2-7-]+)\?said=filed", answer.location)
    assert receipt
    for group in receipt[1].split("-"):
        assert f"<span>{group}</span>" in page.text
    assert "商家要在明天 12:00前回复您" in page.text
    assert is_private(page)
    complaint = the_complaint(app)
    assert (complaint.story, complaint.amount_fen, complaint.contact_phone) == (STORY, 3550, PHONE)
    assert (complaint.share_contact, complaint.sticker_serial) == (False, None)
    photos = re.findall(r'<a href="(/complaints/photos/[^"]+)"', page.text)
    assert len(photos) == 2
    assert visit.get(photos[0]).mimetype == "image/jpeg"


def test_a_scan_notes_the_sticker_and_todays_date(app: Flask, visit: FlaskClient, street: Street) -> None:
    with app.app_context():
        app.extensions["ydym.sticker_keys"] = None
        from webapp.stickers.keys import store

        store().ensure(NOW)
        token = issue(street.shop_id, StickerPlace.DOOR, street.actors["bureau"], NOW).token
        db.session.commit()
    form = visit.get(f"/c/{token}/complain")
    assert 'value="2026-05-06"' in form.text
    assert send(visit, f"/c/{token}/complain", **fields(form)).status_code == 303
    assert the_complaint(app).sticker_serial == 1
    for forged in (token[:-3] + "AAA", "x", token.lower() + "a"):
        page = visit.get(f"/c/{forged}/complain")
        assert page.status_code == 404
        assert "不是本平台签发" in page.text


def test_no_such_shop(visit: FlaskClient, street: Street) -> None:
    for number in (street.shop_id + 100, 0, 2**40, 10**30):
        assert visit.get(f"/s/{number}/complain").status_code == 404


def test_a_mistake_keeps_everything_typed_and_the_photos(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    address = f"/s/{street.shop_id}/complain"
    form = visit.get(address)
    wrong = fields(form, demand="", amount="很多", contact_phone="123", happened_on="2030-01-01")
    page = send(visit, address, **wrong, photos=[photo(), photo("x.gif", b"GIF89a")])
    assert page.status_code == 422
    for name in ("demand", "amount", "contact_phone", "photos"):
        assert f'href="#f-{name}"' in page.text
    assert STORY in page.text
    for value in ("很多", "123", NAME, "2030-01-01"):
        assert f'value="{value}"' in page.text
    assert hidden(page, "submission") == hidden(form, "submission")
    kept = html.unescape(re.findall(r'name="photos_kept" value="([^"]+)"', page.text)[0])
    again = send(visit, address, **fields(page), photos_kept=[kept])
    assert again.status_code == 303
    with app.app_context():
        assert len(queries.photos(db.session.scalars(sa.select(Complaint)).one())) == 1


def test_control_characters_do_not_reach_the_database(
    app_on: Flask, street: Street, client: FlaskClient
) -> None:
    address = f"/s/{street.shop_id}/complain"
    typed = fields(client.get(address), story="少了\x00三两，\r\n不给补。\x1b", contact_name="王\x00女士\n")
    answer = client.post(address, data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    complaint = the_complaint(app_on)
    assert (complaint.story, complaint.contact_name) == ("少了三两，\n不给补。", "王女士")
    assert client.get("/office/complaints?text=%00x", headers=as_("station")).status_code == 200
    assert client.post("/complaints", data={"receipt": "\x00"}).status_code == 422


def test_a_day_in_the_future_is_said_at_its_field(visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/complain"
    page = send(visit, address, **fields(visit.get(address), happened_on="2030-01-01"))
    assert page.status_code == 422
    assert 'href="#f-happened_on"' in page.text


def test_photos_that_were_lost_are_asked_for_again(
    visit: FlaskClient, street: Street, make_client: Callable[[], FlaskClient]
) -> None:
    address = f"/s/{street.shop_id}/complain"
    page = send(visit, address, **fields(visit.get(address), demand=""), photos=[photo()])
    kept = html.unescape(re.findall(r'name="photos_kept" value="([^"]+)"', page.text)[0])
    stranger = make_client()
    answer = stranger.post(
        address, data=fields(page, photos_kept=kept), headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 422
    assert "之前选的照片没有保留下来" in answer.text


def test_the_same_form_sent_twice_has_one_receipt(app: Flask, visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/complain"
    form = visit.get(address)
    first, second = (send(visit, address, **fields(form), photos=[photo()]) for _ in range(2))
    assert first.location == second.location
    changed = send(visit, address, **fields(form, story="换了一种说法，换了一种说法"))
    assert changed.location == first.location.replace("said=filed", "said=filed_before")
    assert "这张表之前已经提交过" in visit.get(changed.location).text
    the_complaint(app)


def test_where_cookies_are_refused_the_browsers_word_is_enough(app: Flask, street: Street) -> None:
    for headers, status in (
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null"}, 400),
        ({}, 400),
    ):
        client = app.test_client(use_cookies=False)
        form = client.get(f"/s/{street.shop_id}/complain")
        answer = client.post(f"/s/{street.shop_id}/complain", data=fields(form), headers=headers)
        assert answer.status_code == status, headers
        if status == 400:
            assert STORY in answer.text
            assert "没有收下" in answer.text


def test_the_usual_token_is_enough_for_old_browsers(client: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/complain"
    form = client.get(address)
    assert client.post(address, data=fields(form, csrf_token="x")).status_code == 400
    good = client.post(address, data=fields(form, csrf_token=hidden(form, "csrf_token")))
    assert good.status_code == 303


def test_a_key_of_ones_own_and_a_filled_trap_are_refused_kindly(visit: FlaskClient, street: Street) -> None:
    address = f"/s/{street.shop_id}/complain"
    form = visit.get(address)
    own = send(visit, address, **fields(form, submission="a-key-of-my-own-invention"))
    assert own.status_code == 422
    assert STORY in own.text
    assert send(visit, address, **fields(own)).status_code == 303
    trapped = send(visit, address, **fields(visit.get(address), website="http://spam"))
    assert trapped.status_code == 422
    assert 'href="#f-website"' in trapped.text


def test_too_many_complaints_in_an_hour_keep_what_was_typed(
    make_app: Callable[..., Flask], street: Street
) -> None:
    client = make_app(rate_limits=True).test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    address = f"/s/{street.shop_id}/complain"
    for _ in range(12):  # mistakes are not counted
        assert send(client, address, story="x").status_code == 422
    for _ in range(10):
        assert send(client, address, **fields(client.get(address))).status_code == 303
    page = send(client, address, **fields(client.get(address)))
    assert page.status_code == 429
    assert STORY in page.text
    assert "一小时内提交的投诉太多" in page.text


# --- following ------------------------------------------------------------------------------------


def test_looking_up_by_a_receipt_typed_badly(app: Flask, visit: FlaskClient, street: Street) -> None:
    _, receipt = filed(app, street)
    typed = f" {receipt.upper().replace('-', ' ')} "
    answer = visit.post("/complaints", data={"receipt": typed})
    assert (answer.status_code, answer.location) == (303, f"/complaints/{receipt}")
    assert visit.get(f"/complaints/{receipt.replace('-', '').upper()}").status_code == 200
    assert visit.post("/complaints", data={}).status_code == 422
    for wrong, status in (("abc", 422), ("a" * 20, 404)):
        page = visit.post("/complaints", data={"receipt": wrong})
        assert page.status_code == status
        assert is_private(page)
        assert f'value="{wrong}"' in page.text
    missing = visit.get("/complaints/" + "a" * 20)
    assert missing.status_code == 404
    assert "没有这个回执" in missing.text
    assert is_private(missing)


def test_guessing_receipts_is_stopped_and_looking_is_not(
    make_app: Callable[..., Flask], app: Flask, street: Street
) -> None:
    complaint_id, receipt = filed(app, street)
    with app.app_context():
        operations.act(complaint_id, "confirm_resolved", CONSUMER, NOW)
        db.session.commit()
    client = make_app(rate_limits=True).test_client()
    for _ in range(30):
        assert client.get(f"/complaints/{receipt}").status_code == 200
    kinds = [
        lambda: client.get("/complaints/" + "a" * 20),
        lambda: client.post("/complaints", data={"receipt": "a" * 20}),
        lambda: client.post(f"/complaints/{'a' * 20}/withdraw"),
        lambda: client.get(f"/complaints/{'a' * 20}/rate"),
    ]
    for number in range(20):
        assert kinds[number % 4]().status_code == 404
    for attempt in kinds:
        assert attempt().status_code == 429
    # A guesser behind the same address blocks nobody.
    for page in (f"/complaints/{receipt}", f"/complaints/{receipt}/rate"):
        assert client.get(page).status_code == 200


def test_the_consumer_goes_all_the_way(app: Flask, visit: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    page = visit.get(f"/complaints/{receipt}")
    assert "say_unresolved" not in page.text
    answer = send(
        visit,
        f"/complaints/{receipt}/supplement",
        text="补一张小票",
        version=hidden(page, "version"),
        photos=[photo()],
    )
    assert answer.status_code == 303
    moved(app, complaint_id, ("answer", street.actors["merchant"]))
    page = visit.get(answer.location)
    assert "补充的内容已经提交" in page.text
    assert "words for answer" in page.text
    empty = send(visit, f"/complaints/{receipt}/say_unresolved", text=" ", version=hidden(page, "version"))
    assert empty.status_code == 422
    assert 'id="f-text-say_unresolved"' in empty.text
    done = send(visit, f"/complaints/{receipt}/say_unresolved", text="没退", version=hidden(page, "version"))
    assert done.status_code == 303
    page = visit.get(done.location)
    assert "监管部门要在2026年5月14日 周四 24 点前告诉您是否受理" in page.text
    assert is_private(page)
    assert "/rate" not in page.text
    send(visit, f"/complaints/{receipt}/confirm_resolved", version=hidden(page, "version"))
    page = visit.get(f"/complaints/{receipt}")
    assert f"/complaints/{receipt}/rate" in page.text
    left = set(re.findall(r'method="post"[^>]* action="/complaints/[^/]+/([a-z_]+)"', page.text))
    assert left == {"handling", "reopen"}, "what has ended can be rated and opened again, no more"


def test_withdrawing_ends_it(app: Flask, visit: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    assert send(visit, f"/complaints/{receipt}/withdraw", version="1").status_code == 303
    with app.app_context():
        assert queries.get(complaint_id).state is rules.ComplaintState.WITHDRAWN
    again = send(visit, f"/complaints/{receipt}/withdraw", version="1")
    assert again.status_code == 303  # a double tap
    assert send(visit, f"/complaints/{receipt}/accept").status_code == 404


def test_meanwhile_answered_keeps_the_consumers_words(app: Flask, visit: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    moved(app, complaint_id, ("answer", street.actors["merchant"]))
    page = visit.get(f"/complaints/{receipt}")
    moved(app, complaint_id, ("answer", street.actors["merchant"]))
    late = send(
        visit, f"/complaints/{receipt}/say_unresolved", text="老板不在", version=hidden(page, "version")
    )
    assert late.status_code == 409
    assert "老板不在" in late.text
    assert late.text.count("words for answer") == 2
    assert is_private(late)
    again = send(
        visit, f"/complaints/{receipt}/say_unresolved", text="老板不在", version=hidden(late, "version")
    )
    assert again.status_code == 303


def test_words_for_a_step_that_is_gone_are_still_shown(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    complaint_id, receipt = filed(app, street)
    moved(app, complaint_id, ("answer", street.actors["merchant"]), ("confirm_resolved", CONSUMER))
    page = send(visit, f"/complaints/{receipt}/supplement", text="还有一句话", version="1")
    assert page.status_code == 409
    assert "还有一句话" in page.text


def test_photos_open_by_their_signed_address_only(
    app: Flask,
    visit: FlaskClient,
    street: Street,
    freeze: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with app.app_context():
        file = files.make_file(FilePurpose.COMPLAINT)
        db.session.commit()
        file_id, key = file.id, file.key
    _, receipt = filed(app, street, file_ids=(file_id,))
    page = visit.get(f"/complaints/{receipt}")
    address = re.findall(r'<a href="(/complaints/photos/[^"]+)"', page.text)[0]
    assert receipt not in address
    shown = visit.get(address + "?w=320")
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert visit.get(address[:-2] + "xx").status_code == 404
    assert visit.get(f"/files/{key}").status_code == 404
    assert visit.get(f"/media/{key}").status_code == 404
    for who, status in (
        ("merchant", 200),
        ("station", 200),
        ("other", 404),
        ("elsewhere", 404),
        ("admin", 404),
    ):
        assert visit.get(f"/files/{key}", headers={HEADER: who}).status_code == status, who
    monkeypatch.setattr(showing, "PHOTO_LIFETIME", -1)
    assert visit.get(address).status_code == 404


def test_a_signed_address_opens_complaint_photos_only(app: Flask, visit: FlaskClient, street: Street) -> None:
    with app.app_context(), app.test_request_context():
        licence = files.make_file(FilePurpose.LICENCE)
        db.session.commit()
        address = showing.signed_address(licence)
    assert visit.get(address).status_code == 404


# --- the merchant ---------------------------------------------------------------------------------


def as_(who: str) -> dict[str, str]:
    return {HEADER: who}


@pytest.fixture(autouse=True)
def _no_token(app: Flask) -> None:
    """Signed-in forms carry the usual token; these tests are not about it."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False


def test_the_merchant_sees_what_waits_and_answers(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    inbox = client.get("/merchant/complaints", headers=as_("merchant"))
    assert "1 件投诉等您回复" in inbox.text
    assert "请在明天 12:00前回复" in inbox.text
    page = client.get(f"/merchant/complaints/{complaint_id}", headers=as_("merchant"))
    assert "欧**" in page.text
    assert "139****4321" in page.text
    for secret in (NAME, PHONE[3:], receipt, receipt.replace("-", "")):
        assert secret not in page.text + inbox.text
    answer = client.post(
        f"/merchant/complaints/{complaint_id}/answer",
        data={"text": "退款。\r\n明天来取", "version": hidden(page, "version"), "photos": [photo()]},
        headers=as_("merchant"),
    )
    assert answer.status_code == 303
    shown = client.get(f"/complaints/{receipt}").text
    assert "退款。\n明天来取" in shown
    assert len(re.findall(r'<a href="/complaints/photos/', shown)) == 1
    assert "没有等您回复的投诉" in client.get("/merchant/complaints", headers=as_("merchant")).text


def test_consent_shows_the_contact_to_the_merchant(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, _ = filed(app, street, share_contact=True)
    page = client.get(f"/merchant/complaints/{complaint_id}", headers=as_("merchant"))
    assert NAME in page.text
    assert "139 8765 4321" in page.text


def test_a_stale_or_empty_answer_keeps_words_and_photos(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    complaint_id, _ = filed(app, street)
    address = f"/merchant/complaints/{complaint_id}/answer"
    empty = client.post(
        address, data={"text": "", "version": "1", "photos": [photo()]}, headers=as_("merchant")
    )
    assert empty.status_code == 422
    kept = html.unescape(re.findall(r'name="photos_kept" value="([^"]+)"', empty.text)[0])
    moved(app, complaint_id, ("supplement", CONSUMER))
    stale = client.post(
        address, data={"text": "写了很久", "version": "1", "photos_kept": kept}, headers=as_("merchant")
    )
    assert stale.status_code == 409
    assert "写了很久" in stale.text
    assert 'name="photos_kept"' in stale.text
    good = client.post(
        address,
        data={"text": "写了很久", "version": hidden(stale, "version"), "photos_kept": kept},
        headers=as_("merchant"),
    )
    assert good.status_code == 303


@pytest.mark.parametrize("who", ["other", "station", "bureau", "admin", None])
def test_the_inbox_is_the_merchants_own(
    app: Flask, client: FlaskClient, street: Street, who: str | None
) -> None:
    complaint_id, _ = filed(app, street)
    headers = as_(who) if who else {}
    expected = {"other": 404, None: 302}.get(who, 403)
    assert client.get(f"/merchant/complaints/{complaint_id}", headers=headers).status_code == expected
    answer = client.post(f"/merchant/complaints/{complaint_id}/answer", data={"text": "x"}, headers=headers)
    assert answer.status_code == (401 if who is None else expected)
    if who == "other":
        assert "1 件投诉" not in client.get("/merchant/complaints", headers=headers).text


# --- officers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("station", 200),
        ("bureau", 200),
        ("department", 404),
        ("elsewhere", 404),
        ("admin", 403),
        ("merchant", 403),
    ],
)
def test_officers_see_their_own_place(
    app: Flask, client: FlaskClient, street: Street, who: str, status: int
) -> None:
    with app.app_context():
        street.actors["department"] = make.make_officer(
            make.Role.DEPARTMENT_OFFICER, "130606", department_code=None
        ).actor()
        if who == "department":
            post = street.actors["department"].posts[0]
            object.__setattr__(post, "department_code", "culture_tourism")
        db.session.rollback()
    complaint_id, _ = filed(app, street)
    address = f"/office/complaints/{complaint_id}"
    assert client.get(address, headers=as_(who)).status_code == status
    for post in ("contact", "note", "refer"):
        answer = client.post(f"{address}/{post}", data={"text": "x", "purpose": "call"}, headers=as_(who))
        assert (answer.status_code < 400) == (status == 200), post
    listed = client.get("/office/complaints?state=", headers=as_(who))
    assert listed.status_code == (403 if status == 403 else 200)
    assert (f"/office/complaints/{complaint_id}" in listed.text) == (status == 200)


def test_a_department_reads_and_does_not_decide(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, _ = filed(app, street)
    page = client.get(f"/office/complaints/{complaint_id}", headers=as_("department"))
    assert page.status_code == 200
    assert "/refer" not in page.text
    refused = client.post(
        f"/office/complaints/{complaint_id}/refer", data={"text": "x"}, headers=as_("department")
    )
    assert refused.status_code == 403


def test_the_contact_is_shown_on_request_and_written_down(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    complaint_id, receipt = filed(app, street)
    address = f"/office/complaints/{complaint_id}"
    page = client.get(address, headers=as_("station"))
    for secret in (NAME, PHONE[3:], "139 8765 4321", receipt):
        assert secret not in page.text
    refused = client.post(f"{address}/contact", data={"purpose": "fun"}, headers=as_("station"))
    assert refused.status_code == 422
    assert "请先选择为什么要看" in refused.text
    assert NAME not in refused.text
    revealed = client.post(f"{address}/contact", data={"purpose": "serve"}, headers=as_("station"))
    assert NAME in revealed.text
    assert "139 8765 4321" in revealed.text
    assert revealed.headers["Cache-Control"] == "no-store"
    with app.app_context():
        event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.action, event.actor_name, event.reason_code) == (
            "complaint.view_contact",
            "station",
            "serve",
        )
        seen = db.session.scalars(sa.select(PersonalView).where(PersonalView.seen == "contact")).one()
        assert (seen.subject_id, seen.purpose) == (complaint_id, "serve")
    assert "查看消费者联系方式" in client.get(address, headers=as_("bureau")).text


def test_officers_decide_with_reasons(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    address = f"/office/complaints/{complaint_id}"
    empty = client.post(f"{address}/refer", data={"text": "", "version": "1"}, headers=as_("station"))
    assert empty.status_code == 422
    assert (
        client.post(
            f"{address}/refer", data={"text": "商家失联", "version": "1"}, headers=as_("station")
        ).status_code
        == 303
    )
    stale = client.post(f"{address}/refuse", data={"text": "材料不实", "version": "1"}, headers=as_("bureau"))
    assert stale.status_code == 409
    assert "材料不实" in stale.text
    for action, words in (("accept", ""), ("settle", "当场退款")):
        version = str(version_of(app, complaint_id))
        answer = client.post(
            f"{address}/{action}", data={"text": words, "version": version}, headers=as_("station")
        )
        assert answer.status_code == 303
    note = client.post(f"{address}/note", data={"text": "内部的话"}, headers=as_("station"))
    assert note.status_code == 303
    page = client.get(address, headers=as_("station"))
    assert "内部的话" in page.text
    assert "station" in page.text
    follow = client.get(f"/complaints/{receipt}").text
    merchant = client.get(f"/merchant/complaints/{complaint_id}", headers=as_("merchant")).text
    for shown in (follow, merchant):
        assert "当场退款" in shown
        assert "内部的话" not in shown
        assert "李警官" not in shown


def test_a_refusal_names_its_ground_to_all_sides(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    address = f"/office/complaints/{complaint_id}"
    moved(app, complaint_id, ("refer", street.actors["station"]))
    page = client.get(address, headers=as_("station"))
    assert "第十六条" in page.text, "the grounds of the law in force when it was received"
    typed = {"text": "已向法院起诉", "version": hidden(page, "version")}
    none = client.post(f"{address}/refuse", data=typed, headers=as_("station"))
    assert none.status_code == 422
    assert "请选一条法定事由" in none.text
    assert "已向法院起诉" in none.text
    done = client.post(
        f"{address}/refuse", data=typed | {"ground": "already_handled"}, headers=as_("station")
    )
    assert done.status_code == 303
    for shown in (
        client.get(f"/complaints/{receipt}"),
        client.get(f"/merchant/complaints/{complaint_id}", headers=as_("merchant")),
    ):
        assert "已经受理或者处理过同一争议。已向法院起诉" in shown.text


def test_a_paused_clock_is_told_alike_to_all_sides(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, receipt = filed(app, street)
    address = f"/office/complaints/{complaint_id}"
    moved(app, complaint_id, ("refer", street.actors["station"]), ("accept", street.actors["station"]))
    page = client.get(address, headers=as_("station"))
    typed = {"text": "送市检验所", "ground": "testing", "version": hidden(page, "version")}
    assert client.post(f"{address}/pause", data=typed, headers=as_("station")).status_code == 303
    pages = [
        client.get(address, headers=as_("station")),
        client.get(f"/complaints/{receipt}"),
        client.get(f"/merchant/complaints/{complaint_id}", headers=as_("merchant")),
    ]
    for shown in pages:
        assert "期限的变动" in shown.text
        assert "送市检验所" in shown.text
    assert f'action="{address}/resume"' in pages[0].text
    assert f'action="{address}/pause"' not in pages[0].text


def test_a_transfer_moves_the_case_out_of_sight(app: Flask, client: FlaskClient, street: Street) -> None:
    complaint_id, _receipt = filed(app, street)
    moved(app, complaint_id, ("refer", street.actors["station"]))
    with app.app_context():
        make_street("130602001", "竞秀区市场监管所")
        db.session.commit()
    address = f"/office/complaints/{complaint_id}"
    page = client.get(address, headers=as_("station"))
    typed = {"text": "总店在那边", "version": hidden(page, "version")}
    nowhere = client.post(f"{address}/transfer", data=typed | {"handler": "999999"}, headers=as_("station"))
    assert nowhere.status_code == 422
    with app.app_context():
        station = make_street("130602001", "竞秀区市场监管所").station_id
    for office in (f"130606/{station}", f"130602/{'9' * 30}", "130602/x", "1306", "130602001"):
        astray = client.post(f"{address}/transfer", data=typed | {"handler": office}, headers=as_("station"))
        assert astray.status_code == 422, office
    done = client.post(f"{address}/transfer", data=typed | {"handler": "130602"}, headers=as_("bureau"))
    assert done.status_code == 303
    assert client.get(address, headers=as_("station")).status_code == 404
    assert client.get(address, headers=as_("elsewhere")).status_code == 200


@pytest.mark.parametrize("who", ["station", "merchant"])
def test_a_longer_list_costs_no_more_queries(
    app: Flask, client: FlaskClient, street: Street, who: str
) -> None:
    """The countdowns of a page are read together, whatever the number of its rows."""
    address = "/office/complaints?state=open" if who == "station" else "/merchant/complaints?view=open"

    def cost() -> int:
        asked: list[str] = []
        with app.app_context():
            engine = db.engine

        def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        sa.event.listen(engine, "before_cursor_execute", count)
        assert client.get(address, headers=as_(who)).status_code == 200
        sa.event.remove(engine, "before_cursor_execute", count)
        return len(asked)

    for _ in range(2):
        moved(app, filed(app, street)[0], ("refer", street.actors["station"]))
    few = cost()
    for _ in range(8):
        moved(app, filed(app, street)[0], ("refer", street.actors["station"]))
    assert cost() == few


def test_the_office_list_filters_and_pages(app: Flask, client: FlaskClient, street: Street) -> None:
    ids = [filed(app, street)[0] for _ in range(31)]
    first = client.get("/office/complaints", headers=as_("station"))
    assert first.text.count('href="/office/complaints/') == 30
    second = client.get("/office/complaints?page=2", headers=as_("station"))
    assert f"/office/complaints/{ids[0]}" in first.text + second.text
    assert "没有符合条件" in client.get("/office/complaints?overdue=1", headers=as_("station")).text
    for nonsense in ("state=x", "shop=x", "page=-1", "text=%25", "shop=" + "9" * 30):
        assert client.get(f"/office/complaints?{nonsense}", headers=as_("station")).status_code == 200


def test_the_section_of_the_shops_page(app: Flask, client: FlaskClient, street: Street) -> None:
    from webapp.complaints.views_office import shop_section
    from webapp.merchants.queries import get_shop

    complaint_id, _ = filed(app, street)
    for who, sees in (("station", True), ("elsewhere", False)):
        with app.test_request_context(headers=as_(who)):
            app.preprocess_request()
            section = shop_section(shop=get_shop(street.shop_id))
            assert (section is not None and f"/office/complaints/{complaint_id}" in section) == sees


def test_the_sweep_is_a_job(app: Flask, street: Street, freeze: Callable[..., object]) -> None:
    complaint_id, _ = filed(app, street)
    freeze(NOW + 25 * HOUR)
    with app.app_context():
        assert any(job.name == "complaints.sweep" and job.every == 60 for job in jobs.operations.all_jobs())
        assert run_due(regardless=True)["complaints.sweep"] == 1
        assert queries.get(complaint_id).state is rules.ComplaintState.REFERRED


# --- secrets --------------------------------------------------------------------------------------


def test_nothing_personal_in_the_logs(
    app: Flask, visit: FlaskClient, street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.logger.propagate = True
    address = f"/s/{street.shop_id}/complain"
    answer = send(visit, address, **fields(visit.get(address)))
    receipt = answer.location.split("/")[2].split("?")[0]
    visit.get(answer.location)
    visit.get("/complaints/" + receipt[:-1] + "a")
    contact = f"/office/complaints/{the_complaint(app).id}/contact"
    visit.post(contact, data={"purpose": "call"}, headers=as_("station"))
    said = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "/complaints/<receipt>" in said, "the requests were logged"
    for secret in (NAME, PHONE[3:], STORY, receipt, receipt.replace("-", "")):
        assert secret not in said


def test_submission_keys_are_random_and_signed(app: Flask) -> None:
    with app.app_context():
        keys = {forms.read_submission(forms.new_submission()) for _ in range(50)}
        assert len(keys) == 50
        assert all(key and len(key) >= 26 for key in keys)  # 27 characters of base64 are 160 bits
        assert forms.read_submission(None) is forms.read_submission("x.y") is None
