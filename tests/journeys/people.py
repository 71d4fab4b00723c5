"""The people of the journeys: what a merchant, an officer and a consumer do in their browsers.

Every function drives real pages by what a person sees (words, labels, buttons), with and without JavaScript. Nothing
here reads or writes the database.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.support.live import Live
from webapp.core import clock
from webapp.core.identifiers import make_food_licence, make_uscc
from webapp.demo.people_writer import MERCHANT_PHONE, PASSWORD, TOTP_SECRET

DESK = (1440, 900)
MERCHANT_PASSWORD = "Xiangkou-8-mian"
#: A step of the authenticator serves once for each officer: who used which last.
_used: dict[tuple[str, str], int] = {}
#: Cookies of officers who are signed in at a server: signing in is a journey of its own, not part of each.
_states: dict[tuple[str, str], Any] = {}


@dataclass
class Operator:
    """An operator as the register has it; `phone` is its owner's."""

    uscc: str
    name: str
    person: str
    phone: str
    county: str = "130602"

    def row(self, status: str = "存续") -> dict[str, str]:
        """A line of the register's export."""
        return {
            "uscc": self.uscc,
            "name": self.name,
            "kind": "个体工商户",
            "legal_representative": self.person,
            "registered_address": "河北省保定市竞秀区先锋街道东风西路18号",
            "authority": "保定市竞秀区市场监督管理局",
            "established_on": "2021-04-12",
            "status": status,
            "as_of": clock.today().isoformat(),
        }


def _operators() -> Iterator[Operator]:
    for number in itertools.count(1):
        code = make_uscc(f"92130602MAJ{number:06d}")
        yield Operator(code, f"竞秀区巷口面馆{number}号（个体工商户）", "林晓梅", f"1540100{number:04d}")


_nobodys = _operators()
_waiting: dict[str, list[Operator]] = {}


def new_operators(live: Live, folder: Path, count: int) -> list[Operator]:
    """Operators that the register knows and nobody has claimed, for the caller alone; taken in by a dozen."""
    waiting = _waiting.setdefault(live.url, [])
    if len(waiting) < count:
        found = list(itertools.islice(_nobodys, 12 + count))
        import_register(live, folder, [operator.row() for operator in found])
        waiting += found
    return [waiting.pop() for _ in range(count)]


def import_register(live: Live, folder: Path, rows: list[dict[str, str]]) -> str:
    """What the city's nightly import does: a file in, figures out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = folder / f"register-{time.monotonic_ns()}.csv"
    file.write_text(text.getvalue(), encoding="utf-8")
    return live.flask("registry", "import", str(file), "--quiet")


# --- pictures ---------------------------------------------------------------------------------------------------------


def picture(colour: str = "#a33", size: tuple[int, int] = (900, 675), *, place: bool = False) -> bytes:
    """A JPEG such as a phone takes; with `place` it says in its EXIF where it was taken."""
    image = Image.new("RGB", size, "#dcd6c6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 140, size[0] - 60, 250), fill=colour)
    draw.rectangle((size[0] // 2 - 70, 300, size[0] // 2 + 70, size[1] - 30), fill="#5a4632")
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 52.0, 25.0), 3: "E", 4: (115.0, 27.0, 52.0)})
    target = io.BytesIO()
    image.save(target, "JPEG", quality=85, exif=exif)
    return target.getvalue()


def upload(page: Page, selector: str, *pictures: bytes) -> None:
    """Choose files as from the album."""
    page.set_input_files(
        selector,
        [
            {"name": f"IMG_{place}.jpg", "mimeType": "image/jpeg", "buffer": data}
            for place, data in enumerate(pictures)
        ],
    )


def read_code(png: bytes) -> str:
    """The address in a picture of a sticker, as a phone's camera reads it."""
    with Image.open(io.BytesIO(png)) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    assert len(found) == 1, found
    return found[0].text


# --- everybody --------------------------------------------------------------------------------------------------------


def main(page: Page) -> Locator:
    """The page's own part."""
    return page.locator("main")


def press(page: Page, name: str | re.Pattern[str], *, exact: bool = False) -> None:
    """Press the button that says `name` and wait for the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=exact).click()


def follow(page: Page, name: str | re.Pattern[str], *, exact: bool = False) -> None:
    """Follow the first link that says `name`."""
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=exact).first.click()


def take_up(merchant: Page, what: str) -> None:
    """Begin one of the things to do on the merchant's home, wherever it stands in its list."""
    open_all_tasks(merchant)
    one = merchant.locator(".todo__lead, .todo__one").filter(has_text=what)
    with merchant.expect_navigation():
        one.first.get_by_role("link").click()


