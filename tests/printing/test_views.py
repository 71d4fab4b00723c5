"""The pages of printing: choosing, progress, the file, and the print shop's link."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.factories import accounts, merchants
from tests.factories.codes import Town, send, token
from tests.factories.merchants import NOW
from tests.support.databases import PUBLIC_HOST
from webapp.accounts.models import OfficerPost
from webapp.audit.models import AuditEvent
from webapp.core import clock
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.files.stores import store
from webapp.printing import keeping, queries, runner, turns
from webapp.printing.models import HandoverDownload, PrintJob
from webapp.stickers import operations as stickers

Browser = Callable[[int], FlaskClient]
OFFICE, MERCHANT = "/office/printing", "/merchant/printing"


def scan_pdf(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        images = [page.render(scale=200 / 72).to_pil() for page in document]
    finally:
        document.close()
    return sorted(code.text for image in images for code in zxingcpp.read_barcodes(image))


def urls(tokens: list[str]) -> list[str]:
    return sorted(f"http://{PUBLIC_HOST}/c/{one}" for one in tokens)


def order(client: FlaskClient, base: str, **choice: str) -> str:
    """Order what the page shows; the job's address."""
    page = client.get(f"{base}/new", query_string=choice).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    answer = client.post(base, data=fields | {"csrf_token": token(page)} | choice)
    assert answer.status_code == 303, answer.text
    return answer.location


def make(app: Flask) -> None:
    with app.app_context():
        runner.run_all()


def link_of(client: FlaskClient, job: str, **fields: str) -> str:
    """A link's path, as its page shows it once."""
    answer = send(
        client, f"{job}/links", job, **({"recipient": "城东图文", "downloads": "1", "days": "7"} | fields)
    )
    assert answer.status_code == 303
    found = re.search(rf"http://{re.escape(PUBLIC_HOST)}(/handover/[a-z2-7]+)", client.get(job).text)
    assert found
    return found.group(1)


# --- choosing and making ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "base"), [("station", OFFICE), ("merchant", MERCHANT)])
def test_from_choice_to_file(
    app: Flask, town: Town, papers: list[str], browser: Browser, who: str, base: str
) -> None:
    client = browser(getattr(town, who))
    assert "还没有印制任务" in client.get(base).text
    page = client.get(f"{base}/new").text
    assert "共 2 张码贴，1 页" in page
    picture = client.get(f"{base}/preview.png")
    assert picture.mimetype == "image/png"
    assert [code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(picture.data)))] == urls(
        papers[:1]
    )
    job = order(client, base)
    waiting = client.get(job)
    assert "排队中，很快开始" in waiting.text
    assert '<meta http-equiv="refresh" content="5">' in waiting.text
    assert client.get(f"{job}/file").status_code == 409
    make(app)
    done = client.get(job).text
    assert "已生成" in done
    assert 'http-equiv="refresh"' not in done
    file = client.get(f"{job}/file")
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    named = file.headers["Content-Disposition"]
    assert named.isascii()
    assert re.search(r"filename\*=UTF-8''%E7%A0%81%E8%B4%B4-[\w%-]+\.pdf$", named)
    assert int(file.headers["Content-Length"]) == len(file.data)
    with app.app_context():
        taken = db.session.scalars(sa.select(AuditEvent.actor_id).filter_by(action="print.download")).all()
        assert taken == ([town.station] if who == "station" else []), "officers' downloads are written down"
    assert scan_pdf(file.data) == urls(papers)
    assert "没有要印的码贴" in client.get(f"{base}/new").text
    assert "2 张" in client.get(base).text


def test_progress_without_script(app: Flask, town: Town, papers: list[str], browser: Browser) -> None:
    client = browser(town.bureau)
    job = order(client, OFFICE)
    with app.app_context():
        job_id, attempt = turns.claim(clock.now()) or (0, 0)
        turns.beat(job_id, attempt, 1, 0, clock.now())
        db.session.commit()
    page = client.get(job).text
    assert "正在生成：1 / 2 张" in page
    assert '<progress class="progress" max="2" value="1">' in page
    assert send(client, f"{job}/cancel", job).status_code == 303
    assert "已取消" in client.get(job).text
    assert send(client, f"{job}/cancel", OFFICE + "/new").status_code == 409


def test_a_form_sent_twice_leads_to_one_job(
    app: Flask, town: Town, papers: list[str], browser: Browser
) -> None:
    client = browser(town.bureau)
    page = client.get(f"{OFFICE}/new?new=0").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    data = fields | {"csrf_token": token(page), "new": "0"}
    assert client.post(OFFICE, data=data).location == client.post(OFFICE, data=data).location
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(PrintJob.id))) == 1


