"""Pages of stickers: the shop's own, the print shop's, the public check; files that scan."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from qrservice import KeyRing, human_check
from tests.factories import merchants
from tests.factories.codes import Town, send, token
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support.databases import PUBLIC_HOST
from webapp.audit.models import AuditEvent
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.stickers import operations, printing, queries
from webapp.stickers.models import StickerPlace

Browser = Callable[[int], FlaskClient]


@pytest.fixture
def tokens(app: Flask, town: Town) -> list[str]:
    """The tokens of the town's door and till stickers."""
    with app.app_context():
        shop = get_shop(town.shop)
        made = [make_sticker(shop, place).token for place in (StickerPlace.DOOR, StickerPlace.TILL)]
        db.session.commit()
    return made


def suspend(app: Flask, town: Town) -> None:
    with app.app_context():
        codes.suspend(town.shop, "abnormal_list", "因为", SYSTEM, NOW)
        db.session.commit()


def scan(image: Image.Image) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(image))


def scan_pdf(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        return sorted(text for page in document for text in scan(page.render(scale=200 / 72).to_pil()))
    finally:
        document.close()


def url(of: str) -> str:
    return f"http://{PUBLIC_HOST}/c/{of}"


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["stickers", "stickers/1", "stickers/1.pdf", "stickers.pdf"])
def test_only_the_shops_own_people(
    app: Flask, town: Town, tokens: list[str], browser: Browser, client: FlaskClient, path: str
) -> None:
    with app.app_context():
        stranger = merchants.make_account()
        merchants.make_member(merchants.make_operator("别人家"), stranger)
        db.session.commit()
        stranger_id = stranger.id
    address = f"/merchant/shops/{town.shop}/{path}"
    assert browser(town.merchant).get(address).status_code == 200
    assert browser(stranger_id).get(address).status_code == 404
    assert browser(town.bureau).get(address).status_code == 403
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("who", "page"), [("station", 200), ("elsewhere", 404), ("department", 200), ("merchant", 403)]
)
def test_officers_within_reach(town: Town, tokens: list[str], browser: Browser, who: str, page: int) -> None:
    client = browser(getattr(town, who))
    assert client.get(f"/office/shops/{town.shop}/stickers/1").status_code == page
    assert client.get(f"/office/shops/{town.shop}/stickers/1/preview.png").status_code == page


@pytest.mark.parametrize(("who", "prints"), [("station", True), ("department", False)])
def test_print_quality_is_for_those_who_print(
    town: Town, tokens: list[str], browser: Browser, who: str, *, prints: bool
) -> None:
    client, base = browser(getattr(town, who)), f"/office/shops/{town.shop}/stickers/1"
    for file in (".png", ".png?preview=1", ".svg", ".pdf"):
        assert client.get(base + file).status_code == (200 if prints else 403), file
    page = client.get(base).text
    assert ("下载 PDF" in page) is prints
    assert "1/preview.png" in page


def test_downloads_are_in_the_history(app: Flask, town: Town, tokens: list[str], browser: Browser) -> None:
    client, base = browser(town.station), f"/office/shops/{town.shop}/stickers/1"
    client.head(f"{base}.pdf")
    for file in (".pdf", "/preview.png"):
        assert client.get(base + file).status_code == 200
    browser(town.merchant).get(f"/merchant/shops/{town.shop}/stickers/1.pdf")
    with app.app_context():
        found = db.session.scalars(sa.select(AuditEvent).filter_by(action="sticker.download")).all()
        assert [(event.actor_id, event.new) for event in found] == [
            (town.station, {"serial": 1, "form": "pdf"}),
            (town.merchant, {"serial": 1, "form": "pdf"}),
        ]
        found_name = found[0].actor_name
    page = client.get(base).text
    assert "下载码贴印刷文件" in page
    assert found_name in page
    told = browser(town.merchant).get(f"/merchant/shops/{town.shop}/stickers/1").text
    assert "市场监管所人员" in told, "the merchant sees which office acted, not who"
    assert found_name not in told


# --- the merchant -----------------------------------------------------------------------------------------------------


