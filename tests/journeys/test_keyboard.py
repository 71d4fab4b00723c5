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
#: A date has as many stops as parts, and one for its calendar.
PARTS = 6
#: Where the focus is: does something around it show a ring, and does any of it lie in the open?
#: What is drawn for a hidden radio or file input stands next to it.
STOP = """
() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const rings = one => {
    if (!one) return false;
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const after = it.nextElementSibling, faces = [it, after, it.closest("label")];
  for (let one = after, left = 3; one && left; one = one.nextElementSibling, left--) faces.push(one);
  const face = faces.find(one => one !== it && rings(one)) || it, box = face.getBoundingClientRect();
  let open = 0;
  for (const across of [0.1, 0.5, 0.9]) for (const down of [0.15, 0.5, 0.85]) {
    const there = document.elementFromPoint(box.left + box.width * across, box.top + box.height * down);
    if (there && (face.contains(there) || there.contains(face) || it.contains(there))) open++;
  }
  const words = it.getAttribute("aria-label") || it.innerText || it.name || "";
  return { number: [...document.querySelectorAll("*")].indexOf(it), ring: faces.some(rings), open,
           name: it.tagName + "." + it.className + " " + words.trim().slice(0, 20) };
}
"""


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


def stops(page: Page, address: str) -> list[str]:
    """What is wrong on the way of the tab key through a whole page: no ring, hidden under a bar, or no way on."""
    page.goto(address)
    found: list[str] = []
    seen: list[int] = []
    for _ in range(3 * FAR):
        page.keyboard.press("Tab")
        here = page.evaluate(STOP)
        if here is None or (here["number"] in seen and here["number"] != seen[-1]):
            break  # past the end, or round to the beginning
        if seen[-PARTS:] == [here["number"]] * PARTS:
            return [*found, f"{address}: no way on from {here['name']}"]
        seen.append(here["number"])
        if not here["ring"]:
            found.append(f"{address}: no ring at {here['name']}")
        if not here["open"]:
            found.append(f"{address}: {here['name']} has the focus and lies hidden")
    assert len(set(seen)) > 5, f"{address}: hardly anything has the focus"
    return found


def test_the_focus_is_seen_all_the_way_on_consumers_pages(visitor: Callable[..., Page]) -> None:
    page = visitor(390, 844)
    addresses = ("/", "/shops?q=面", "/shops/map", "/s/1", "/s/1/complain", "/s/1/rate", "/verify")
    found = [line for address in addresses for line in stops(page, address)]
    page.goto("/view?view=elder&next=/")
    found += [line for address in ("/s/1", "/s/1/complain") for line in stops(page, address)]
    assert not found, "\n" + "\n".join(found)


def test_the_focus_is_seen_all_the_way_on_merchants_and_officers_pages(
    visitor: Callable[..., Page], live: Live
) -> None:
    page = visitor(390, 844)
    people.sign_in_demo_merchant(page)
    merchants = (
        "/merchant/",
        "/merchant/ratings",
        "/merchant/shops/1/changes/place",
        "/merchant/shops/1/licences/business_licence",
    )
    found = [line for address in merchants for line in stops(page, address)]
    desk = people.officer(visitor, live, "shiju")
    officers = ("/office/", "/office/shops/1", "/office/listings/new?shop=1&colour=black")
    found += [line for address in officers for line in stops(desk, address)]
    assert not found, "\n" + "\n".join(found)