def test_a_zip_of_pictures(app: Flask, town: Town, papers: list[str], browser: Browser) -> None:
    client = browser(town.merchant)
    job = order(client, MERCHANT, template="till", form="png")
    make(app)
    archive = zipfile.ZipFile(BytesIO(client.get(f"{job}/file").data))
    assert archive.testzip() is None
    assert archive.namelist() == ["000001-01-till.png", "000001-02-till.png"]
    images = [Image.open(BytesIO(archive.read(name))) for name in archive.namelist()]
    assert sorted(code.text for image in images for code in zxingcpp.read_barcodes(image)) == urls(papers)


def test_faults_keep_what_was_chosen(town: Town, papers: list[str], browser: Browser) -> None:
    client = browser(town.bureau)
    wrong = client.get(f"{OFFICE}/new", query_string={"since": "05/06/2026", "chain": "面馆"})
    assert wrong.status_code == 422
    assert 'value="05/06/2026"' in wrong.text
    assert 'value="面馆"' in wrong.text
    escpos = client.get(f"{OFFICE}/new", query_string={"form": "escpos"})
    assert "小票机指令只能用“小票条”版式" in escpos.text
    assert "的印刷文件</span>" not in escpos.text
    data = {"csrf_token": token(escpos.text), "form": "escpos", "order_key": "k"}
    assert client.post(OFFICE, data=data).status_code == 422
    assert client.get(f"{OFFICE}/preview.png?district=11").status_code == 409
    for nonsense in ("post=9", "post=x", "shop=9999999999999", "place=moon", "district=%25", "shop=0"):
        assert client.get(f"{OFFICE}/new?{nonsense}").status_code == 200


# --- who may ----------------------------------------------------------------------------------------------------------


def test_jobs_are_not_shown_to_others(app: Flask, town: Town, papers: list[str], browser: Browser) -> None:
    with app.app_context():
        stranger = merchants.make_account()
        merchants.make_member(merchants.make_operator("别人家"), stranger)
        db.session.commit()
        stranger_id = stranger.id
    official = order(browser(town.bureau), OFFICE)
    own = order(browser(town.merchant), MERCHANT, new="0")
    number = own.rsplit("/", 1)[1]
    for who, path, status in (
        (town.second, official, 200),
        (town.elsewhere, official, 404),
        (town.station, official, 404),
        (town.department, official, 403),
        (town.merchant, official.replace("office", "merchant"), 404),
        (town.bureau, f"{OFFICE}/{number}", 404),
        (stranger_id, own, 404),
        (stranger_id, f"{own}/file", 404),
    ):
        assert browser(who).get(path).status_code == status, (who, path)
    assert official not in browser(town.elsewhere).get(OFFICE).text
    assert own not in browser(stranger_id).get(MERCHANT).text
    assert browser(stranger_id).get(f"{MERCHANT}/new?shop={town.shop}").status_code == 404
    assert browser(stranger_id).get(f"{MERCHANT}/preview.png?shop={town.shop}").status_code == 404
    assert "老槐树面馆" not in browser(town.elsewhere).get(f"{OFFICE}/new?shop={town.shop}").text


def test_an_officer_of_two_posts_chooses_one(
    app: Flask, town: Town, papers: list[str], browser: Browser
) -> None:
    with app.app_context():
        officer = accounts.make_officer(Role.BUREAU_OFFICER, "130602", name="两处")
        db.session.add(OfficerPost(account_id=officer.id, role=Role.BUREAU_OFFICER, region_code="130606"))
        db.session.commit()
        officer_id = officer.id
    client = browser(officer_id)
    assert "以哪个岗位" in client.get(f"{OFFICE}/new").text
    counts = ["共 2 张" in client.get(f"{OFFICE}/new?post={post}").text for post in (0, 1)]
    assert sorted(counts) == [False, True]
    job = order(client, OFFICE, post=str(counts.index(True)))
    assert client.get(job).status_code == 200
    assert browser(town.elsewhere).get(job).status_code == 404


