"""An officer has stickers printed: the file is made in the background, a print shop downloads it by a link, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import zxingcpp
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from .people import main, officer, press, unfold


def test_a_file_goes_to_a_print_shop(
    visitor: Callable[..., Page], live: Live, problems: Problems, tmp_path: Path
) -> None:
    problems.allow("status of 410")
    desk = officer(visitor, live, "shiju")
    desk.goto("/office/printing/new?place=door&template=door")
    expect(main(desk).get_by_role("img", name="第一张码贴印出来的样子")).to_be_visible()
    desk.get_by_role("button", name=re.compile("张的印刷文件")).click()
    expect(main(desk)).to_contain_text("已开始生成")
    # The page renews itself until the worker has made the file.
    expect(desk.get_by_role("link", name=re.compile("下载文件"))).to_be_visible(timeout=60_000)
    panel = unfold(desk, "生成一个下载链接")
    panel.get_by_label("交给哪家打印店").fill("城东图文快印")
    press(desk, "生成链接")
    address = desk.locator(".copy__text").inner_text()

    shop = visitor(390, 844)
    shop.goto("/handover/" + address.rsplit("/", 1)[1])
    expect(main(shop)).to_contain_text("按 100% 原大印")
    with shop.expect_download() as download:
        shop.get_by_role("button", name=re.compile("下载文件")).click()
    path = tmp_path / "stickers.pdf"
    download.value.save_as(path)
    document = pypdfium2.PdfDocument(path)
    found = zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil())
    document.close()
    assert len(found) == 4
    shop.reload()
    expect(main(shop)).to_contain_text("下载次数已经用完")
    desk.reload()
    expect(main(desk)).to_contain_text("已下载 1 / 1 次")
