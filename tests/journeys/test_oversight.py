"""An order to correct from the officer's desk to the public's page and off it again, by everybody concerned.

The officer who proposes and the merchant have no script; the second officer has no mouse; the public reads large type
in the dark.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from . import people
from .people import DESK, confirm, follow, main, press, unfold

SUMMARY = "电子秤没有检定标志，一条走到底的责令。"
#: More stops of the Tab key than any page has.
STOPS = 120


def reach(page: Page, name: str) -> None:
    """Go by Tab to the button or link that says `name`, and press it by Enter."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").strip().startswith(name):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_an_order_goes_its_way(
    live: Live, problems: Problems, quiet: Page, visitor: Callable[..., Page], axe: Callable[..., None]
) -> None:
    problems.allow("status of 422")
    second = people.officer(visitor, live, "shiju2")
    signed_in = people.officer(visitor, live, "shiju").context.storage_state()
    first = visitor(*DESK, storage_state=signed_in, java_script=False)
    people.sign_in_demo_merchant(quiet)

    first.goto("/office/oversight/new?kind=order&shop=2&source=inspection")
    first.get_by_label("编号").fill("检查 11")
    press(first, "提请核准")
    expect(main(first)).to_contain_text("请")
    expect(first.get_by_label("编号")).to_have_value("检查 11")
    first.locator("#f-ground").select_option("measuring")
    first.get_by_label("查明的情况").fill("柜台上的秤没有检定标志。")
    first.get_by_label("要改正什么").fill("送检，贴好标志。")
    first.get_by_label("公开的一句话").fill(SUMMARY)
    press(first, "预览")
    expect(main(first)).to_contain_text("商户会看到的")
    press(first, "提请核准")
    expect(main(first)).to_contain_text("要由另一名同事核准")
    order = re.search(r"/office/orders/(\d+)", first.url)
    assert order, first.url
    case = order[0]

    second.goto(case)
    axe(second)
    reach(second, "核准并送达")
    expect(main(second)).to_contain_text("改正")

    reader = visitor(color_scheme="dark")
    reader.goto("/oversight")
    expect(main(reader)).to_contain_text(SUMMARY)
    follow_large(reader)
    expect(main(reader)).to_contain_text(SUMMARY)
    axe(reader)
    wide = reader.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "large type runs over the side"
    reader.goto("/s/2")
    expect(main(reader)).to_contain_text(SUMMARY)

    quiet.goto(case.replace("/office/", "/merchant/"))
    follow(quiet, "改好了，报告并上传照片")
    quiet.locator("textarea").fill("已经送检，贴了标志。")
    people.upload(quiet, "input[type=file]", people.picture())
    press(quiet, re.compile("提交|报告"))
    expect(main(quiet)).to_contain_text("报告已收到")

    first.goto(case)
    panel = unfold(first, "已改正")
    panel.locator("textarea").fill("现场看过标志。")
    confirm(first, panel)
    expect(main(first)).to_contain_text("已改正")
    for address in ("/oversight", "/s/2"):
        reader.goto(address)
        expect(main(reader)).not_to_contain_text(SUMMARY)


def follow_large(page: Page) -> None:
    """Switch to large type at the foot of the page."""
    page.get_by_role("link", name="长辈版").or_(page.get_by_role("button", name="长辈版")).first.click()
    expect(page.locator("html")).to_have_class(re.compile("elder|large"))
