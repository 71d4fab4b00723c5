"""A consumer signs in by phone on one device and by WeChat on another: complaints, ratings and shops are in both."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import Problems

from . import people
from .people import follow, main, press

PHONE = "13910230045"
STORY = "洗衣机修了两次还漏水，师傅说下周再来就没有下文。"


def sign_in_by_phone(page: Page) -> None:
    """The number, then the code that came."""
    page.goto("/me/login")
    page.get_by_label("手机号").fill(PHONE)
    press(page, "发验证码")
    page.get_by_label("短信验证码").fill(people.sms_code(page, PHONE))
    press(page, "登录", exact=True)


def through_wechat(page: Page, link: str) -> None:
    """Out to WeChat, which asks who one is, and back."""
    page.get_by_role("link", name=link).click()
    expect(page.get_by_role("heading", name="WeChat simulator")).to_be_visible()
    page.get_by_role("link", name="Li").click()


def section(page: Page, name: str) -> None:
    """One of the four parts of 我的."""
    page.get_by_role("navigation", name="我的").get_by_role("link", name=name).click()


def test_what_was_done_without_an_account_is_together_on_every_phone(visitor: Callable[..., Page]) -> None:
    first, second = visitor(), visitor()
    first.goto("/s/2")
    name = first.locator(".place .name").inner_text().strip()
    keep = first.locator("[data-favourite]")
    expect(keep).to_have_attribute("role", "button")
    keep.click()
    expect(keep).to_have_attribute("aria-pressed", "true")
    first.goto("/s/2/rate")
    for heart in ("environment", "quality", "price", "service", "redress"):
        first.locator(f"label[for=f-{heart}-5]").click()
    press(first, "提交评价")
    first.goto("/s/2/complain")
    first.get_by_text("服务态度", exact=True).click()
    first.get_by_label("说说经过").fill(STORY)
    first.get_by_text("道歉", exact=True).click()
    first.get_by_label("您的手机号").fill(PHONE)
    press(first, "提交投诉")
    expect(first.get_by_role("heading", name="投诉已经收到")).to_be_visible()

    first.goto("/me")  # nothing needed it; now it is asked for
    expect(first).to_have_url(re.compile("/me/login"))
    sign_in_by_phone(first)
    together(first, name)
    section(first, "账号")
    through_wechat(first, "绑定微信")
    expect(main(first)).to_contain_text("已绑定")

    second.goto("/me/login")
    through_wechat(second, "用微信登录")
    together(second, name)
    section(second, "账号")
    press(second, "退出登录")
    second.goto("/me")
    expect(second).to_have_url(re.compile("/me/login"))


def together(page: Page, shop: str) -> None:
    """The complaint, the rating and the shop that was kept."""
    expect(main(page)).to_contain_text(STORY)
    section(page, "评价")
    expect(main(page).get_by_role("link", name=shop)).to_have_count(1)
    section(page, "收藏的店")
    kept, again = main(page).get_by_role("link", name=shop), page.get_by_role("link", name="看新的")
    expect(again.or_(kept).first).to_be_visible()
    if again.is_visible():  # this phone's own list came in just now
        again.click()
    expect(kept).to_be_visible()


def test_wechat_says_no_and_the_phone_still_works(page: Page, problems: Problems) -> None:
    problems.allow("status of 422")
    page.goto("/me/wechat/back?state=guessed&code=x")
    expect(main(page)).to_contain_text("微信")
    follow(page, re.compile("登录"))
    expect(page.get_by_label("手机号")).to_be_visible()
