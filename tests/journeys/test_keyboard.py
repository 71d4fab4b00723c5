"""Nothing but the keyboard: signing in, the queue, a case, a decision; and a consumer's form by tab and space."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live
from webapp.demo.people_writer import PASSWORD

from . import people
from .people import main

#: More stops than any page has between its top and what is looked for.
FAR = 120


def tab_to(page: Page, words: str) -> None:
    """Tab until the focus is on what says or is labelled `words`; every stop on the way must be visible."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
                const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
                const label = it.labels && it.labels.length ? it.labels[0].textContent : "";
                return { words: (it.getAttribute("aria-label") || label || it.textContent).trim(),
                         body: it === document.body,
                         seen: box.width > 0 && box.height > 0 && style.visibility === "visible" };
            }"""
        )
        assert here["seen"] or here["body"], f"the focus is on something that nobody sees: {here}"
        if here["words"].startswith(words):
            return
    raise AssertionError(f"{words} is not reached by the tab key on {page.url}")


def enter(page: Page) -> None:
    """Press Enter and wait for the page that follows."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_officer_signs_in_and_decides(visitor: Callable[..., Page], live: Live) -> None:
    page = visitor(*people.DESK)
    page.goto("/office/login")
    tab_to(page, "用户名")
    page.keyboard.type("shiju2")
    tab_to(page, "密码")
    page.keyboard.type(PASSWORD)
    enter(page)
    # The one field of this page has the focus already.
    page.keyboard.type(people.one_time_code("shiju2", live))
    enter(page)
    expect(page.get_by_role("heading", name="待办申报")).to_be_visible()

    queue, seen = page.url, []
    for _ in range(2):
        with page.expect_navigation():
            page.keyboard.press("n")
        expect(page).to_have_url(re.compile(r"/office/applications/\d+"))
        seen.append(page.url)
    assert seen[0] != seen[1], "the next one is another"
    page.goto(queue)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("o")
    expect(page).to_have_url(re.compile(r"/office/applications/\d+"))
    shop = page.get_by_role("heading", level=1).inner_text().split()[0]

    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="键盘快捷键")).to_be_hidden()
    panel = page.locator("details:has(> [data-key=a])")
    page.keyboard.press("a")
    expect(panel).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(panel).not_to_have_attribute("open", "")
    expect(page.locator("[data-key=a]")).to_be_focused()

    page.keyboard.press("r")  # opens a panel, decides nothing
    tab_to(page, "理由")
    page.keyboard.press("ArrowDown")
    tab_to(page, "门头照片")
    page.keyboard.press("Space")
    tab_to(page, "补充说明")
    page.keyboard.type("请重拍门头。")
    tab_to(page, "确认退回补充")
    case = page.url
    page.keyboard.press("n")  # the link is focused, not followed: what was written would be lost
    expect(page.locator("[data-key=n]")).to_be_focused()
    assert page.url == case
    tab_to(page, "确认退回补充")
    enter(page)
    expect(main(page)).to_contain_text("待商户补充")
    expect(page.get_by_role("heading", level=1)).to_contain_text(shop)


def test_a_consumer_complains(visitor: Callable[..., Page]) -> None:
    page = visitor(1024, 768)
    page.goto("/s/1/complain")
    tab_to(page, "投诉")  # chosen already: what most people want
    page.keyboard.press("Tab")  # the first trouble of the shop's trade
    page.keyboard.press("Space")
    tab_to(page, "说说经过")
    page.keyboard.type("东西用了一天就坏了。")
    tab_to(page, "退款")
    page.keyboard.press("ArrowRight")
    tab_to(page, "提交投诉")
    enter(page)
    expect(page.get_by_role("heading", name="投诉已经收到")).to_be_visible()
    expect(main(page)).to_contain_text("换货")


def test_after_an_error_the_focus_is_where_it_helps(page: Page, problems: Problems) -> None:
    problems.allow("status of 422")
    page.goto("/s/1/complain")
    page.get_by_role("button", name="提交投诉").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".errors")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#f-topic")).to_be_focused()  # the first of the troubles