def test_downloads_scan_back(town: Town, tokens: list[str], browser: Browser) -> None:
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    png = client.get(f"{base}/1.png")
    assert png.mimetype == "image/png"
    named = png.headers["Content-Disposition"]
    assert re.match(r"attachment; filename=sticker-\d{6}-01\.png; filename\*=UTF-8''%E7%A0%81", named), named
    assert scan(Image.open(BytesIO(png.data))) == [url(tokens[0])]
    assert "attachment" not in client.get(f"{base}/1.png?preview=1").headers.get("Content-Disposition", "")
    assert scan_pdf(client.get(f"{base}/2.pdf").data) == [url(tokens[1])]
    assert client.get(f"{base}/1.svg").mimetype == "image/svg+xml"
    assert scan_pdf(client.get(f"{base}.pdf").data) == sorted(map(url, tokens))
    assert client.get(f"{base}/1.gif").status_code == 404
    assert client.get(f"{base}/9.png").status_code == 404


def test_more_for_a_place(app: Flask, town: Town, tokens: list[str], browser: Browser) -> None:
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    page = client.get(base).text
    data = {"csrf_token": token(page), "known": "2", "place": "table", "count": "3"}
    first = client.post(base, data=data)
    assert (first.status_code, first.location) == (303, base)
    twice = client.post(base, data=data)
    assert twice.status_code == 409
    assert "没有重复制发" in twice.text
    with app.app_context():
        assert [s.place.value for s in queries.of_shop(town.shop)] == [
            "door",
            "till",
            "table",
            "table",
            "table",
        ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"place": "", "count": "1"}, "请选择码贴放在哪里"),
        ({"place": "moon", "count": "1"}, "请选择码贴放在哪里"),
        ({"place": "table", "count": "61"}, "一次可以加 1 到 60 张"),
        ({"place": "table", "count": "很多"}, "一次可以加 1 到 60 张"),
        ({"place": "table", "count": "-1"}, "一次可以加 1 到 60 张"),
        ({"place": "table", "count": "1", "spots": "1-99号桌"}, "具体位置没有看懂"),
    ],
)
def test_a_fault_keeps_what_was_typed(
    town: Town, tokens: list[str], browser: Browser, data: dict[str, str], words: str
) -> None:
    base = f"/merchant/shops/{town.shop}/stickers"
    answer = send(browser(town.merchant), base, base, known="2", **data)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{data["count"]}"' in answer.text


def test_replace_and_lose(app: Flask, town: Town, tokens: list[str], browser: Browser) -> None:
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    fault = send(client, f"{base}/1/replace", f"{base}/1", reason="other", note="")
    assert fault.status_code == 422
    assert '<details class="confirm confirm--primary" open>' in fault.text
    done = send(client, f"{base}/1/replace", f"{base}/1", reason="worn")
    assert (done.status_code, done.location) == (303, f"{base}/3")
    assert "换成 " in client.get(f"{base}/1").text
    assert client.get(f"{base}/1.pdf").status_code == 409
    assert send(client, f"{base}/1/replace", f"{base}/2", reason="worn").status_code == 409
    assert send(client, f"{base}/2/lost", f"{base}/2", reason="stolen").status_code == 303
    with app.app_context():
        assert [s.state.value for s in queries.of_shop(town.shop)] == ["replaced", "lost", "valid"]


def test_a_suspended_shop_is_told_why_not(
    app: Flask, town: Town, tokens: list[str], browser: Browser
) -> None:
    suspend(app, town)
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    for path in (base, f"{base}/1"):
        page = client.get(path)
        assert page.status_code == 200
        assert "诚信码暂停期间不能制发" in page.text
    for path in (f"{base}/1.png", f"{base}/1.pdf", f"{base}.pdf", f"{base}/1.png?preview=1"):
        assert client.get(path).status_code == 409
    data = {"csrf_token": token(client.get(f"{base}/1").text), "known": "2", "place": "door", "count": "1"}
    answer = client.post(base, data=data)
    assert answer.status_code == 409
    assert "诚信码暂停期间" in answer.text


