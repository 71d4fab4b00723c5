"""The same pages in a browser that runs no script: everything a person needs still works."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from . import people
from .people import Draft, confirm, follow, main, press, unfold


def a_scanned_shop(page: Page) -> str:
    """The address on a sticker of a shop that is vouched for, from the guide through the demo city."""
    page.goto("/demo")
    link = page.locator("main a[href^='/c/']").first.get_attribute("href")
    assert link
    return link


def test_scan_complain_follow_and_rate(quiet: Page, problems: Problems) -> None:
    problems.allow("status of 422")
    address = a_scanned_shop(quiet)
    quiet.goto(address)
    expect(quiet.get_by_role("heading", level=1)).to_contain_text("核验")
    quiet.get_by_text("扫这张码能证明什么").click()
    expect(main(quiet)).to_contain_text("能证明")

    quiet.get_by_role("link", name="投诉").last.click()
    quiet.get_by_label("不肯退换").check()
    quiet.get_by_label("说说经过").fill("短")
    press(quiet, "提交投诉")
    expect(main(quiet)).to_contain_text("请说说经过")
    expect(quiet.get_by_label("不肯退换")).to_be_checked()
    quiet.get_by_label("说说经过").fill("买的鞋没有穿过，吊牌都在，第二天去退不给退。")
    people.upload(quiet, "#f-photos", people.picture(), people.picture("#36c"))
    press(
        quiet, "提交投诉"
    )  # what the merchant should do is still missing: the photos must not be asked for again
    expect(main(quiet)).to_contain_text("请选一下希望商家怎么做")
    quiet.get_by_label("退款").check()
    press(quiet, "提交投诉")
    expect(quiet.get_by_role("heading", name="投诉已经收到")).to_be_visible()
    expect(main(quiet).locator(".photos img, a[href*='/complaints/photos/'] img")).to_have_count(2)
    receipt = re.sub(r"\s", "", quiet.url.split("/complaints/")[1].split("?")[0]).upper()

    quiet.goto("/complaints")
    quiet.get_by_label("回执").fill(f" {receipt} ")
    press(quiet, "查看进展")
    expect(main(quiet)).to_contain_text("吊牌都在")
    panel = unfold(quiet, "补充说明和照片")
    panel.locator("textarea").fill("小票也在。")
    confirm(quiet, panel)
    expect(main(quiet)).to_contain_text("小票也在。")
    confirm(quiet, unfold(quiet, "已经解决了"))
    follow(quiet, "给这家店评价")
    press(quiet, "提交评价")
    expect(main(quiet)).to_contain_text("请给“环境舒心”打分")
    for name in ("environment", "quality", "price", "service", "redress"):
        quiet.locator(f"#f-{name}-5").check(force=True)
    press(quiet, "提交评价")
    expect(main(quiet)).to_contain_text("谢谢，您的评价已经公开")


def test_this_is_not_the_shop(quiet: Page) -> None:
    quiet.goto(a_scanned_shop(quiet))
    follow(quiet, "这不是这家店")
    expect(main(quiet)).to_contain_text("12315")
    follow(quiet, "返回")
    expect(quiet.get_by_role("heading", level=1)).to_contain_text("核验")


def test_check_a_code_by_its_printed_words(quiet: Page) -> None:
    quiet.goto(a_scanned_shop(quiet))
    text = main(quiet).inner_text()
    check = re.search(r"\n([0-9A-Z]{4} [0-9A-Z]{4})\n", text)
    assert check, text
    follow(quiet, "这不是这家店")
    text = main(quiet).inner_text()
    number = re.search(r"编号 (\d{6}-\d\d)", text)
    assert number, text
    quiet.goto("/verify")
    quiet.get_by_role("textbox", name="贴号").fill(number[1])
    quiet.get_by_role("textbox", name="核对码").fill(check[1].lower())
    quiet.get_by_role("button", name="查验").last.click()
    expect(main(quiet)).to_contain_text("签发")
    expect(main(quiet)).to_contain_text(number[1])


def test_apply_from_the_first_step_to_handing_in(quiet: Page, live: Live, tmp_path: Path) -> None:
    who = people.new_operators(live, tmp_path, 1)[0]
    people.register(quiet, who)
    people.claim(quiet, who)
    people.apply(quiet, who, Draft("无脚本面馆", "", "东风西路20号", int(who.phone[-4:]) * 10))
    confirm(quiet, unfold(quiet, "撤回申报"))
    expect(main(quiet)).to_contain_text("您已经撤回这次申报")


def test_an_officer_suspends_and_takes_it_back(visitor: Callable[..., Page], live: Live) -> None:
    page = visitor(*people.DESK, java_script=False)
    people.sign_in_officer(page, live, "shiju2")
    page.goto("/office/shops?state=active")
    page.locator("table a").first.click()
    panel = unfold(page, "暂停诚信码")
    panel.locator("select").select_option(index=1)
    panel.locator("textarea").fill("无脚本也能办。")
    confirm(page, panel)
    expect(main(page)).to_contain_text("无脚本也能办。")
    press(page, "撤回刚才的暂停")
    expect(main(page)).to_contain_text("有效，没有暂停原因")


def test_a_receipt_is_taken_home_and_checked(quiet: Page, problems: Problems, tmp_path: Path) -> None:
    """From the scanned page to the leaf of its decision; the receipt is a file, and is checked, also a spoilt one."""
    problems.allow("status of 422")
    quiet.goto(a_scanned_shop(quiet))
    follow(quiet, re.compile("公示日志第"))
    expect(quiet.get_by_role("heading", level=1)).to_have_text(re.compile(r"公示日志第\s*\d+\s*条"))
    expect(main(quiet)).to_contain_text("证明这条记录在公示日志里")
    with quiet.expect_download() as coming:
        quiet.get_by_role("link", name="下载凭证").click()
    whole, spoilt = tmp_path / "a.tlog-proof", tmp_path / "b.tlog-proof"
    coming.value.save_as(whole)
    spoilt.write_text(whole.read_text("utf-8").replace("\nindex ", "\nindex 1"), "utf-8")
    follow(quiet, "怎样核对")
    for file, said in ((spoilt, "被改动过"), (whole, "对得上")):
        quiet.get_by_label("凭证文件").set_input_files(file)
        press(quiet, "核对")
        expect(quiet.locator("#check .alert")).to_contain_text(said)
    quiet.get_by_label("第几条").fill("第 2 条")
    press(quiet, "查看")
    expect(quiet.get_by_role("heading", level=1)).to_contain_text("第 2 条")


def test_search_filter_sign_in_and_what_favourites_need(quiet: Page) -> None:
    quiet.goto("/shops")
    quiet.get_by_role("searchbox").fill("面")
    press(quiet, "查找")
    expect(main(quiet)).to_contain_text(re.compile(r"“面”共 \d+ 家"))
    filters = unfold(quiet, "筛选")
    filters.get_by_label("区县").select_option("莲池区")
    confirm(quiet, filters)
    expect(quiet).to_have_url(re.compile(r"q=.*district=130606|district=130606.*q="))
    quiet.goto("/favourites")
    expect(main(quiet)).to_contain_text("收藏要用到浏览器的脚本功能")
    quiet.goto("/me/login")
    quiet.get_by_label("手机号").fill("13900005511")
    press(quiet, "发验证码")
    quiet.get_by_label("短信验证码").fill(people.sms_code(quiet, "13900005511"))
    press(quiet, "登录")
    expect(quiet).to_have_url(re.compile("/me$"))
    expect(main(quiet)).to_contain_text("投诉")


def test_a_merchant_answers_and_replies(visitor: Callable[..., Page]) -> None:
    consumer, merchant = visitor(java_script=False), visitor(java_script=False)
    people.complain(consumer, 1, "买的票没有用上，退票没有人理。")
    people.sign_in_demo_merchant(merchant)
    merchant.goto("/merchant/complaints")
    merchant.locator(".casecard").filter(has_text="退票没有人理").click()
    merchant.get_by_label("怎么回复").fill("今天就把票钱退到原来的卡上。")
    people.upload(merchant, "#f-photos", people.picture())
    press(merchant, "发送回复")
    expect(main(merchant)).to_contain_text("今天就把票钱退到原来的卡上。")
    consumer.reload()
    expect(main(consumer)).to_contain_text("今天就把票钱退到原来的卡上。")
    merchant.goto("/merchant/ratings")
    panel = unfold(merchant, "回复")
    panel.locator("textarea").fill("谢谢，欢迎再来。")
    confirm(merchant, panel)
    expect(main(merchant)).to_contain_text("谢谢，欢迎再来。")
