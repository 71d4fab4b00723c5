"""A copied sticker: visitors say so, with and without JavaScript; an officer sees where, and suspends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from .people import confirm, follow, main, officer, press, unfold

WRONG_PLACE = {"latitude": 38.62, "longitude": 115.05, "accuracy": 25}


@pytest.fixture
def sticker(live: Live, tmp_path: Path) -> str:
    """The address of a sticker that no other journey uses."""
    tokens = tmp_path / "tokens.txt"
    live.flask("codes", "sample", "--count", "30", "--out", str(tokens))
    return f"/c/{tokens.read_text(encoding='ascii').split()[-1]}"


def test_from_the_report_to_the_suspended_sticker(
    visitor: Callable[..., Page], live: Live, sticker: str, axe: Callable[..., None]
) -> None:
    for number in range(3):
        phone = visitor(geolocation=WRONG_PLACE, permissions=["geolocation"], user_agent=f"Phone {number}")
        phone.goto(sticker)
        follow(phone, "我在这家店吗？")
        press(phone, "同意，核对并留个大概位置")
        expect(phone.get_by_role("heading", level=1)).to_have_text("您不在这家店附近")
        expect(main(phone)).to_contain_text("已按您的同意留下")
    axe(phone)
    follow(phone, "眼前是另一家店")
    phone.get_by_text("眼前是另一家店", exact=True).click()
    press(phone, "提交")
    expect(phone.get_by_role("heading", level=1)).to_have_text("谢谢，已经记下")
    press(phone, "撤回")
    expect(phone.get_by_role("heading", level=1)).to_have_text("已经撤回")
    label = _label(phone, sticker)
    desk = officer(visitor, live, "shiju")
    desk.goto(f"/office/copies?text={label}")
    desk.locator("table").get_by_role("link").first.click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("在离店很远的地方被扫")
    expect(desk.locator("svg.plot__draw")).to_be_visible()
    expect(desk.locator("table").first).to_contain_text("公里")
    desk.wait_for_load_state()  # the keys work once their script is there
    desk.keyboard.press("a")
    desk.locator("details[open] button[type=submit]").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("核查中")
    panel = unfold(desk, "确认冒用")
    panel.locator("select").select_option(label="现场看到复印件或挪用的码贴")
    panel.get_by_text("暂停这张码贴").click()
    confirm(desk, panel)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("确认冒用")
    phone.goto(sticker)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("已暂停")
    follow(phone, "告诉我们这张贴在哪里")
    expect(phone.get_by_role("heading", level=1)).to_have_text("这张码贴在哪里？")


def _label(phone: Page, sticker: str) -> str:
    phone.goto(f"{sticker}/not-here")
    return main(phone).inner_text().split("码贴编号")[1].split()[0]


def test_a_phone_that_says_no_and_one_without_scripts(
    visitor: Callable[..., Page], quiet: Page, sticker: str, problems: Problems
) -> None:
    problems.allow("status of 422")
    phone = visitor()  # the browser has been told to refuse positions
    phone.goto(f"{sticker}/here")
    press(phone, "只核对，什么都不留")
    expect(main(phone)).to_contain_text("没有允许定位")
    expect(main(phone)).to_contain_text("没有留下您的位置")
    quiet.goto(f"{sticker}/here")
    press(quiet, "同意，核对并留个大概位置")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("说不准")
    quiet.goto(sticker)
    follow(quiet, "这不是这家店")
    press(quiet, "提交")
    expect(main(quiet)).to_contain_text("请选一种情况")
    quiet.get_by_text("眼前是另一家店", exact=True).click()
    press(quiet, "提交")
    expect(quiet.get_by_role("heading", level=1)).to_have_text("谢谢，已经记下")