def test_missing_fonts_are_a_page(
    town: Town, tokens: list[str], browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(printing, "FOLDER", tmp_path)
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    answer = client.get(f"{base}/1.pdf")
    assert answer.status_code == 500
    assert "缺少印码贴用的字体" in answer.text
    page = client.get(f"{base}/1")
    assert page.status_code == 200
    assert "缺少印码贴用的字体" in page.text


# --- places, labels, one paper suspended ------------------------------------------------------------------------------


def test_thirty_tables_at_once(app: Flask, town: Town, tokens: list[str], browser: Browser) -> None:
    client, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    done = send(client, base, base, known="2", place="table", count="1", spots="1-30号桌")
    assert done.status_code == 303
    with app.app_context():
        made = queries.of_shop(town.shop)[2:]
        assert [sticker.spot for sticker in made] == [f"{n}号桌" for n in range(1, 31)]
    page = client.get(base).text
    assert "1号桌 到 30号桌" in page
    assert page.index(">2号桌<") < page.index(">10号桌<")
    document = pypdfium2.PdfDocument(client.get(f"{base}/10.pdf").data)
    text = document[0].get_textpage().get_text_range()
    width = document[0].get_size()[0]
    document.close()
    assert "8号桌" in text
    assert round(width / 72 * 25.4) == 60
    assert scan_pdf(client.get(f"{base}.pdf").data)


def test_an_officer_suspends_one_paper_and_the_page_says_so(
    app: Flask, town: Town, tokens: list[str], browser: Browser, client: FlaskClient
) -> None:
    officer, page = browser(town.station), f"/office/shops/{town.shop}/stickers/1"
    assert send(officer, f"{page}/suspend", page, reason="copied").status_code == 303
    scanned = client.get(f"/c/{tokens[0]}")
    assert "已暂停，正在核查" in scanned.text
    assert "怀疑被人复印、冒用" in scanned.text
    assert "已核验，诚信码有效" in scanned.text or "有情况还没有核实清楚" in scanned.text
    assert "已暂停，正在核查" not in client.get(f"/c/{tokens[1]}").text
    facts = client.get(f"/c/{tokens[0]}", headers={"Accept": "application/json"}).get_json()
    assert facts["sticker"]["state"] == "suspended"
    mine = browser(town.merchant).get(f"/merchant/shops/{town.shop}/stickers/1").text
    assert "市场监管部门正在核查这张贴" in mine
    assert "换一张新的" in mine
    assert "恢复这张码贴" not in mine
    assert browser(town.merchant).get(f"/merchant/shops/{town.shop}/stickers/1.pdf").status_code == 409
    assert send(officer, f"{page}/resume", page, reason="cleared").status_code == 303
    assert "已暂停，正在核查" not in client.get(f"/c/{tokens[0]}").text
    history = officer.get(page).text
    assert history.index(">恢复码贴<") < history.index(">暂停码贴<") < history.index(">制发码贴<")


def test_dead_papers_have_honest_pages(
    app: Flask, town: Town, tokens: list[str], browser: Browser, client: FlaskClient
) -> None:
    merchant, base = browser(town.merchant), f"/merchant/shops/{town.shop}/stickers"
    assert send(merchant, f"{base}/1/lost", f"{base}/1", reason="stolen").status_code == 303
    assert send(merchant, f"{base}/2/destroy", f"{base}/2", reason="misprinted").status_code == 303
    for token_, reason in zip(tokens, ("被人拿走或撕走", "印坏了、印错了"), strict=True):
        text = client.get(f"/c/{token_}").text
        assert "已经作废" in text
        assert reason in text
    for action in ("suspend", "resume"):
        data = {"csrf_token": token(merchant.get(base).text), "reason": "copied"}
        assert merchant.post(f"{base}/1/{action}", data=data).status_code in {404, 405}


# --- the public check -------------------------------------------------------------------------------------------------


def check(client: FlaskClient, **typed: str) -> str:
    answer = client.get("/verify", query_string=typed)
    assert answer.status_code == 200
    return shown(answer.text)


def shown(page: str) -> str:
    """The page without what its script may say: those words stand in templates at its end."""
    return page.partition("<template")[0]


def test_genuine_in_every_spelling(client: FlaskClient, tokens: list[str]) -> None:
    address = url(tokens[0])
    for text in (
        address,
        f"  {address} ",
        tokens[0],
        f"扫到了：{address}，是真的吗？",
        f"{address}?from=wechat",
    ):
        page = check(client, code=text)
        assert "这张码贴是真的" in page, text
        assert human_check(tokens[0]) in page
        assert "老槐树面馆" in page
        assert 'href="/s/1"' in page


def test_genuine_by_what_is_printed(client: FlaskClient, tokens: list[str]) -> None:
    group = human_check(tokens[0])
    for number, typed in (
        ("000001-01", group),
        ("No.1-1", group.lower().replace(" ", "")),
        ("１－１", group),
    ):
        assert "这张码贴是真的" in check(client, number=number, check=typed)


def test_forged_and_why(client: FlaskClient, tokens: list[str]) -> None:
    other = "B" if tokens[0][60] != "B" else "C"
    for text, words in (
        (f"http://evil.test/c/{tokens[0]}", "不是本平台的码贴网址"),
        (f"http://{PUBLIC_HOST}/s/1", "不是本平台的码贴网址"),
        (f"http://{PUBLIC_HOST}.evil.test/c/{tokens[0]}", "不是本平台的码贴网址"),
        (tokens[0][:60] + other + tokens[0][61:], "签名对不上"),
        ("EI" + tokens[0][2:], "密钥不属于本平台"),
        ("随便写的", "内容不完整"),
        ("<script>alert(1)</script>", "不是本平台的码贴网址"),
    ):
        page = check(client, code=text)
        assert "非本平台签发" in page
        assert words in page, text
        assert "这张码贴是真的" not in page
        assert "<script>alert" not in page


def test_a_wrong_group_and_an_unknown_number_sound_alike(client: FlaskClient, tokens: list[str]) -> None:
    wrong = check(client, number="1-1", check=human_check(tokens[1]))
    unknown = check(client, number="77-1", check=human_check(tokens[1]))
    assert "核对码和贴号对不上" in wrong
    assert wrong.replace("1-1", "") == unknown.replace("77-1", "")
    assert "老槐树面馆" not in wrong


def test_what_is_missing_is_named(client: FlaskClient, town: Town) -> None:
    for typed, words in (
        ({"code": ""}, "请粘贴扫码得到的网址"),
        ({"number": "abc", "check": "x"}, "贴号没有看懂"),
        ({"number": "1-1", "check": ""}, "请填写核对码"),
    ):
        answer = client.get("/verify", query_string=typed)
        assert answer.status_code == 422
        assert words in answer.text
    assert client.get("/verify").status_code == 200


def test_replaced_suspended_revoked_lost(
    app: Flask, client: FlaskClient, town: Town, tokens: list[str]
) -> None:
    with app.app_context():
        operations.replace(town.shop, 1, "worn", town.actor(town.merchant), NOW)
        operations.report_lost(town.shop, 2, "lost", town.actor(town.merchant), NOW)
        new = queries.get(town.shop, 3).token
        db.session.commit()
    assert "已经换新" in check(client, code=tokens[0])
    assert "印章：此贴已换新" in check(client, code=tokens[0])
    assert "已经作废" in check(client, code=tokens[1])
    suspend(app, town)
    assert "印章：暂停" in check(client, code=new)
    with app.app_context():
        codes.revoke_now(town.shop, "black_listed", "短斤少两", SYSTEM, NOW)
        db.session.commit()
    assert "印章：黑榜" in check(client, code=new)


def test_signed_but_not_in_the_books(app: Flask, client: FlaskClient, town: Town) -> None:
    with app.app_context():
        made = make_sticker(get_shop(town.shop)).token
        db.session.rollback()
    page = check(client, code=made)
    assert "没有查到这张码贴的发放记录" in page
    assert "这张码贴是真的" not in page


# --- the keys ---------------------------------------------------------------------------------------------------------


def test_the_public_keys(app: Flask, client: FlaskClient, tokens: list[str]) -> None:
    answer = client.get("/.well-known/ydym-keys.json")
    assert answer.mimetype == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    document = json.loads(answer.text)
    assert [key["kid"] for key in document["keys"]] == ["0"]
    assert "d" not in document["keys"][0]
    from qrservice import decode

    assert decode(tokens[0], PUBLIC_HOST, KeyRing.from_jwks(document)).serial == 1
    same = client.get("/.well-known/ydym-keys.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
