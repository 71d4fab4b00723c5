"""The merchant's day on the phone: the home says what to do, the answer goes out, poster and stickers follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.live import Live

from . import people
from .people import follow, main, press

STORY = "面里吃出一根钢丝，服务员说不关他们的事。"


def test_from_the_home_to_the_answer_the_poster_and_the_print(
    live: Live, visitor: Callable[..., Page], axe: Callable[..., None]
) -> None:
    owner, guest = visitor(), visitor()
    people.sign_in_demo_merchant(owner)
    people.complain(guest, 1, STORY)

    owner.goto("/merchant/")
    expect(owner.locator(".todo__lead")).to_contain_text(re.compile("答复一件投诉|已到期|快到期"))
    expect(owner.locator(".todo")).to_contain_text(re.compile(r"还有 \d+ (天|小时)"))
    axe(owner)
    people.open_all_tasks(owner)
    cases = owner.locator(".todo a[href*='/complaints/']").evaluate_all("all => all.map(one => one.href)")
    for case in cases:  # other tests complain about this shop, too
        owner.goto(case)
        if STORY in main(owner).inner_text():
            break
    expect(main(owner)).to_contain_text(STORY)
    owner.locator("#answer textarea").fill("对不起，今天就给您退款，并检查后厨。")
    press(owner, "发送回复")
    guest.reload()
    expect(main(guest)).to_contain_text("今天就给您退款")
    owner.goto("/merchant/?shop=1")
    expect(main(owner)).not_to_contain_text("服务态度，等您回复")

    follow(owner, "分享海报")
    poster = owner.request.get(f"{live.url}/merchant/shops/1/poster.png")
    with Image.open(BytesIO(poster.body())) as image:
        (code,) = zxingcpp.read_barcodes(image.convert("L"))
    assert code.text == f"{live.url}/s/1"
    follow(owner, "打印码贴")
    with owner.expect_download() as sheet:
        owner.get_by_role("link", name=re.compile("全部下载")).click()
    assert sheet.value.suggested_filename.endswith(".pdf")
