"""The merchant's side in 长辈版: one next step first, the rest behind 「更多」, and nothing lost behind it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Problems, axe_violations

from . import people
from .people import enter_large_view, follow, main, press
from .test_keyboard import enter, stops, tab_to

#: Pages that fold something away in the large view.
FOLDING = (
    "/merchant/",
    "/merchant/complaints",
    "/merchant/ratings",
    "/merchant/shops/1",
    "/merchant/shops/1/changes/name",
    "/merchant/shops/1/commitments",
    "/merchant/shops/1/poster",
    "/merchant/shops/1/scans",
    "/merchant/shops/1/stickers",
    "/merchant/shops/1/stickers/1",
    "/merchant/printing/new?new=0",
)
#: What somebody can do on a page: addresses, fields and buttons, whether they are folded away or not.
WAYS = """
() => [...new Set([...document.querySelectorAll("main a[href], .tabbar a[href], main form [name]:not([type=hidden])")]
  .map(one => one.getAttribute("href") || one.getAttribute("name")))].sort()
"""
#: How many of them are in sight.
IN_SIGHT = """
() => [...document.querySelectorAll("main a[href], .tabbar a[href], main form [name]:not([type=hidden])")]
  .filter(one => one.checkVisibility()).length
"""
#: Those that stay hidden though every fold is open.
LOST = """
() => [...document.querySelectorAll("main a[href], .tabbar a[href], main form [name]:not([type=hidden])")]
  .filter(one => !one.checkVisibility() && !one.closest("[hidden]"))
  .map(one => one.getAttribute("href") || one.getAttribute("name"))
"""


def open_every_fold(page: Page) -> None:
    """By the keyboard, and until none is left: a fold may hold another."""
    closed = page.locator("details:not([open]) > summary:visible")
    while closed.count():
        closed.first.press("Enter")


def test_fewer_choices_are_in_sight_and_none_is_lost_without_scripts(quiet: Page) -> None:
    people.sign_in_demo_merchant(quiet)
    before = {}
    for address in FOLDING:
        quiet.goto(address)
        before[address] = quiet.evaluate(WAYS), quiet.evaluate(IN_SIGHT)
    enter_large_view(quiet)
    found = []
    for address, (ways, seen) in before.items():
        quiet.goto(address)
        if lost := set(ways) - set(quiet.evaluate(WAYS)):
            found.append(f"{address}: not there at all: {lost}")
        if quiet.evaluate(IN_SIGHT) >= seen:
            found.append(f"{address}: as much in sight as before")
        open_every_fold(quiet)
        if lost := quiet.evaluate(LOST):
            found.append(f"{address}: behind no fold: {lost}")
    assert not found, "\n" + "\n".join(found)


def test_the_home_says_one_thing_first(page: Page, visitor: Callable[..., Page]) -> None:
    people.complain(visitor(), 1, "面坨了，问了没有人理。")
    people.sign_in_demo_merchant(page)
    enter_large_view(page)
    page.goto("/merchant/")
    expect(page.locator(".todo__lead")).to_have_count(1)
    assert page.locator(".todo__one:visible").count() == 0
    assert page.locator("main .btn--primary:visible").count() == 1
    people.open_all_tasks(page)
    expect(page.locator(".todo__one").first).to_be_visible()
    tabs = page.locator(".tabbar > .tabbar__item, .tabbar > details > summary")
    assert [" ".join(one.split())[:2] for one in tabs.all_inner_texts()] == [
        "门店",
        "投诉",
        "评价",
        "消息",
        "更多",
    ]


def test_a_complaint_is_answered_and_settling_comes_after(page: Page, visitor: Callable[..., Page]) -> None:
    story = "汤里有一根头发，大字的人也要会答复。"
    guest = visitor()
    people.complain(guest, 1, story)
    people.sign_in_demo_merchant(page)
    enter_large_view(page)
    page.goto("/merchant/complaints?view=settling")
    for case in page.locator(".casecard").evaluate_all("all => all.map(one => one.href)"):
        page.goto(case)
        if story in main(page).inner_text():
            break
    expect(page.locator("#answer textarea")).to_be_visible()
    expect(page.locator("#answer input[type=file]")).not_to_be_visible()
    order = page.evaluate(
        "() => document.querySelector('#answer').compareDocumentPosition(document.querySelector('#f-offer-text')) & 4"
    )
    assert order, "the offer to settle stands before the answer"
    page.locator("#answer textarea").fill("对不起，给您重做一碗。")
    press(page, "发送回复")
    guest.reload()
    expect(main(guest)).to_contain_text("给您重做一碗")


def test_what_is_filled_in_or_wrong_is_not_folded_away(quiet: Page, problems: Problems) -> None:
    problems.allow("status of 422")
    people.sign_in_demo_merchant(quiet)
    enter_large_view(quiet)
    quiet.goto("/merchant/shops/1/changes/name")
    fold = quiet.locator("details.more")
    expect(quiet.locator("#f-note")).not_to_be_visible()
    fold.locator("summary").click()
    quiet.locator("#f-note").fill("招牌换了。")
    quiet.locator("#f-name").fill("")
    press(quiet, "提交变更申请")
    expect(quiet.locator(".errors")).to_be_visible()
    expect(quiet.locator("#f-note")).to_have_value("招牌换了。")
    expect(quiet.locator("#f-note")).to_be_visible()


def test_what_is_folded_is_reached_by_the_keyboard(page: Page) -> None:
    people.sign_in_demo_merchant(page)
    enter_large_view(page)
    page.goto("/merchant/")
    tab_to(page, "更多")
    page.keyboard.press("Enter")
    tab_to(page, "我的")
    enter(page)
    expect(page).to_have_url(re.compile("/merchant/me$"))
    expect(page.locator(".tabbar__item--here")).to_have_text("更多")
    page.goto("/merchant/shops/1")
    tab_to(page, "更多：")
    page.keyboard.press("Enter")
    tab_to(page, "证照和有效期")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("证照")
    found = [line for address in ("/merchant/", "/merchant/ratings") for line in stops(page, address)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("language", ["hans", "en"])
def test_axe_finds_nothing_with_the_folds_shut_and_open(visitor: Callable[..., Page], language: str) -> None:
    page = visitor(390, 3000)
    people.sign_in_demo_merchant(page)
    page.goto(f"/view?lang={language}&next=/merchant/")
    enter_large_view(page)
    found = []
    for address in FOLDING:
        page.set_viewport_size({"width": 390, "height": 3000})
        page.goto(address)
        found += [f"{address}: {line}" for line in axe_violations(page)]
        open_every_fold(page)
        found += [f"{address}, open: {line}" for line in axe_violations(page, within="main")]
        page.set_viewport_size({"width": 320, "height": 3000})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{address}: {wide} pixels wider than a window of 320")
    assert not found, "\n" + "\n".join(found)


def test_a_desk_has_the_tabs_below_the_top_bar(desk: Page) -> None:
    people.sign_in_demo_merchant(desk)
    desk.goto("/merchant/shops/1")
    tabs, first = desk.locator(".tabbar").bounding_box(), main(desk).bounding_box()
    assert tabs
    assert first
    assert tabs["y"] < 80
    assert tabs["y"] + tabs["height"] <= first["y"]
    follow(desk, "我的")
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
