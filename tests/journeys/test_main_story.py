"""The whole story: a shop is vouched for, scanned, complained about, suspended, restored, listed and struck off."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

from . import people
from .people import Draft, confirm, follow, main, officer, press, unfold

VOUCHED = "这家店已由保定市市场监督管理局核验"
#: Answers in a row, each over a connection of its own, that both workers have surely given some of.
MANY = 60
#: What a status change may take to show in every worker, seconds.
PROMISED = 1.0


def is_green(live: Live, address: str) -> bool:
    """What somebody who scans now is told, over a connection of its own."""
    connection = http.client.HTTPConnection(live.host, timeout=10)
    connection.request("GET", urlsplit(address).path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    assert answer.status in {200, 410}, answer.status
    return "verdict--good" in page


def watch(live: Live, address: str, stop: Event) -> float:
    """Ask again and again until `stop` and then `MANY` times more; when the last green answer was asked for."""
    last, after, end = 0.0, 0, time.monotonic() + 60
    while after < MANY:
        assert time.monotonic() < end, "it never changed"
        asked = time.monotonic()
        after = after + 1 if stop.is_set() else 0
        if is_green(live, address):
            last, after = asked, 0
    return last


def shows_everywhere_at_once(live: Live, address: str, act: Callable[[], None]) -> None:
    """`act` takes the seal away: no worker may answer with it to whoever asks a second later."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        last: Future[float] = pool.submit(watch, live, address, stop)
        act()
        decided = time.monotonic()
        stop.set()
        assert last.result() - decided < PROMISED


@pytest.mark.timeout(600)
def test_from_the_first_form_to_the_last_scan(
    live: Live, visitor: Callable[..., Page], problems: Problems, tmp_path: Path
) -> None:
    problems.allow("status of (404|422)")  # refused forms and forged codes are part of the story
    who = people.new_operators(live, tmp_path, 1)[0]
    merchant, consumer = visitor(), visitor()
    station, bureau = officer(visitor, live, "zhan"), officer(visitor, live, "shiju")

    first, second = apply_for_two_shops(merchant, who)
    returned_and_mended(merchant, station, first)
    people.approve(station, bureau, first)
    people.approve(station, bureau, second)

    shop, address = first_sticker(merchant, "东风西路店")
    scan_is_green(consumer, address)
    follow_up = complain(consumer, address)
    argue_and_settle(consumer, merchant, station, follow_up)
    rate(consumer, follow_up, address)

    suspend_and_restore(live, bureau, merchant, consumer, shop, address)
    newer = replace_sticker(merchant, consumer, shop, address)
    forge(consumer, newer)

    other, other_address = first_sticker(merchant, "七一路店")
    second = officer(visitor, live, "shiju2")
    black_list(live, bureau, second, merchant, consumer, other, other_address)
    strike_off(live, consumer, who, newer, tmp_path)


def apply_for_two_shops(merchant: Page, who: people.Operator) -> tuple[int, int]:
    """Register, mistype, claim, state two shops; returns their applications."""
    people.register(merchant, who)
    merchant.goto("/merchant/apply")
    wrong = who.uscc[:-1] + ("1" if who.uscc[-1] != "1" else "2")
    merchant.get_by_label("统一社会信用代码").fill(wrong)
    press(merchant, "下一步")
    expect(main(merchant)).to_contain_text("校验位对不上")
    expect(merchant.get_by_label("统一社会信用代码")).to_have_value(wrong)
    people.claim(merchant, who)
    number = int(who.phone[-4:]) * 10
    first = people.apply(merchant, who, Draft("巷口面馆", "东风西路店", "东风西路18号底商", number))
    merchant.goto("/merchant/")
    follow(merchant, "添一家店")
    draft = Draft("巷口面馆", "七一路店", "七一中路88号", number + 1, street="新市场街道")
    second = people.apply(merchant, who, draft, fresh=False)
    return first, second


def returned_and_mended(merchant: Page, station: Page, application: int) -> None:
    """The officer asks for a better photo; the merchant sees what is asked, mends it and hands in again."""
    station.goto(f"/office/applications/{application}")
    expect(main(station)).to_contain_text("登记状态为存续（在业）")
    panel = unfold(station, "退回补充")
    panel.locator("#f-return-code").select_option(index=1)
    panel.get_by_role("checkbox", name="门头照片").check()
    panel.locator("#f-return-reason").fill("招牌没有拍全，请站远一点重拍。")
    confirm(station, panel)

    merchant.goto("/merchant/")
    expect(main(merchant)).to_contain_text("申报被退回，需要您修改")
    people.take_up(merchant, "申报被退回")
    expect(main(merchant)).to_contain_text("招牌没有拍全，请站远一点重拍。")
    follow(merchant, "去修改")
    press(merchant, "去掉这张")
    people.add_photos(merchant, [people.picture("#2a6", place=True)])
    merchant.goto(f"/merchant/applications/{application}/preview")
    expect(main(merchant)).to_contain_text("和上次提交相比，您改了")
    merchant.get_by_label("以上内容和上传的照片都是真实的").check()
    press(merchant, "重新提交")
    station.goto(f"/office/applications/{application}")
    expect(main(station)).to_contain_text("上次要求补充的和这次改动的")
    expect(main(station)).not_to_contain_text("和上次提交相比，没有改动")


