"""Two officers at one case: one decides, the other is told who was first, and nothing is lost of what they wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from . import people
from .people import Draft, confirm, follow, main, officer, unfold


def submitted(live: Live, visitor: Callable[..., Page], folder: Path) -> int:
    """An application that waits at the station."""
    page, who = visitor(java_script=False), people.new_operators(live, folder, 1)[0]
    people.register(page, who)
    people.claim(page, who)
    return people.apply(page, who, Draft("两人面馆", "", "东风西路24号", int(who.phone[-4:]) * 10))


def test_the_second_decision_is_told_who_was_first(
    live: Live, visitor: Callable[..., Page], problems: Problems, tmp_path: Path
) -> None:
    problems.allow("status of 409")
    application = submitted(live, visitor, tmp_path)
    twice_by_the_same_officer(live, visitor, application)
    one, two = officer(visitor, live, "shiju"), officer(visitor, live, "shiju2")
    for desk in (one, two):
        desk.goto(f"/office/applications/{application}")

    late = unfold(two, "退回补充")
    late.locator("#f-return-code").select_option(index=2)
    late.get_by_role("checkbox", name="证照", exact=True).check()
    late.locator("#f-return-reason").fill("许可证照片反光，看不清号码。")

    panel = unfold(one, "通过")
    panel.locator("#f-approve-code").select_option(index=1)
    confirm(one, panel)
    expect(main(one)).to_contain_text("已通过")

    with two.expect_response(lambda answer: answer.request.method == "POST") as posted:
        confirm(two, late)
    assert posted.value.status == 409
    expect(main(two)).to_contain_text("王海涛：通过，发放诚信码")
    expect(main(two)).to_contain_text("您的操作没有生效")
    expect(main(two)).to_contain_text("许可证照片反光，看不清号码。")
    follow(two, "打开这件申报")
    expect(main(two)).to_contain_text("已通过")


def twice_by_the_same_officer(live: Live, visitor: Callable[..., Page], application: int) -> None:
    """One officer with the case open in two windows: the second press changes nothing."""
    here, there = officer(visitor, live, "zhan"), officer(visitor, live, "zhan")
    for desk in (here, there):
        desk.goto(f"/office/applications/{application}")
        unfold(desk, "报市（县）局").locator("#f-pass_on-code").select_option(index=1)
    confirm(here, unfold(here, "报市（县）局"))
    confirm(there, unfold(there, "报市（县）局"))
    expect(main(there)).to_contain_text("您的操作没有生效")
    here.reload()
    expect(main(here).get_by_text("所审核同意，报市（县）局", exact=True)).to_have_count(1)


def test_two_officers_at_a_complaint(live: Live, visitor: Callable[..., Page], problems: Problems) -> None:
    problems.allow("status of 409")
    consumer = visitor()
    number = people.complain(consumer, 1, "问了三次都没有人理。")

    merchants_answer(visitor, number)
    consumer.reload()
    panel = unfold(consumer, "没有解决")
    panel.locator("textarea").fill("没有道歉。")
    confirm(consumer, panel)

    desks = [officer(visitor, live, name) for name in ("shiju", "shiju2")]
    for desk in desks:
        desk.goto(f"/office/complaints?state=&text={number}")
        desk.locator("table a", has_text=number).first.click()
    confirm(desks[0], unfold(desks[0], "受理"))
    refusal = unfold(desks[1], "不予受理")
    refusal.locator("select[name=ground]").select_option("not_consumer")
    refusal.locator("textarea").fill("不属于消费争议。")
    confirm(desks[1], refusal)
    expect(main(desks[1])).to_contain_text("这一步没有办成")
    expect(main(desks[1])).to_contain_text("王海涛")
    expect(main(desks[1]).get_by_label("您刚才写的")).to_have_value("不属于消费争议。")


def merchants_answer(visitor: Callable[..., Page], number: str) -> None:
    """The demo city's merchant of shop 1 answers."""
    merchant = visitor()
    people.sign_in_demo_merchant(merchant)
    merchant.goto("/merchant/complaints?view=settling")
    merchant.locator(".casecard", has_text="问了三次都没有人理。").click()
    expect(main(merchant)).to_contain_text(number)
    merchant.get_by_label("怎么回复").fill("当时人多，抱歉。")
    people.press(merchant, "发送回复")
