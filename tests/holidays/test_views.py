"""The office's pages without JavaScript: preview, confirm, correct, withdraw; banner, readiness, metrics."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts
from tests.factories.codes import send
from tests.holidays.conftest import Desk
from tests.holidays.notices import CORRECTED_2027, NOTICE_2027, NUMBER, TITLE
from webapp.core import clock
from webapp.holidays import queries

PAGE = "/office/holidays"
TYPED = {
    "year": "2027",
    "title": TITLE,
    "number": NUMBER,
    "url": "https://www.gov.cn/1.htm",
    "text": NOTICE_2027,
}


@pytest.fixture
def browser(app: Flask) -> Callable[[int], FlaskClient]:
    def open_for(account_id: int) -> FlaskClient:
        client = app.test_client()
        accounts.sign_in(client, account_id)
        return client

    return open_for


def body(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def confirmed(client: FlaskClient, preview: str, do: str = "确认生效，重算期限") -> dict[str, str]:
    """What the preview's form sends on."""
    form = preview.partition(do)[0].rpartition("<form")[2]
    names = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    text = re.search(r"<textarea name=\"text\" hidden>\n(.*?)</textarea>", form, re.DOTALL)
    assert text
    return {name: value for name, value in names.items() if name != "csrf_token"} | {"text": text[1]}


def test_the_whole_way(app: Flask, desk: Desk, browser: Callable[[int], FlaskClient]) -> None:
    client = browser(desk.administrator)
    page = body(client, PAGE)
    assert "2027 年的放假安排还没有录入" in page
    assert "暂定" in page
    assert "录入 2027 年的通知" in page

    preview = send(client, f"{PAGE}/preview", f"{PAGE}/new", **TYPED)
    assert preview.status_code == 200
    for words in (
        "核对 2027 年的放假安排",
        "2月5日 周五 至 12日 周五，共 8 天",
        "1月31日 周日",
        "早点铺（裕华路店）",
        "早 1 天",
        "晚 8 天",
        "1月31日上班",
        "2月5日放假，2月8日至12日放假",
    ):
        assert words in preview.text, words
    assert "请对照原文" not in preview.text, "nothing is doubtful"

    done = send(client, PAGE, f"{PAGE}/new", **confirmed(client, preview.text))
    assert (done.status_code, done.location) == (303, f"{PAGE}?year=2027")
    page = body(client, f"{PAGE}?year=2027")
    assert "2027 年的放假安排已生效，3 个期限已重算" in page
    assert NUMBER in page
    assert "第 1 次录入" in page
    assert "还没有录入" not in page
    again = send(client, PAGE, f"{PAGE}/new", **confirmed(client, preview.text))
    assert again.status_code == 303, "the same press twice"

    withdrawal = f"{PAGE}/1/withdraw"
    assert "晚 1 天" in body(client, withdrawal)
    empty = send(client, withdrawal, withdrawal, reason=" ")
    assert empty.status_code == 422
    assert "请" in empty.text
    gone = send(client, withdrawal, withdrawal, reason="还没有正式发布")
    assert gone.status_code == 303
    page = body(client, f"{PAGE}?year=2027")
    assert "已撤回" in page
    assert "撤回：还没有正式发布" in page
    with app.app_context():
        assert queries.in_force() == []
    history = body(client, "/office/audit?action=holiday")
    assert "录入放假安排" in history
    assert "撤回放假安排" in history


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    desk: Desk, browser: Callable[[int], FlaskClient]
) -> None:
    client = browser(desk.administrator)
    slips = [
        ({"text": NOTICE_2027.replace("共8天", "共9天")}, "读出来 8 天"),
        ({"text": ""}, "没有读到放假"),
        ({"title": ""}, "请填写通知的标题"),
        ({"number": ""}, "请填写通知的文号"),
        ({"url": "https://example.com/"}, "gov.cn"),
        ({"year": "2031"}, "正文是 2027 年的通知"),
        ({"year": "2028", "text": "2028-01-01 休\n2028-05-01 休"}, "读出来 2 天放假"),
        ({"year": "2029", "text": "2029-01-01 休"}, "请选择 2027 年或者 2028 年"),
        ({"year": "x"}, "请选择是哪一年的安排"),
    ]
    for change, words in slips:
        answer = send(client, f"{PAGE}/preview", f"{PAGE}/new", **(TYPED | change))
        assert answer.status_code == 422, change
        assert words in answer.text, change
        for name in ("title", "number"):
            assert (TYPED | change)[name] in answer.text
        assert change.get("text", "七、国庆节") in answer.text