def first_sticker(merchant: Page, branch: str) -> tuple[int, str]:
    """From the merchant's home to the printed sticker; returns the shop's number and what a camera reads."""
    merchant.goto("/merchant/")
    with merchant.expect_navigation():
        merchant.locator("a.tileshop", has_text=branch).first.click()
    shop = int(merchant.url.rsplit("/", 1)[1])
    follow(merchant, re.compile("^码贴"))
    follow(merchant, re.compile("门口.*贴号"))
    files = {}
    for form in ("png", "svg", "pdf"):
        with merchant.expect_download() as download:
            merchant.locator(f"a[href*='.{form}']").first.click()
        files[form] = Path(download.value.path()).read_bytes()
    assert files["pdf"].startswith(b"%PDF-")
    assert b"<svg" in files["svg"][:300]
    return shop, people.read_code(files["png"])


def scan_is_green(consumer: Page, address: str) -> None:
    """The first view says who vouches, and which shop; the photo says nothing of where it was taken."""
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text(VOUCHED)
    expect(consumer.get_by_role("heading", name="巷口面馆")).to_be_in_viewport()
    expect(consumer.get_by_role("link", name="投诉").last).to_be_in_viewport()
    expect(main(consumer)).to_contain_text("0312-5901234")
    photo = consumer.locator("img.photo, img[src*='/media/']").first
    expect(photo).to_be_in_viewport()
    answer = consumer.request.get(str(photo.get_attribute("src")))
    with Image.open(BytesIO(answer.body())) as image:
        assert not image.getexif()


def complain(consumer: Page, address: str) -> str:
    """The form from the scan, first without the story; returns the follow-up page's address."""
    consumer.goto(address)
    consumer.get_by_role("link", name="投诉").last.click()
    consumer.get_by_text("质量不好", exact=True).click()
    press(consumer, "提交投诉")
    expect(main(consumer)).to_contain_text("请说说经过")
    expect(consumer.get_by_role("radio", name="质量不好")).to_be_checked()
    consumer.get_by_label("说说经过").fill("牛肉面里吃出一根头发，服务员说换一碗要加钱。")
    people.upload(consumer, "#f-photos", people.picture("#777", place=True))
    consumer.get_by_text("退款", exact=True).click()
    consumer.get_by_label("涉及多少钱").fill("28.5")
    consumer.get_by_label("您的手机号").fill("15400008888")
    press(consumer, "提交投诉")
    expect(consumer.get_by_role("heading", name="投诉已经收到")).to_be_visible()
    return consumer.url.split("?")[0]


def argue_and_settle(consumer: Page, merchant: Page, station: Page, follow_up: str) -> None:
    """The merchant answers, the consumer disagrees, the authority takes it, the money comes, it is resolved."""
    merchant.goto("/merchant/")
    expect(main(merchant)).to_contain_text("1 件投诉等您回复")
    people.take_up(merchant, "答复一件投诉")  # the first thing to do leads straight to the case
    expect(main(merchant)).to_contain_text("154****8888")
    expect(main(merchant)).not_to_contain_text("15400008888")
    merchant.get_by_label("怎么回复").fill("很抱歉，退您 28.5 元。")
    press(merchant, "发送回复")

    consumer.goto(follow_up)
    expect(main(consumer)).to_contain_text("很抱歉，退您 28.5 元。")
    panel = unfold(consumer, "没有解决")
    panel.locator("textarea").fill("钱没有到。")
    confirm(consumer, panel)
    expect(main(consumer)).to_contain_text("已转监管部门")

    station.goto("/office/complaints?state=referred")
    station.locator("table a", has_text="TS").first.click()
    expect(main(station)).to_contain_text("钱没有到。")
    confirm(station, unfold(station, "受理"))
    expect(main(station)).to_contain_text("监管部门调解中")

    consumer.goto(follow_up)
    confirm(consumer, unfold(consumer, "已经解决了"))
    expect(main(consumer)).to_contain_text("已经记下：问题解决了")


def rate(consumer: Page, follow_up: str, address: str) -> None:
    """Five hearts after the complaint; the scan page counts them."""
    consumer.goto(follow_up)
    follow(consumer, "给这家店评价")
    for name in ("environment", "quality", "price", "service", "redress"):
        consumer.locator(f"label[for=f-{name}-4]").click()
    consumer.locator("textarea").fill("面好吃，处理也算快。")
    press(consumer, "提交评价")
    expect(main(consumer)).to_contain_text("面好吃，处理也算快。")
    consumer.goto(address)
    expect(main(consumer)).to_contain_text("1 条评价")
    expect(main(consumer)).to_contain_text("共收到 1 件投诉，其中 1 件先请商家答复：答复了 1 件")


