"""The pages in an old in-app browser: no script fails, and what a script helps with is done without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.databases import ROOT

from .people import main, press
from .test_without_javascript import a_scanned_shop

OLD = ROOT / "tests" / "support" / "old_browser.js"
AGENT = "Mozilla/5.0 (Linux; Android 5.1) AppleWebKit/537.36 Version/4.0 Chrome/37.0 MicroMessenger/6.3"


@pytest.fixture
def old(visitor: Callable[..., Page]) -> Page:
    """A phone with such a browser."""
    page = visitor(360, 640, user_agent=AGENT)
    page.context.add_init_script(path=OLD)
    return page


def test_no_script_fails(old: Page) -> None:
    scanned = a_scanned_shop(old)
    for address in (
        "/",
        scanned,
        f"{scanned}/here",
        f"{scanned}/rate",
        "/s/1/share",
        "/s/1/print",
        "/s/1/ratings",
        "/shops",
        "/shops/map",
        "/verify",
        "/favourites",
        "/me/login",
        "/complaints/by-phone",
        "/letters",
    ):
        old.goto(address)
        assert old.evaluate("typeof NodeList.prototype.forEach") == "undefined", "the browser is an old one"


def test_a_complaint_is_filed_once_and_nothing_typed_is_lost(old: Page, problems: Problems) -> None:
    problems.allow("status of 422")
    old.goto(f"{a_scanned_shop(old)}/complain")
    old.get_by_label("说说经过").fill("在这家店充了卡，店里不让退，说活动卡不退。")
    old.get_by_text("举报", exact=True).click()
    expect(old.locator("[data-only='complaint both']").first).to_be_hidden()
    old.get_by_text("投诉", exact=True).click()
    press(old, "提交投诉")
    expect(main(old)).to_contain_text("还有几处需要补充")
    expect(old.get_by_label("说说经过")).to_have_value("在这家店充了卡，店里不让退，说活动卡不退。")
    old.locator("[name=topic]").first.check(force=True)
    old.locator("[name=demand]").first.check(force=True)
    press(old, "提交投诉")
    expect(old.get_by_role("heading", name="投诉已经收到")).to_be_visible()


def test_the_map_says_it_in_words_and_the_check_asks_the_server(old: Page) -> None:
    old.goto("/shops/map")
    expect(old.locator(".atlas__map")).to_be_hidden()
    expect(old.locator(".atlas__district").first).to_be_visible()
    scanned = a_scanned_shop(old)
    old.goto("/verify")
    old.get_by_label("扫码得到的网址或文字").fill(old.url.replace("/verify", scanned))
    old.locator("form[data-text] button").click()
    expect(main(old)).to_contain_text("发放记录")
