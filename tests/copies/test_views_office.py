"""The office's list and case: filters, pages, map and table, steps with what was typed kept, who is let in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.codes import Town, token
from tests.factories.copies import fix_beside, make_alarm, phone, report, scan_far
from tests.factories.merchants import NOW, make_shop
from tests.factories.stickers import make_sticker
from webapp.copies import gathering
from webapp.copies.models import CopyAlarm
from webapp.copies.rules import AlarmKind, AlarmState
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.queries import get_shop
from webapp.stickers.models import StickerState
from webapp.stickers.queries import get

Browser = Callable[[int], FlaskClient]
HIDDEN = r'/{}">.*?name="version" value="(\d+)".*?name="seen" value="([^"]+)"'


@pytest.fixture
def copied(app: Flask, town: Town, paper: str) -> int:
    """A sticker with far scans, near ones and reports; the number of the alarm about the far ones."""
    with app.app_context(), unit():
        sticker, shop = get(town.shop, 1), get_shop(town.shop)
        make_shop(name="可疑小吃", latitude=shop.latitude + 4000 / 111_195, longitude=shop.longitude)
        scan_far(sticker, shop, 3)
        gathering.keep_position(sticker, fix_beside(shop), phone(), NOW - timedelta(minutes=30))
        report(sticker, 2)
        alarm = db.session.scalars(sa.select(CopyAlarm).where(CopyAlarm.kind == AlarmKind.FAR_AWAY)).one()
        return alarm.id


def press(
    client: FlaskClient, alarm_id: int, action: str, page: str | None = None, **given: str
) -> TestResponse:
    """Send the form of a step as the page (opened now, or before) has it."""
    text = page or client.get(f"/office/copies/{alarm_id}").text
    found = re.search(HIDDEN.format(f"{alarm_id}/{action}"), text, re.DOTALL)
    assert found, f"no form for {action}"
    data = {"csrf_token": token(text), "version": found[1], "seen": html.unescape(found[2])} | given
    return client.post(f"/office/copies/{alarm_id}/{action}", data=data)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_without_alarms_it_says_so(town: Town, paper: str, browser: Browser) -> None:
    page = browser(town.station).get("/office/copies").text
    assert "现在没有要核查的码贴警报" in page
    assert "不会自动暂停" in page


def test_the_list_says_what_where_and_until_when(town: Town, copied: int, browser: Browser) -> None:
    page = browser(town.station).get("/office/copies").text
    assert "在离店很远的地方被扫" in page
    assert "最多 3 部手机在离店 500 米以外" in page
    assert "000001-01" in page
    assert "还有 2 天" in page
    assert f'href="/office/copies/{copied}"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("kind=wrong_shop", {"多人说不是这家店"}),
        ("text=000001-01", {"多人说不是这家店", "在离店很远的地方被扫"}),
        ("text=没有这家", set()),
        ("state=ended", set()),
        ("overdue=1", set()),
        ("mine=1", set()),
        ("region=130606", {"多人说不是这家店", "在离店很远的地方被扫"}),
        ("region=130602", set()),
        ("state=nonsense&kind=nonsense&region=x'&page=99", {"多人说不是这家店", "在离店很远的地方被扫"}),
    ],
)
def test_filters_stand_in_the_address(
    town: Town, copied: int, browser: Browser, query: str, shown: set[str]
) -> None:
    page = browser(town.bureau).get(f"/office/copies?{query}")
    assert page.status_code == 200
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert {kind for kind in ("多人说不是这家店", "在离店很远的地方被扫") if kind in table} == shown
    if not shown:
        assert "没有符合条件的警报" in page.text


def test_there_is_a_second_page(app: Flask, town: Town, paper: str, browser: Browser) -> None:
    with app.app_context(), unit():
        shop = get_shop(town.shop)
        for _ in range(22):
            make_alarm(make_sticker(shop))
    client = browser(town.station)
    assert "共 22 条" in client.get("/office/copies").text
    assert client.get("/office/copies?page=2").text.count("data-row=") == 2
    assert (
        ">22<" in client.get("/office/copies").text.partition("码贴警报</span>")[2][:40]
    )  # beside the menu's word


def test_another_district_sees_nothing(town: Town, copied: int, browser: Browser) -> None:
    client = browser(town.elsewhere)
    assert "现在没有要核查的码贴警报" in client.get("/office/copies").text
    assert client.get(f"/office/copies/{copied}").status_code == 404
    assert client.post(f"/office/copies/{copied}/look").status_code in {400, 404}
    assert "要核查的码贴警报" not in client.get("/office/").text


def test_the_desk_and_the_shops_page_lead_to_it(town: Town, copied: int, browser: Browser) -> None:
    client = browser(town.station)
    assert "要核查的码贴警报（2）" in client.get("/office/").text
    assert f'href="/office/copies/{copied}"' in client.get(f"/office/shops/{town.shop}").text
    answer = client.get("/office/copies/next")
    assert answer.headers["Location"].endswith(f"/office/copies/{copied}")
    after = client.get(f"/office/copies/next?after={copied}").headers["Location"]
    assert after != answer.headers["Location"]


# --- the case ---------------------------------------------------------------------------------------------------------


def test_the_map_and_the_table_say_the_same(town: Town, copied: int, browser: Browser) -> None:
    page = browser(town.station).get(f"/office/copies/{copied}").text
    svg = ET.fromstring(re.search(r'<svg class="plot__draw".*?</svg>', page, re.DOTALL)[0])  # type: ignore[index]
    texts = [element.text for element in svg.iter("text")]
    assert [text for text in texts if text and text.isdigit()] == [
        "2",
        "1",
    ]  # drawn over one another, 1 on top
    assert "登记的店" in texts
    assert any("公里" in (text or "") or "米" in (text or "") for text in texts)  # the scale bar
    assert "http" not in ET.tostring(svg, encoding="unicode").replace("http://www.w3.org/2000/svg", "")
    table = page.partition("每一处")[2].partition("</table>")[0]
    assert "店的北面，至少 3.9 公里" in table
    assert "店附近" in table
    assert "可疑小吃" in table  # registered in that very cell
    assert "说“这不是这家店”的" in page


def test_a_case_without_positions_says_where_to_begin(
    app: Flask, town: Town, paper: str, browser: Browser
) -> None:
    with app.app_context(), unit():
        report(get(town.shop, 1), 2)
    page = browser(town.station).get("/office/copies/1").text
    assert "还没有人同意留下位置" in page
    assert "plot__draw" not in page


def test_taken_on_confirmed_suspended(app: Flask, town: Town, copied: int, browser: Browser) -> None:
    client = browser(town.station)
    assert "confirm" not in re.findall(
        r"/office/copies/\d+/(\w+)", client.get(f"/office/copies/{copied}").text
    )
    assert press(client, copied, "look").status_code == 303
    page = client.get(f"/office/copies/{copied}").text
    assert "核查中" in page
    assert "另外 1 条警报一并确认" in page
    answer = press(client, copied, "confirm", reason_code="seen", remedy="suspend", reason="已取下复印件")
    assert answer.status_code == 303
    page = client.get(f"/office/copies/{copied}").text
    assert "确认冒用" in page
    assert "暂停这张码贴" in page
    assert "已取下复印件" in page
    with app.app_context():
        assert get(town.shop, 1).state is StickerState.SUSPENDED
        states = set(db.session.scalars(sa.select(CopyAlarm.state)))
        assert states == {AlarmState.CONFIRMED}


def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    town: Town, copied: int, browser: Browser
) -> None:
    client = browser(town.station)
    answer = press(client, copied, "dismiss", reason_code="other", reason="  ")
    assert answer.status_code == 422
    press(client, copied, "look")
    answer = press(client, copied, "confirm", reason_code="verified", reason="有视频")
    assert answer.status_code == 422
    assert "请选对这张码贴怎么办" in answer.text
    assert "有视频" in answer.text
    assert re.search(r'<option value="verified"[^>]* selected', answer.text)
    assert re.search(r"<details[^>]*confirm--danger[^>]* open", answer.text)


def test_the_second_officer_is_told_and_loses_nothing(town: Town, copied: int, browser: Browser) -> None:
    first, second = browser(town.station), browser(town.bureau)
    page = second.get(f"/office/copies/{copied}").text
    press(first, copied, "dismiss", reason_code="position")
    answer = press(second, copied, "close", page, reason_code="no_trace", reason="我写的说明")
    assert answer.status_code == 409
    assert "误报" in answer.text
    assert "我写的说明" in answer.text


def test_evidence_that_came_meanwhile_is_shown_first(
    app: Flask, town: Town, copied: int, browser: Browser
) -> None:
    client = browser(town.station)
    page = client.get(f"/office/copies/{copied}").text
    with app.app_context(), unit():
        scan_far(get(town.shop, 1), get_shop(town.shop), 1, at=NOW + timedelta(minutes=2))
    answer = press(client, copied, "dismiss", page, reason_code="position", reason="我写的说明")
    assert answer.status_code == 409
    assert "又来了新证据" in answer.text
    assert "我写的说明" in answer.text
    assert "最多 4 部手机" in answer.text
    assert press(client, copied, "dismiss", reason_code="position").status_code == 303


def test_who_may_read_and_not_decide(town: Town, copied: int, browser: Browser) -> None:
    page = browser(town.department).get(f"/office/copies/{copied}").text
    assert "您的岗位可以查看" in page
    assert "/look" not in page
    assert browser(town.admin).get(f"/office/copies/{copied}").status_code == 403
    assert browser(town.merchant).get(f"/office/copies/{copied}").status_code == 403


@pytest.mark.parametrize("kind", [AlarmKind.SCAN_RATE, AlarmKind.FAR_AWAY])
def test_a_case_whose_evidence_is_deleted(
    app: Flask, town: Town, paper: str, browser: Browser, kind: AlarmKind
) -> None:
    with app.app_context(), unit():
        ended = {"state": AlarmState.CLOSED, "ended_at": NOW, "reason_code": "taken_back", "facts": {}}
        number = make_alarm(get(town.shop, 1), kind, **ended).id
    page = browser(town.station).get(f"/office/copies/{number}").text
    assert "证据已经按保存期限删除" in page
    assert "报告的人撤回了" in page


def test_names_are_text_and_never_markup(app: Flask, town: Town, copied: int, browser: Browser) -> None:
    with app.app_context(), unit():
        get_shop(town.shop).name = "<script>alert(1)</script>{{7*7}}"
    client = browser(town.station)
    for address in ("/office/copies", f"/office/copies/{copied}", "/office/"):
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "{{7*7}}" in text
