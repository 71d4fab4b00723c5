"""What belongs to others is not there: same answer as for what does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live
from webapp.demo.people_writer import MERCHANT_PHONE, PASSWORD

from . import people
from .people import Draft, main, officer, press


def status(page: Page, address: str) -> int:
    """The status with which the page answers."""
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def test_another_merchants_shop_application_and_complaint(
    live: Live, visitor: Callable[..., Page], problems: Problems, tmp_path: Path
) -> None:
    problems.allow("status of 404")
    owner = visitor()
    people.sign_in_demo_merchant(owner)
    owner.goto("/merchant/")
    shop = int(str(owner.locator("a.tileshop").first.get_attribute("href")).rsplit("/", 1)[1])
    people.complain(visitor(), shop, "找了三次都没有人理。")
    owner.goto("/merchant/complaints?view=settling")
    complaint = str(owner.locator(".casecard").first.get_attribute("href"))

    stranger, who = visitor(java_script=False), people.new_operators(live, tmp_path, 1)[0]
    people.register(stranger, who)
    people.claim(stranger, who)
    application = people.apply(stranger, who, Draft("邻居面馆", "", "东风西路22号", int(who.phone[-4:]) * 10))

    theirs = [
        f"/merchant/shops/{shop}",
        f"/merchant/shops/{shop}/stickers",
        f"/merchant/shops/{shop}/stickers/1",
        f"/merchant/shops/{shop}/stickers/1.png",
        f"/merchant/shops/{shop}/stickers.pdf",
        f"/merchant/shops/{shop}/licences",
        f"/merchant/shops/{shop}/commitments",
        complaint,
    ]
    assert [status(owner, address) for address in theirs[:3]] == [200, 200, 200]
    assert {address: status(stranger, address) for address in theirs} == dict.fromkeys(theirs, 404)
    own = [f"/merchant/applications/{application}", f"/merchant/applications/{application}/preview"]
    assert status(stranger, own[0]) == 200
    assert {address: status(owner, address) for address in own} == dict.fromkeys(own, 404)
    expect(main(owner)).not_to_contain_text("邻居面馆")

    answer = stranger.request.post(f"{complaint}/answer", form={"text": "不是我的店"})
    assert answer.status in {400, 403, 404}, answer.status
    owner.goto(complaint)
    expect(main(owner)).not_to_contain_text("不是我的店")

    elsewhere, here = officer(visitor, live, "zhan2"), officer(visitor, live, "zhan")
    assert status(here, f"/office/applications/{application}") == 200
    assert status(elsewhere, f"/office/applications/{application}") == 404

    licence = str(main(here).locator("[data-viewer] img[src*='/files/']").first.get_attribute("src"))
    seen = {name: page.request.get(licence).status for name, page in (("own", stranger), ("here", here))}
    assert seen == {"own": 200, "here": 200}
    for page in (owner, elsewhere, visitor()):
        assert page.request.get(licence).status in {401, 403, 404}


@pytest.mark.parametrize(
    "address", ["/merchant/", "/merchant/applications", "/merchant/complaints", "/merchant/notices"]
)
def test_a_stranger_is_asked_to_sign_in_and_led_back(page: Page, address: str) -> None:
    page.goto(address)
    expect(page).to_have_url(re.compile("/merchant/login"))
    page.get_by_label("手机号").fill(MERCHANT_PHONE)
    page.get_by_label("密码").fill(PASSWORD)
    press(page, "登录")
    expect(page).to_have_url(re.compile(f"{address}$"))


def test_sides_do_not_mix(visitor: Callable[..., Page], live: Live, problems: Problems) -> None:
    problems.allow("status of (403|404)")
    merchant, desk = visitor(), officer(visitor, live, "zhan")
    people.sign_in_demo_merchant(merchant)
    assert status(merchant, "/office/") in {403, 404} or "/login" in merchant.url
    assert status(desk, "/merchant/") in {403, 404} or "/login" in desk.url
    for address in ("/office/accounts", "/office/revocations", "/office/audit"):
        assert status(desk, address) in {403, 404}, address


def test_a_receipt_that_was_guessed_shows_nothing(page: Page, problems: Problems) -> None:
    problems.allow("status of 404")
    assert status(page, "/complaints/AAAAA-BBBBB-CCCCC-DDDDD") == 404
    page.goto("/complaints")
    page.get_by_label("回执").fill("AAAAABBBBBCCCCCDDDDD")
    press(page, "查看进展")
    expect(main(page)).to_contain_text("没有")
    expect(page.get_by_label("回执")).to_have_value(re.compile("AAAAA", re.IGNORECASE))
