"""The form that becomes a complaint, a tip or both: the phone proved, the same matter, floods, photos, looking up."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import zxingcpp
from altcha import v1 as altcha
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from tests.factories.merchants import NOW
from tests.support.street import Street
from webapp.complaints import code_words
from webapp.complaints.models import Complaint
from webapp.complaints.rules import ComplaintState, Route
from webapp.core import clock, receipts
from webapp.core.db import db
from webapp.core.language import Language
from webapp.filing import rules, work
from webapp.notices.models import OutboxMessage
from webapp.notices.rules import CODE_TEMPLATE
from webapp.tips.models import Tip

STORY = "两斤酱肉回家一称只有一斤七两，店员说秤不准。"
PHONE = "139 8765 4321"


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def typed(page: TestResponse, **more: Any) -> dict[str, Any]:
    facts = {
        "submission": hidden(page, "submission"),
        "asked": hidden(page, "asked"),
        "proved": hidden(page, "proved"),
        "wish": "complaint",
        "topic": "measure",
        "story": STORY,
        "demand": "refund",
        "contact_phone": PHONE,
        "contact_name": "王女士",
        "route": "settle_first",
    }
    return facts | more


def code_in_outbox(app: Flask) -> str:
    with app.app_context():
        codes = sa.select(OutboxMessage).where(OutboxMessage.template == CODE_TEMPLATE)
        text = db.session.scalars(codes.order_by(OutboxMessage.id.desc())).first().text
    return re.search(r"\d{6}", text)[0]


def proved_page(app: Flask, visit: FlaskClient, address: str) -> TestResponse:
    """The form after its phone was proved; one field is still missing."""
    asked = visit.post(address, data=typed(visit.get(address), do="send_code"))
    assert asked.status_code == 200
    page = visit.post(address, data=typed(asked, code=code_in_outbox(app), demand=""))
    assert page.status_code == 422
    assert "手机号已验证" in page.text
    return page


def rows(app: Flask, kind: type[Complaint | Tip]) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(sa.select(kind)))


def test_one_form_becomes_two_records_with_separate_receipts(
    app_on: Flask, visit: FlaskClient, address: str
) -> None:
    form = typed(visit.get(address), wish="both", named="1")
    for _ in range(2):
        assert visit.post(address, data=form).status_code == 303
    (complaint,), (tip,) = rows(app_on, Complaint), rows(app_on, Tip)
    assert (tip.complaint_number, tip.named, tip.story) == (complaint.number, True, STORY)
    assert tip.receipt_hash != complaint.receipt_hash


def test_a_mere_tip_asks_for_no_demand_and_opens_its_own_page(
    app: Flask, visit: FlaskClient, address: str
) -> None:
    answer = visit.post(address, data=typed(visit.get(address), wish="tip", demand=""))
    assert answer.status_code == 303
    assert rows(app, Complaint) == []
    page = visit.get(answer.location)
    assert "举报已经收到" in page.text
    assert "正在核查" in page.text


def test_a_named_tip_needs_name_and_phone(visit: FlaskClient, address: str) -> None:
    page = visit.post(address, data=typed(visit.get(address), wish="tip", named="1", contact_name=""))
    assert page.status_code == 422
    assert "实名举报要填称呼和手机号" in page.text


def test_the_phone_is_proved_in_the_form_itself(app: Flask, visit: FlaskClient, address: str) -> None:
    asked = visit.post(address, data=typed(visit.get(address), do="send_code"))
    assert STORY in asked.text
    assert rows(app, Complaint) == [], "asking for a code files nothing"
    wrong = visit.post(address, data=typed(asked, code="000000"))
    assert wrong.status_code == 422
    assert STORY in wrong.text
    silent = visit.post(address, data=typed(asked))
    assert silent.status_code == 422
    assert "收不到" in silent.text
    done = visit.post(address, data=typed(asked, code=code_in_outbox(app)))
    assert done.status_code == 303
    assert rows(app, Complaint)[0].phone_verified_at is not None


def test_whoever_gets_no_code_files_all_the_same(app: Flask, visit: FlaskClient, address: str) -> None:
    asked = visit.post(address, data=typed(visit.get(address), do="send_code"))
    assert visit.post(address, data=typed(asked, skip_code="1")).status_code == 303
    assert rows(app, Complaint)[0].phone_verified_at is None


def test_a_proof_is_of_one_number(app: Flask, visit: FlaskClient, address: str) -> None:
    page = proved_page(app, visit, address)
    assert visit.post(address, data=typed(page, contact_phone="13500000000")).status_code == 303
    assert rows(app, Complaint)[0].phone_verified_at is None


def test_the_same_matter_is_offered_as_a_supplement(
    app: Flask, visit: FlaskClient, address: str, freeze: Any
) -> None:
    assert visit.post(address, data=typed(proved_page(app, visit, address))).status_code == 303
    freeze(NOW + timedelta(minutes=2))  # a new code may be asked for after a minute
    page = proved_page(app, visit, address)
    again = visit.post(address, data=typed(page, story="又去找了，老板不在"))
    assert again.status_code == 200
    assert "是同一件事吗" in again.text
    assert len(rows(app, Complaint)) == 1
    added = visit.post(address, data=typed(again, story="又去找了，老板不在", do="supplement"))
    assert added.status_code == 303
    follow = visit.get(added.location)
    assert "又去找了，老板不在" in follow.text
    assert len(rows(app, Complaint)) == 1
    other = visit.post(address, data=typed(again, story="另外一件，面里有头发", do="again"))
    assert other.status_code == 303
    assert len(rows(app, Complaint)) == 2


def test_a_supplement_keeps_the_new_demand_and_files_the_tip_that_came_along(
    app: Flask, visit: FlaskClient, address: str, freeze: Any
) -> None:
    assert visit.post(address, data=typed(proved_page(app, visit, address))).status_code == 303
    freeze(NOW + timedelta(minutes=2))
    page, facts = (
        proved_page(app, visit, address),
        {"wish": "both", "demand": "compensation", "amount": "500"},
    )
    asked = visit.post(address, data=typed(page, **facts))
    assert "是同一件事吗" in asked.text
    for _ in range(2):
        added = visit.post(address, data=typed(asked, **facts, do="supplement"))
        assert added.status_code == 303
    (complaint,), (tip,) = rows(app, Complaint), rows(app, Tip)
    assert tip.complaint_number == complaint.number
    told = visit.get(added.location).text
    assert "举报已经收到" in told, "the new record's receipt is shown"
    with app.app_context():
        said = [one.text for one in db.session.get(Complaint, complaint.id).messages if one.text]
    assert len(said) == 1, "sent twice, said once"
    assert STORY in said[0]
    assert "赔偿" in said[0]
    assert "500" in said[0]


def test_a_second_tip_of_the_same_person_is_offered_as_a_supplement_too(
    app: Flask, visit: FlaskClient, address: str, freeze: Any
) -> None:
    tip_only = {"wish": "tip", "demand": ""}
    assert visit.post(address, data=typed(proved_page(app, visit, address), **tip_only)).status_code == 303
    freeze(NOW + timedelta(minutes=2))
    page = proved_page(app, visit, address)
    asked = visit.post(address, data=typed(page, **tip_only, story="今天又用了那杆秤"))
    assert "举报过这家店" in asked.text
    for _ in range(2):
        added = visit.post(address, data=typed(asked, **tip_only, story="今天又用了那杆秤", do="supplement"))
    assert visit.get(added.location).text.count("今天又用了那杆秤") == 1
    assert len(rows(app, Tip)) == 1
    assert rows(app, Complaint) == []


def test_who_did_not_prove_the_phone_learns_nothing_of_earlier_records(
    app: Flask, visit: FlaskClient, address: str
) -> None:
    for _ in range(2):
        assert visit.post(address, data=typed(visit.get(address), wish="both")).status_code == 303
    assert len(rows(app, Complaint)) == 2


def test_choices_by_law_are_kept(app: Flask, visit: FlaskClient, address: str) -> None:
    chosen = {"route": "authority", "consent_disclosure": "1", "consent_entrust": "1"}
    answer = visit.post(address, data=typed(visit.get(address), **chosen))
    assert answer.status_code == 303
    (complaint,) = rows(app, Complaint)
    assert (complaint.state, complaint.route) == (ComplaintState.REFERRED, Route.AUTHORITY)
    assert complaint.consent_disclosure
    assert complaint.consent_entrust
    assert "监管部门要在" in visit.get(answer.location).text


def solved(puzzle: str) -> str:
    given = json.loads(puzzle)
    for number in range(given["maxNumber"] + 1):
        if altcha.hash_hex("SHA-512", f"{given['salt']}{number}".encode()) == given["challenge"]:
            return base64.b64encode(
                json.dumps(
                    {
                        "algorithm": "SHA-512",
                        "challenge": given["challenge"],
                        "number": number,
                        "salt": given["salt"],
                        "signature": given["signature"],
                    }
                ).encode()
            ).decode()
    raise AssertionError("no solution")


def test_a_puzzle_counts_once_and_not_for_ever(app_on: Flask, street: Street, freeze: Any) -> None:
    now = clock.now()
    with app_on.app_context():
        first, second = solved(work.puzzle(now)), solved(work.puzzle(now))
        assert work.spend(first, now)
        assert not work.spend(first, now), "spent"
        late = now + timedelta(seconds=rules.WORK_SECONDS + 1)
        assert not work.spend(second, late), "too old"
        forged = json.loads(base64.b64decode(second)) | {"salt": "x&"}
        assert not work.spend(base64.b64encode(json.dumps(forged).encode()).decode(), now)
        for nonsense in ("", "x", "e30=", "A" * 3000):
            assert not work.spend(nonsense, now)
        assert work.sweep(late) == 1


def test_who_worked_may_send_more(make_app: Any, street: Street) -> None:
    app = make_app(rate_limits=True)
    visitor = app.test_client()
    visitor.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    address = f"/s/{street.shop_id}/complain"
    for _ in range(rules.FORMS_PLAIN):
        assert visitor.post(address, data=typed(visitor.get(address))).status_code == 303
    page = visitor.get(address)
    refused = visitor.post(address, data=typed(page))
    assert refused.status_code == 429
    assert STORY in refused.text
    puzzle = html.unescape(re.search(r'data-work="([^"]+)"', page.text)[1])
    assert visitor.post(address, data=typed(page, work=solved(puzzle))).status_code == 303


# --- photos in pieces -------------------------------------------------------------------------------------------------


def jpeg() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def test_a_photo_comes_in_pieces_and_goes_on_where_it_stopped(
    app: Flask, visit: FlaskClient, address: str
) -> None:
    data = jpeg()
    facts = {"filename": "a.jpg", "purpose": "complaint"}
    metadata = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in facts.items()
    )
    page = visit.get(address)
    made = visit.post("/uploads", headers={"Upload-Length": str(len(data)), "Upload-Metadata": metadata})
    assert made.status_code == 201
    place, half = made.headers["Location"], len(data) // 2

    def piece(offset: int, body: bytes) -> TestResponse:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        return visit.patch(place, data=body, headers=headers)

    assert piece(0, data[:half]).headers["Upload-Offset"] == str(half)
    assert piece(0, data[:half]).status_code == 409, "a repeated piece does not mix in"
    assert visit.head(place).headers["Upload-Offset"] == str(half)
    last = piece(half, data[half:])
    assert last.status_code == 204
    sent = visit.post(address, data=typed(page, photos_kept=last.headers["Upload-Word"]))
    assert sent.status_code == 303
    assert "/complaints/photos/" in visit.get(sent.location).text
    assert visit.head(place).status_code == 404


def test_what_is_no_picture_is_said_at_the_last_piece(visit: FlaskClient, street: Street) -> None:
    metadata = "purpose " + base64.b64encode(b"complaint").decode()
    made = visit.post("/uploads", headers={"Upload-Length": "5", "Upload-Metadata": metadata})
    headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = visit.patch(made.headers["Location"], data=b"hello", headers=headers)
    assert answer.status_code == 422
    for length, status in (("0", 400), ("-1", 400), ("x", 400), (str(10**12), 413)):
        wrong = visit.post("/uploads", headers={"Upload-Length": length, "Upload-Metadata": metadata})
        assert wrong.status_code == status
    other = "purpose " + base64.b64encode(b"licence").decode()
    refused = visit.post("/uploads", headers={"Upload-Length": "5", "Upload-Metadata": other})
    assert refused.status_code == 400
    for upload_id in ("x", "../../etc/passwd", "a" * 32):
        assert visit.head(f"/uploads/{upload_id}").status_code == 404


def test_no_other_site_uploads_here(client: FlaskClient, street: Street) -> None:
    answer = client.post("/uploads", headers={"Upload-Length": "5", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# --- looking up -------------------------------------------------------------------------------------------------------


def test_the_paper_form_carries_the_code_of_the_shops_form(
    app: Flask, visit: FlaskClient, address: str, street: Street
) -> None:
    page = visit.get(f"{address}/paper").text
    side = int(re.search(r'viewBox="-2 -2 (\d+)', page)[1])
    [path] = re.findall(r'crispEdges"[^>]*><path d="([^"]+)"', page)
    picture = Image.new("L", (side * 8, side * 8), 255)
    for x, y in re.findall(r"M(\d+) (\d+)h1", path):
        left, top = (int(x) + 2) * 8, (int(y) + 2) * 8
        picture.paste(0, (left, top, left + 8, top + 8))
    [code] = zxingcpp.read_barcodes(picture)
    settings = app.extensions["ydym.settings"]
    host = f"{settings.public_scheme}://{settings.public_host}"
    assert code.text == f"{host}/s/{street.shop_id}/complain"


def test_a_tip_is_found_by_receipt_and_by_number_with_its_code_word(
    app: Flask, visit: FlaskClient, address: str
) -> None:
    page = visit.get(address)
    filed = visit.post(address, data=typed(page, wish="both", demand="refund"))
    acknowledged = visit.get(filed.headers["Location"])
    receipt = str(filed.headers["Location"]).split("?")[0].rsplit("/", 1)[1]
    tip, word = rows(app, Tip)[0], code_words.of_receipt(receipts.tidy(receipt) or "")
    assert word in acknowledged.text, "told once, to be written down"
    assert word in visit.get(f"/tips/{receipt}").text, "and again to who has the receipt"
    found = visit.post("/complaints", data={"number": tip.number.lower(), "word": word.replace("-", " ")})
    assert found.status_code == 303
    opened = visit.get(found.headers["Location"])
    assert tip.number in opened.text
    assert receipt not in opened.text
    assert receipt not in found.headers["Location"]
    complaint = rows(app, Complaint)[0]
    crossed = visit.post("/complaints", data={"number": complaint.number, "word": word})
    assert crossed.status_code == 404, "a tip's word opens no complaint"
    by_receipt = visit.post("/complaints", data={"receipt": receipt.upper()})
    assert by_receipt.headers["Location"] == f"/tips/{receipt}"


def test_number_and_code_word_open_the_page_for_a_while(app: Flask, visit: FlaskClient, address: str) -> None:
    filed = visit.post(address, data=typed(visit.get(address)))
    receipt = receipts.tidy(filed.location.split("/")[2].split("?")[0])
    word = code_words.of_receipt(receipt or "")
    assert word in visit.get(filed.location).text
    number = rows(app, Complaint)[0].number
    for said in (word, word.replace("-", "，"), word.replace("-", " ")):
        found = visit.post("/complaints", data={"number": number.lower(), "word": said})
        assert found.status_code == 303
        page = visit.get(found.location)
        assert STORY in page.text
        assert receipts.show(receipt or "") not in page.text, "the receipt itself stays unknown"
    wrong = visit.post("/complaints", data={"number": number, "word": "青山-青山-青山-青山"})
    assert wrong.status_code == 404
    assert "编号和口令对不上" in wrong.text


def test_a_number_written_oddly_is_the_same_number_to_who_counts_guesses(
    make_app: Any, street: Street
) -> None:
    app = make_app(rate_limits=True)
    visitor = app.test_client()
    visitor.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    address = f"/s/{street.shop_id}/complain"
    filed = visitor.post(address, data=typed(visitor.get(address)))
    receipt = receipts.tidy(filed.location.split("/")[2].split("?")[0]) or ""
    number = rows(app, Complaint)[0].number
    ways = (
        number,
        number.lower(),
        f" {number}",
        f"{number[:5]}\x00{number[5:]}",
        f"\x07{number}",
        f"{number}\n",
    )
    answers = [
        visitor.post("/complaints", data={"number": way, "word": "青山-青山-青山-青山"}).status_code
        for way in ways * 2
    ]
    assert answers == [404] * 8 + [429] * 4
    right = {"number": f"{number}\x01", "word": code_words.of_receipt(receipt)}
    assert visitor.post("/complaints", data=right).status_code == 429
    assert visitor.get(f"/complaints/{receipts.show(receipt)}").status_code == 200, (
        "the receipt opens it still"
    )


def test_a_phone_code_lists_what_was_filed_with_it(
    app: Flask, visit: FlaskClient, address: str, freeze: Any
) -> None:
    visit.post(address, data=typed(visit.get(address), wish="both"))
    lookup = "/complaints/by-phone"
    assert visit.post(lookup, data={"phone": "12"}).status_code == 422
    asked = visit.post(lookup, data={"phone": PHONE})
    assert asked.status_code == 200
    facts = {"phone": PHONE, "asked": hidden(asked, "asked")}
    assert visit.post(lookup, data=facts | {"code": "000000"}).status_code == 422
    code = code_in_outbox(app)
    stolen = visit.post(lookup, data=facts | {"code": code, "phone": "13500000000"})
    assert STORY not in stolen.text
    freeze(NOW + timedelta(minutes=2))  # a new code may be asked for after a minute
    asked = visit.post(lookup, data={"phone": PHONE})
    facts = {"phone": PHONE, "asked": hidden(asked, "asked"), "code": code_in_outbox(app)}
    mine = visit.post(lookup, data=facts)
    assert STORY in mine.text
    assert rows(app, Tip)[0].number in mine.text
    link = html.unescape(re.search(r'href="(/complaints/p\.[^"]+)"', mine.text)[1])
    assert STORY in visit.get(link).text
    assert visit.get(link[:-3] + "abc").status_code == 404
    tip_link = html.unescape(re.search(r'href="(/tips/p\.[^"]+)"', mine.text)[1])
    opened = visit.get(tip_link)
    assert rows(app, Tip)[0].number in opened.text
    assert "一起提交的" in mine.text, "both records of one form stand together"
    assert visit.get(f"/complaints/{tip_link.rsplit('/', 1)[1]}").status_code == 404, "a pass is of one kind"
    said = visit.post(
        f"{tip_link}/supplement", data={"text": "还有一张小票", "version": hidden(opened, "version")}
    )
    assert said.status_code == 303
    assert "还有一张小票" in visit.get(said.location).text


def test_the_language_of_the_form_is_kept_and_the_case_page_changes_it(
    app: Flask, visit: FlaskClient, street: Street
) -> None:
    visit.set_cookie("ydym_lang", "en")
    address = f"/s/{street.shop_id}/complain"
    done = visit.post(address, data=typed(visit.get(address), wish="both", named="y"))
    assert done.status_code == 303, done.text
    with app.app_context():
        complaint, tip = db.session.query(Complaint).one(), db.session.query(Tip).one()
        assert (complaint.contact_language, tip.reporter_language) == (Language.EN, Language.EN)
        receipt = db.session.query(OutboxMessage).filter_by(template="complaint.sms.receipt").one()
        assert receipt.text.startswith("[Trusted Shops] Your complaint about")
    path = f"/complaints/{done.location.split('/')[2]}"
    assert f"{path}/language" not in visit.get(path).text, "nothing to change"
    visit.set_cookie("ydym_lang", "hant")
    page = visit.get(path).text
    assert f"{path}/language" in page
    assert "現在用English發" in page
    assert visit.post(f"{path}/language").status_code == 303
    with app.app_context():
        assert db.session.query(Complaint).one().contact_language is Language.HANT
        assert db.session.query(Tip).one().reporter_language is Language.EN