def test_the_list_has_a_second_page(
    app: Flask, town: Town, papers: list[str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.printing.serving.LISTED", 1)
    client = browser(town.bureau)
    first, second = order(client, OFFICE, new="0"), order(client, OFFICE, new="0")
    assert f'"{second}"' in client.get(OFFICE).text
    assert f'"{first}"' not in client.get(OFFICE).text
    assert f'"{first}"' in client.get(f"{OFFICE}?page=2").text


# --- handing over -----------------------------------------------------------------------------------------------------


@pytest.fixture
def job(app: Flask, town: Town, papers: list[str], browser: Browser) -> str:
    address = order(browser(town.bureau), OFFICE)
    make(app)
    return address


def test_a_link_opens_once_and_looking_uses_nothing_up(
    app: Flask, town: Town, papers: list[str], job: str, browser: Browser, client: FlaskClient
) -> None:
    officer = browser(town.bureau)
    path = link_of(officer, job)
    assert path not in officer.get(job).text, "the link is shown once"
    for _ in range(3):
        assert client.head(path).status_code == 200
        page = client.get(path)
        assert page.status_code == 200
    assert "还可以下载 <b>1</b> 次" in page.text
    assert "105 × 148 毫米" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    file = client.post(path)
    assert scan_pdf(file.data) == urls(papers)
    assert "no-store" in file.headers["Cache-Control"]
    again = client.post(path)
    assert again.status_code == 410
    assert "下载次数已经用完" in again.text
    assert client.get(path).status_code == 410
    assert "已下载 1 / 1 次" in officer.get(job).text
    with app.app_context():
        columns = set(HandoverDownload.__table__.columns.keys())
        assert columns == {"id", "handover_id", "at", "broken_at"}, "nothing of who downloads is kept"


def test_a_download_that_breaks_off_does_not_count(
    app: Flask, town: Town, job: str, browser: Browser, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SLICE_BYTES", 1000)
    officer = browser(town.bureau)
    path = link_of(officer, job)
    broken = client.post(path, buffered=False)
    assert next(broken.iter_encoded())[:5] == b"%PDF-"
    assert client.post(path).status_code == 410, "while it runs, nobody else gets it"
    broken.close()
    broken.close()
    assert "还可以下载 <b>1</b> 次" in client.get(path).text
    never_read = client.post(path, buffered=False)
    never_read.close()
    whole = client.post(path)
    assert whole.data.endswith(b"%%EOF\n")
    assert client.post(path).status_code == 410
    page = officer.get(job).text
    assert "已下载 1 / 1 次" in page
    assert page.count("中断，没有算") == 2


def test_links_end(app: Flask, town: Town, job: str, browser: Browser, client: FlaskClient) -> None:
    officer = browser(town.bureau)
    late, back = link_of(officer, job, days="1"), link_of(officer, job, downloads="5")
    with clock.use(clock.now() + timedelta(days=1, seconds=1)):
        for answer in (client.get(late), client.post(late)):
            assert answer.status_code == 410
            assert "链接已经过期" in answer.text
        assert client.get(back).status_code == 200
    with app.app_context():
        newest = queries.handovers(int(job.rsplit("/", 1)[1]))[0].id
    assert send(officer, f"{job}/links/{newest}/revoke", job).status_code == 303
    for answer in (client.get(back), client.post(back)):
        assert answer.status_code == 410
        assert "链接已经收回" in answer.text
    for unknown in ("/handover/made-up", "/handover/" + "a" * 500, "/handover/%00", "/handover/密"):
        assert client.get(unknown).status_code == 404
        assert client.post(unknown).status_code == 404


def test_a_lost_file_costs_no_download(
    app: Flask, town: Town, job: str, browser: Browser, client: FlaskClient
) -> None:
    path = link_of(browser(town.bureau), job)
    with app.app_context():
        row = queries.get_job(int(job.rsplit("/", 1)[1]))
        keeping.erase(store(), row.store_key, row.parts)
    answer = client.post(path)
    assert answer.status_code == 409
    assert "文件在存储里找不到了" in answer.text
    assert "还可以下载 <b>1</b> 次" in client.get(path).text


def test_what_is_invalid_is_said_before_it_is_handed_over(
    app: Flask, town: Town, job: str, browser: Browser, client: FlaskClient
) -> None:
    officer = browser(town.bureau)
    path = link_of(officer, job)
    with app.app_context():
        stickers.report_lost(town.shop, 1, "lost", town.actor(town.merchant), NOW)
        db.session.commit()
    page = officer.get(job).text
    assert "这个文件里有 1 张现在不该再印" in page
    assert "里面有 1 张现在不该再印。确定还要交出去吗？" in page
    assert "里面有 1 张现在不该再印" in client.get(path).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recipient": " "}, "请写明交给哪家打印店"),
        ({"downloads": "0"}, "下载次数填 1 到 20"),
        ({"downloads": "很多"}, "下载次数填 1 到 20"),
        ({"days": "400"}, "请选择链接几天内有效"),
    ],
)
def test_a_faulty_link_form_keeps_what_was_typed(
    town: Town, job: str, browser: Browser, fields: dict[str, str], words: str
) -> None:
    data = {"recipient": "城东图文", "downloads": "3", "days": "7"} | fields
    answer = send(browser(town.bureau), f"{job}/links", job, **data)
    assert answer.status_code == 422
    assert words in answer.text
    assert '<details class="confirm confirm--primary" open>' in answer.text
    if data["recipient"].strip():
        assert f'value="{data["recipient"]}"' in answer.text


def test_the_officers_shop_page_leads_to_printing(town: Town, papers: list[str], browser: Browser) -> None:
    shop = browser(town.bureau).get(f"/office/shops/{town.shop}").text
    assert f"{OFFICE}/new?shop={town.shop}" in shop
    assert (
        f"{MERCHANT}/new?shop={town.shop}"
        in browser(town.merchant).get(f"/merchant/shops/{town.shop}/stickers").text
    )