def open_all_tasks(merchant: Page) -> None:
    """Unfold what the merchant's home folds away: the demo merchant has more to do the more tests ran before."""
    more = merchant.locator(".todo__more > summary")
    if more.count():
        more.click()


def unfold(page: Page, summary: str) -> Locator:
    """Open the panel whose summary begins with `summary`; returns the open panel."""
    panel = page.locator("details").filter(
        has=page.locator("summary").filter(has_text=re.compile(rf"^\s*{re.escape(summary)}"))
    )
    if panel.first.get_attribute("open") is None:
        panel.first.locator("summary").click()
    return panel.first


def confirm(page: Page, panel: Locator) -> None:
    """The confirming button of an open panel."""
    with page.expect_navigation():
        panel.locator("button[type=submit]").first.click()


def one_time_code(username: str, live: Live) -> str:
    """Six digits that this officer has not used yet: those of now, or of the next half minute."""
    step = max(int(time.time()) // 30, _used.get((live.url, username), 0) + 1)
    _used[live.url, username] = step
    return pyotp.TOTP(TOTP_SECRET).generate_otp(step)


def sign_in_officer(page: Page, live: Live, username: str) -> None:
    """Password, then the authenticator."""
    page.goto("/office/login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    press(page, "下一步")
    page.get_by_label("动态口令").fill(one_time_code(username, live))
    press(page, "登录")
    expect(page.locator(".desk__top")).to_be_visible()


def officer(visitor: Callable[..., Page], live: Live, username: str) -> Page:
    """A desk where this officer is signed in."""
    state = _states.get((live.url, username))
    if state is not None:
        return visitor(*DESK, storage_state=state)
    page = visitor(*DESK)
    sign_in_officer(page, live, username)
    _states[live.url, username] = page.context.storage_state()
    return page


# --- the merchant -----------------------------------------------------------------------------------------------------


def sms_code(page: Page, phone: str) -> str:
    """The newest code that was sent to a phone, from the outbox that stands for the phone while no gateway is set."""
    other = page.context.new_page()
    other.goto("/outbox")
    text = main(other).inner_text()
    other.close()
    found = re.search(rf"发给 \+86{phone}[^\n]*\n+验证码 (\d{{6}})", text)
    assert found, text[:400]
    return found[1]


def register(page: Page, who: Operator) -> None:
    """An account, by a code sent to the phone."""
    page.goto("/merchant/register")
    page.get_by_label("手机号").fill(who.phone)
    press(page, "获取验证码")
    page.get_by_label("短信验证码").fill(sms_code(page, who.phone))
    page.get_by_label("您的姓名").fill(who.person)
    page.get_by_label("设置密码").fill(MERCHANT_PASSWORD)
    press(page, "完成注册")
    expect(page.get_by_role("heading", name=f"{who.person}，")).to_be_visible()


def sign_in_demo_merchant(page: Page) -> None:
    """The demo city's first merchant, who runs shops with complaints."""
    page.goto("/merchant/login")
    page.get_by_label("手机号").fill(MERCHANT_PHONE)
    page.get_by_label("密码").fill(PASSWORD)
    press(page, "登录")


def enter_large_view(page: Page) -> None:
    """Choose 长辈版 for this browser."""
    page.goto("/view?view=elder&next=/merchant/")
    expect(page.locator("html")).to_have_class(re.compile(r"\belder\b"))


def scanned_shop_of(owner: Page) -> str:
    """The address on the first sticker of a signed-in merchant's first shop, read from its picture."""
    found = owner.request.get("/merchant/shops/1/stickers/1.png")
    return urlsplit(read_code(found.body())).path


def claim(page: Page, who: Operator) -> None:
    """“This is my shop”: the credit code, what the register says, the name as proof."""
    page.goto("/merchant/apply")
    page.get_by_label("统一社会信用代码").fill(who.uscc)
    press(page, "下一步")
    expect(main(page)).to_contain_text(who.name)
    page.get_by_label("请写出法定代表人").fill(who.person)
    press(page, "这是我的店")


@dataclass
class Draft:
    """A shop as the merchant states it; `number` of the food licence is made from it."""

    name: str
    branch: str
    address: str
    number: int
    street: str = "先锋街道"
    photos: list[bytes] = field(default_factory=lambda: [picture(place=True)])


def name_shop(page: Page, draft: Draft) -> int:
    """The first question of a draft; returns the application's number."""
    page.locator("#f-name").fill(draft.name)
    page.locator("#f-branch").fill(draft.branch)
    press(page, "下一步")
    return application_of(page)


def application_of(page: Page) -> int:
    """The application that the page's address names."""
    found = re.search(r"/applications/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def fill_place(page: Page, draft: Draft) -> None:
    """Street, address and position: on the map, or in degrees where there is no map."""
    page.get_by_label("街道（乡镇）").select_option(label=draft.street)
    page.get_by_label("详细地址").fill(draft.address)
    chart = page.locator(".leaflet-container")
    if chart.count():
        chart.scroll_into_view_if_needed()
        chart.click(position={"x": 160, "y": 120})
    else:
        page.locator("[name=lat]").fill("38.876")
        page.locator("[name=lng]").fill("115.447")
    press(page, "下一步")


def fill_trade_and_hours(page: Page, *, fresh: bool) -> None:
    """Line of business, opening hours and telephone; when not `fresh` they were copied from another shop."""
    if fresh:
        page.get_by_label("行业").select_option(label="快餐服务")
    press(page, "下一步")
    if fresh:
        page.get_by_label("开门", exact=True).fill("06:30")
        page.get_by_label("关门", exact=True).fill("21:00")
        page.get_by_label("门店电话").fill("0312-5901234")
    press(page, "下一步")


def add_photos(page: Page, photos: list[bytes]) -> None:
    """Storefront photos."""
    upload(page, "input[type=file]", *photos)
    press(page, "上传", exact=True)


def fill_licence(page: Page, *, number: str = "", until: str = "") -> None:
    """One licence: photo, number, term."""
    upload(page, "input[type=file]", picture("#345"))
    if number:
        page.locator("#f-number").fill(number)
    page.get_by_label("有效期从").fill("2024-05-01")
    if until:
        page.get_by_label("有效期到").fill(until)
    else:
        page.get_by_label("长期有效").check()
    press(page, "保存这张证照")


def fill_licences(page: Page, draft: Draft, *, fresh: bool) -> None:
    """The business licence (once for the operator) and the food licence of this shop."""
    if fresh:
        follow(page, "传“营业执照”")
        fill_licence(page)
    follow(page, "传“食品经营许可证（餐饮服务）”")
    until = (datetime.now(UTC) + timedelta(days=900)).date().isoformat()
    fill_licence(page, number=make_food_licence("catering", "130602", draft.number), until=until)
    expect(page.get_by_role("heading", name="证照都传好了")).to_be_visible()
    follow(page, "下一步", exact=True)


def sign_and_submit(page: Page, who: Operator) -> None:
    """The pledges, the preview, the button."""
    page.get_by_label("签名").fill(who.person)
    press(page, "签署，下一步")
    expect(page.get_by_role("heading", name="看一遍，没问题就提交")).to_be_visible()
    page.get_by_label("以上内容和上传的照片都是真实的").check()
    press(page, "提交申报")
    expect(main(page)).to_contain_text("所里正在核对")


def apply(page: Page, who: Operator, draft: Draft, *, fresh: bool = True) -> int:
    """A whole application from the shop's name to handing in; returns its number."""
    number = name_shop(page, draft)
    fill_place(page, draft)
    fill_trade_and_hours(page, fresh=fresh)
    add_photos(page, draft.photos)
    follow(page, "下一步", exact=True)
    fill_licences(page, draft, fresh=fresh)
    sign_and_submit(page, who)
    return number


# --- the officer ------------------------------------------------------------------------------------------------------


def decide(page: Page, application: int, action: str, summary: str, reason: int = 1, text: str = "") -> None:
    """Open a case, open the panel of a decision, choose its reason, confirm."""
    page.goto(f"/office/applications/{application}")
    panel = unfold(page, summary)
    panel.locator(f"#f-{action}-code").select_option(index=reason)
    if text:
        panel.locator(f"#f-{action}-reason").fill(text)
    confirm(page, panel)


def approve(station: Page, bureau: Page, application: int) -> None:
    """Both levels say yes."""
    decide(station, application, "pass_on", "报市（县）局")
    decide(bureau, application, "approve", "通过")
    expect(main(bureau)).to_contain_text("已通过")


# --- the consumer -----------------------------------------------------------------------------------------------------


def complain(page: Page, shop: int, story: str) -> str:
    """The shortest complaint about a shop; returns its number. The page is then the follow-up page."""
    page.goto(f"/s/{shop}/complain")
    page.get_by_text("服务态度", exact=True).click()
    page.get_by_label("说说经过").fill(story)
    page.get_by_text("道歉", exact=True).click()
    press(page, "提交投诉")
    expect(page.get_by_role("heading", name="投诉已经收到")).to_be_visible()
    return main(page).inner_text().split("投诉编号")[1].split()[0]
