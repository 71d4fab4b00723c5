"""A rating from the scan to the tombstone and back: written, answered, reported, weighed by four officers' hands."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.support.live import Live

from . import people
from .people import confirm, follow, main, officer, press, unfold

HEARTS = ("environment", "quality", "price", "service", "redress")
SAID = "面条筋道汤头鲜，就是店员小张的电话写在墙上不合适"
REPLY = "谢谢您，墙上的字已经擦掉了。"


def said(page: Page) -> Locator:
    """The rating in a list, whoever looks."""
    return main(page).locator("ul > li", has_text=SAID).first


def rate(page: Page, address: str, words: str) -> None:
    """From the scanned page to five hearts, words and a photo that says where it was taken."""
    page.goto(address)
    follow(page, "评价", exact=True)
    for name in HEARTS:
        page.locator(f"label[for=f-{name}-4]").click()
    page.get_by_label("想说的话").fill(words)
    people.upload(page, "#f-photos", people.picture(place=True))
    press(page, "提交评价")
    expect(main(page)).to_contain_text("谢谢，您的评价已经公开")


def test_a_rating_is_answered_reported_removed_on_a_ground_and_comes_back(
    live: Live, visitor: Callable[..., Page]
) -> None:
    guest, owner, neighbour = visitor(), visitor(), visitor()
    people.sign_in_demo_merchant(owner)
    rate(guest, people.scanned_shop_of(owner), SAID)
    shown = said(guest)
    expect(shown).to_contain_text("到店扫码")
    photo = shown.get_by_role("img", name="评价照片")
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 0
    public = guest.url.split("?")[0]
    mean = guest.locator("main .stars").first.inner_text()

    answered(owner)
    neighbour.goto(public)
    mine = said(neighbour)
    expect(mine).to_contain_text(REPLY)
    mine.get_by_role("link", name="举报").click()
    neighbour.get_by_role("radio", name=re.compile("泄露个人信息")).check(force=True)
    press(neighbour, "举报")
    expect(main(neighbour)).to_contain_text("分数低不是移除的理由")

    removed_by_two(officer(visitor, live, "zhan"), officer(visitor, live, "shiju"))
    for page in (guest, neighbour):
        page.goto(public)
        expect(main(page)).not_to_contain_text("面条筋道")
        expect(main(page)).to_contain_text("被移除")
    assert guest.locator("main .stars").first.inner_text() != mean  # what is removed is not counted
    follow(neighbour, "在公开日志里查")
    for _ in range(60):  # the leaf is in the next checkpoint, seconds later
        if "撤下评价" in main(neighbour).inner_text():
            break
        neighbour.wait_for_timeout(500)
        neighbour.reload()
    expect(main(neighbour)).to_contain_text("撤下评价")

    guest.get_by_role("link", name="对移除有异议").first.click()
    guest.get_by_label("为什么不该移除").fill("没有写出号码，只说墙上有。")
    press(guest, "提出异议")
    third = officer(visitor, live, "shiju2")
    third.goto("/office/ratings?state=objected")
    follow(third, "看这一条")
    expect(main(third)).to_contain_text("写评价的那部手机")
    decide(third, "恢复评价", "没有写出号码")
    guest.goto(public)
    expect(said(guest)).to_contain_text(REPLY)
    expect(guest.locator("main .stars").first).to_have_text(mean, use_inner_text=True)


def answered(owner: Page) -> None:
    """The merchant's home leads to what nobody replied to."""
    owner.goto("/merchant/")
    people.open_all_tasks(owner)
    owner.get_by_role("link", name=re.compile(r"回复 \d+ 条顾客评价|^去回复")).first.click()
    one = said(owner)
    one.locator("summary", has_text="回复").click()
    one.get_by_label("公开回复").fill(REPLY)
    with owner.expect_navigation():
        one.get_by_role("button", name="公开回复").click()
    expect(owner.get_by_role("status").first).to_be_visible()


def removed_by_two(station: Page, bureau: Page) -> None:
    """Reported, proposed by one, removed by another on a listed ground."""
    station.goto("/office/ratings?state=reported")
    said(station).get_by_role("link", name="看这一条").click()
    panel = unfold(station, "提出移除")
    panel.get_by_role("radio", name=re.compile("泄露个人信息")).check(force=True)
    panel.locator("textarea").fill("写了店员的电话")
    confirm(station, panel)
    expect(main(station)).to_contain_text("等核定")
    bureau.goto(station.url)
    decide(bureau, "核定移除", "看过了，写了别人的电话")


def decide(page: Page, what: str, why: str) -> None:
    """Take a step of a case, with a reason."""
    panel = unfold(page, what)
    panel.locator("textarea").fill(why)
    confirm(page, panel)
