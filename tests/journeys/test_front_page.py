"""The front page as people meet it: to a complaint of a shop without a sticker, in three languages, and light."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from . import people
from .test_axe import PHONE, TALL, nothing, violations

COMPLAIN = re.compile(r"/s/\d+/complain$")


def test_a_shop_without_a_sticker_is_found_and_complained_of(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="我要投诉").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您要投诉哪家店？")
    expect(page.locator(".shopcard")).to_have_count(0)  # nobody is pointed at before a shop is named
    expect(page.locator("#otherwise")).to_contain_text("12315")
    box = page.get_by_role("combobox")
    box.press_sequentially("店")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(COMPLAIN)


def test_without_scripts_the_list_leads_to_the_form_and_nothing_found_helps(quiet: Page) -> None:
    quiet.goto("/shops?to=complain")
    quiet.get_by_role("searchbox", name="找店").fill("店")
    quiet.get_by_role("button", name="查找").click()
    expect(quiet.locator(".shopcard").first).to_contain_text("投诉这家店")
    quiet.goto("/shops?to=complain&q=此处没有这样一家")
    expect(quiet.locator("#otherwise")).to_contain_text("全国12315平台")
    quiet.goto("/shops?to=complain&q=店")
    quiet.locator(".shopcard").first.click()
    expect(quiet).to_have_url(COMPLAIN)


def test_three_languages(visitor: Callable[..., Page]) -> None:
    page = visitor(PHONE[0], TALL)
    people.sign_in_demo_merchant(page)
    expect(page.locator("#todo")).to_be_visible()
    found = []
    for choice, language, words in (("English", "en", "Make a complaint"), ("繁體", "zh-Hant", "我要投訴")):
        page.goto("/")
        page.get_by_role("link", name=choice, exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("link", name=words)).to_be_visible()
        found += violations(page, ["/", "/shops?q=店", "/shops?to=complain&q=xyzzy"])
    page.goto("/merchant/")
    expect(page.locator("#todo")).to_have_text("接下來做什麼")
    page.goto("/view?lang=en&next=/merchant/")
    expect(page.locator("#todo")).to_have_text("What to do next")
    found += violations(page, ["/merchant/", "/merchant/shops/1/poster"])
    nothing(found)


def test_the_first_view_is_light(visitor: Callable[..., Page]) -> None:
    page = visitor()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto("/", wait_until="networkidle")
    assert len(received) >= 6
    assert sum(received) < 50_000


def test_the_large_view_goes_along_until_it_is_left(page: Page) -> None:
    size = "() => parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"
    page.goto("/")
    usual = page.evaluate(size)
    page.get_by_role("link", name="长辈版（大字）").click()
    for address in ("/", "/shops", "/s/1"):
        page.goto(address)
        expect(page.locator("html")).to_have_class(re.compile(r"\belder\b"))
    page.goto("/")
    assert page.evaluate(size) >= 22 > usual
    expect(page.get_by_role("heading", name="最近大家投诉什么")).to_have_count(0)  # fewer choices
    expect(page.get_by_role("link", name="我要投诉")).to_be_visible()
    page.get_by_role("link", name="切换到标准版").click()
    expect(page.locator("html")).not_to_have_class(re.compile(r"\belder\b"))
