"""What scripts add: a draft that outlives a closed page, a code checked while typed, a paper turned upright."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from .people import main, officer, picture, sign_in_demo_merchant, upload
from .test_without_javascript import a_scanned_shop


def test_what_was_typed_after_a_scan_is_there_again(page: Page) -> None:
    address = a_scanned_shop(page)
    page.goto(f"{address}/complain")
    story = page.get_by_label("说说经过")
    story.fill("结账时多收了十六元，店员说系统改过价。")
    while not page.evaluate("Object.keys(localStorage).some(key => localStorage[key].includes('十六元'))"):
        page.wait_for_timeout(50)  # it is written when the typing rests; the test's own time limit ends this
    page.get_by_label("退款").check()
    page.goto("/")  # leaving writes what has not rested
    page.goto(f"{address}/complain")
    expect(page.get_by_label("说说经过")).to_have_value("结账时多收了十六元，店员说系统改过价。")
    expect(page.get_by_label("退款")).to_be_checked()


def test_a_photo_chosen_without_a_connection_goes_on_by_itself(page: Page, problems: Problems) -> None:
    """Also when the script that sends it had not come yet."""
    problems.allow("INTERNET_DISCONNECTED")
    problems.allow("when fetching the script")  # the offline worker, should it not have come yet
    page.goto("/s/1/complain")
    page.context.set_offline(True)
    upload(page, "input[type=file]", picture())
    expect(page.locator(".uploads__text")).to_have_text("网络断了，连上后接着传")
    page.context.set_offline(False)
    expect(page.locator(".uploads__text")).to_have_text("已传好", timeout=15_000)
    expect(page.locator("input[name=photos_kept]")).to_have_count(1)


def test_a_credit_code_is_checked_as_it_is_typed(page: Page) -> None:
    """The browser's own check agrees with the library's, also about the last character."""
    sign_in_demo_merchant(page)
    page.goto("/merchant/apply")
    code = page.get_by_label("统一社会信用代码")
    told = page.locator("#f-uscc-check")
    code.fill("91371500726715726")
    expect(told).to_contain_text("还差 1 位")
    code.fill("91371500726715726X")
    expect(told).to_contain_text("校验通过")
    code.fill("913715007267157260")
    expect(told).to_contain_text("校验位对不上")
    code.fill("9137150072671572I")
    expect(told).to_contain_text("第 17 位“I”")


def test_a_licence_is_zoomed_and_turned(visitor: Callable[..., Page], live: Live) -> None:
    desk = officer(visitor, live, "shiju")
    desk.goto("/office/applications/next")
    figure = main(desk).locator("[data-viewer]").first
    image, scale = figure.locator("img"), figure.locator(".viewer__scale")
    figure.get_by_role("button", name="放大").click()
    expect(scale).to_have_text("140%")
    figure.get_by_role("button", name="旋转").click()
    expect(image).to_have_attribute("style", re.compile(r"rotate\(90deg\)"))
    figure.locator(".viewer__link").press("-")
    expect(scale).to_have_text("100%")
    figure.locator(".viewer__link").press("r")
    expect(image).to_have_attribute("style", re.compile(r"rotate\(180deg\)"))
    figure.get_by_role("button", name="复位").click()
    expect(image).to_have_attribute("style", re.compile(r"rotate\(0deg\)"))


def test_the_first_screen_holds_what_a_scan_is_for(visitor: Callable[..., Page]) -> None:
    """Status, shop, address, photo, the check and stars stand above the bar with the complaint button."""
    for size in ((390, 844), (360, 640)):
        page = visitor(*size)
        address = a_scanned_shop(page)
        page.goto(address)
        bar = page.locator(".thumb").bounding_box()
        assert bar is not None
        for part in (".verdict__text", ".place", ".place__photo", ".check", ".stars"):
            box = page.locator(part).first.bounding_box()
            assert box is not None, part
            assert box["y"] + box["height"] <= bar["y"] + 2, f"{part} is below the first screen of {size}"
        expect(page.locator(".thumb").get_by_role("link", name="投诉")).to_be_in_viewport()