def test_doubts_are_shown_and_do_not_bar(desk: Desk, browser: Callable[[int], FlaskClient]) -> None:
    client = browser(desk.administrator)
    text = NOTICE_2027.replace("五、端午节：6月9日（周三）放假，共1天。", "")
    preview = send(client, f"{PAGE}/preview", f"{PAGE}/new", **(TYPED | {"text": text + "3月8日"}))
    assert preview.status_code == 200
    assert "没有读到：端午节" in preview.text
    assert "读出来是 12 天" in preview.text
    back = send(
        client, f"{PAGE}/preview", f"{PAGE}/new", **(confirmed(client, preview.text) | {"do": "edit"})
    )
    assert back.status_code == 200
    assert "六、中秋节" in back.text
    assert TITLE in back.text


def test_a_file_is_read_and_the_number_found_in_the_text(
    app: Flask, desk: Desk, browser: Callable[[int], FlaskClient]
) -> None:
    client = browser(desk.administrator)
    data = (NOTICE_2027 + NUMBER).encode("gb18030")
    fields = TYPED | {"text": "", "number": "", "file": (io.BytesIO(data), "通知.txt")}
    preview = send(client, f"{PAGE}/preview", f"{PAGE}/new", **fields)
    assert preview.status_code == 200
    assert NUMBER in preview.text
    assert send(client, PAGE, f"{PAGE}/new", **confirmed(client, preview.text)).status_code == 303
    for bad in (b"\x89PNG\x00", b"a" * 200_001):
        fields = TYPED | {"file": (io.BytesIO(bad), "a.png")}
        answer = send(client, f"{PAGE}/preview", f"{PAGE}/new", **fields)
        assert answer.status_code == 422
        assert "读不出文字" in answer.text
        assert "七、国庆节" in answer.text


def test_the_second_of_two_keeps_what_was_typed(desk: Desk, browser: Callable[[int], FlaskClient]) -> None:
    client = browser(desk.administrator)
    mine = send(client, f"{PAGE}/preview", f"{PAGE}/new", **(TYPED | {"text": CORRECTED_2027}))
    theirs = send(client, f"{PAGE}/preview", f"{PAGE}/new", **TYPED)
    assert send(client, PAGE, f"{PAGE}/new", **confirmed(client, theirs.text)).status_code == 303
    answer = send(client, PAGE, f"{PAGE}/new", **confirmed(client, mine.text))
    assert answer.status_code == 409
    assert "正月初六" in answer.text
    once_more = send(client, f"{PAGE}/preview", f"{PAGE}/new", **(TYPED | {"text": CORRECTED_2027}))
    assert "这会替换 2027 年的第 1 次录入" in once_more.text
    assert send(client, PAGE, f"{PAGE}/new", **confirmed(client, once_more.text)).status_code == 303
    assert "已被更正" in body(client, PAGE)


def test_the_banner_follows_city_administrators(
    app: Flask,
    desk: Desk,
    browser: Callable[[int], FlaskClient],
    freeze: Callable[[datetime], datetime],
) -> None:
    words = "年的放假安排还没有录入"
    client = browser(desk.administrator)
    assert f"2027 {words}" in body(client, "/office/accounts")
    assert body(client, PAGE).count(words) == 1, "not twice on its own page"
    for other in (desk.county_administrator, desk.station):
        assert words not in body(browser(other), "/office/")
    freeze(datetime(2026, 9, 30, 23, 59, tzinfo=clock.SHANGHAI))
    assert words not in body(client, "/office/accounts")
    freeze(datetime(2026, 10, 1, 0, 0, tzinfo=clock.SHANGHAI))
    assert f"2027 {words}" in body(client, "/office/accounts")


def test_every_officer_reads_and_only_the_city_enters(
    desk: Desk, browser: Callable[[int], FlaskClient]
) -> None:
    for reader in (desk.station, desk.county_administrator):
        client = browser(reader)
        assert "提醒市级管理员录入" in body(client, PAGE)
        assert "系统自带" in body(client, f"{PAGE}?year=2026")
        assert client.get(f"{PAGE}/new").status_code in {403, 404}
    assert client.get(f"{PAGE}?year=1999").status_code == 200, "an unknown year is this year"


def test_readiness_warns_and_metrics_count(
    app: Flask, client: FlaskClient, desk: Desk, freeze: Callable[[datetime], datetime]
) -> None:
    assert client.get("/readyz").json["warnings"] == ["holidays of 2027 are not known"]
    assert "ydym_holidays_settled_days 0\n" in client.get("/metrics").text
    freeze(datetime(2026, 6, 1, 12, tzinfo=clock.SHANGHAI))
    assert client.get("/readyz").json["warnings"] == []
    assert "ydym_holidays_settled_days 207\n" in client.get("/metrics").text