def suspend_and_restore(
    live: Live, bureau: Page, merchant: Page, consumer: Page, shop: int, address: str
) -> None:
    """The officer suspends: within a second no worker vouches any more. Then restores."""
    bureau.goto(f"/office/shops/{shop}")
    panel = unfold(bureau, "暂停诚信码")
    panel.locator("select").select_option(index=1)
    panel.locator("textarea").fill("现场检查发现后厨卫生不达标。")
    shows_everywhere_at_once(live, address, lambda: confirm(bureau, panel))
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text("已暂停")
    expect(main(consumer)).to_contain_text("现场检查发现后厨卫生不达标。")
    merchant.goto("/merchant/")
    expect(main(merchant)).to_contain_text("诚信码已暂停")

    panel = unfold(bureau, "解除这项暂停")
    panel.locator("select").select_option(index=1)
    panel.locator("textarea").fill("复查合格。")
    confirm(bureau, panel)
    expect(main(bureau)).to_contain_text("已解除这项暂停")
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text(VOUCHED)


def replace_sticker(merchant: Page, consumer: Page, shop: int, address: str) -> str:
    """A reprint kills its predecessor; returns what the new one says."""
    merchant.goto(f"/merchant/shops/{shop}/stickers/1")
    panel = unfold(merchant, "换一张新的")
    panel.locator("select").select_option(index=1)
    confirm(merchant, panel)
    with merchant.expect_download() as download:
        merchant.locator("a[href*='.png']").first.click()
    newer = people.read_code(Path(download.value.path()).read_bytes())
    assert newer != address
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text("这张码贴已换新")
    consumer.goto(newer)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text(VOUCHED)
    return newer


def forge(consumer: Page, address: str) -> None:
    """One character changed: not ours, and nothing of the shop is shown."""
    place = len(address) - 20
    forged = address[:place] + ("A" if address[place] != "A" else "B") + address[place + 1 :]
    answer = consumer.goto(forged)
    assert answer is not None
    assert answer.status == 404
    expect(consumer.get_by_role("heading", level=1)).to_contain_text("不是本平台签发的")
    expect(main(consumer)).not_to_contain_text("巷口面馆")


def black_list(
    live: Live, bureau: Page, second: Page, merchant: Page, consumer: Page, shop: int, address: str
) -> None:
    """One officer proposes and cannot confirm; another confirms; the merchant is heard and answered before it shows."""
    bureau.goto(f"/office/listings/new?shop={shop}&colour=black")
    bureau.get_by_role("radio", name=re.compile("^价格欺诈")).check()
    bureau.get_by_label("事实和证据").fill("抽查三次，结账金额均高于标价，有小票为证。")
    bureau.get_by_label("公示摘要").fill("多次在标价之外加价。")
    until = datetime.now(UTC) + timedelta(days=365)
    bureau.get_by_label("公示到哪一天").fill(until.date().isoformat())
    press(bureau, "预览公示后的样子")
    expect(main(bureau)).to_contain_text("还没有提交")
    press(bureau, "提交，请同事复核")
    expect(main(bureau)).to_contain_text("须由另一位有权限的同事")
    expect(bureau.locator(".decision form[action$='/withdraw']")).to_have_count(1)
    expect(bureau.locator(".decision form")).to_have_count(1)  # the proposer takes back, never confirms
    consumer.goto("/lists/black")
    expect(main(consumer)).not_to_contain_text("多次在标价之外加价。")

    second.goto(bureau.url)
    panel = unfold(second, "确认")
    panel.locator("textarea").fill("证据充分，同意。")
    confirm(second, panel)
    consumer.goto("/lists/black")
    expect(main(consumer)).not_to_contain_text("多次在标价之外加价。")

    merchant.goto("/merchant/")
    people.take_up(merchant, "拟列入黑榜")
    follow(merchant, "说明情况、提交证据")
    merchant.get_by_label("事实经过、您的理由").fill("标价牌没有及时更换，多收的已经退还。")
    press(merchant, "提交说明")
    expect(main(merchant)).to_contain_text("答复以前不会公示")

    second.reload()
    expect(main(second)).to_contain_text("标价牌没有及时更换")
    panel = unfold(second, "答复并公示")
    panel.locator("textarea").fill("退还属实，加价事实清楚，予以公示。")
    shows_everywhere_at_once(live, address, lambda: confirm(second, panel))
    consumer.goto("/lists/black")
    expect(main(consumer)).to_contain_text("多次在标价之外加价。")
    merchant.reload()
    expect(main(merchant)).to_contain_text("退还属实，加价事实清楚，予以公示。")
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text("黑榜")


def imported(figures: str) -> None:
    """The import says what it did."""
    assert re.search(r"\b1  变更", figures), figures
    assert re.search(r"\b1  主体下的码被撤销", figures), figures


def strike_off(live: Live, consumer: Page, who: people.Operator, address: str, folder: Path) -> None:
    """The register says 注销: the shop comes down by itself."""
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text(VOUCHED)
    rows = [who.row("注销")]
    shows_everywhere_at_once(live, address, lambda: imported(people.import_register(live, folder, rows)))
    consumer.goto(address)
    expect(consumer.get_by_role("heading", level=1)).to_contain_text("已被撤销")
    expect(main(consumer)).to_contain_text("经营主体已经注销登记")
