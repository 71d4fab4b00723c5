"""The pictures in docs/screens: ``python -m tests.journeys.screens docs/screens``.

A fresh demo city is made in a temporary folder, the story is played until there is something to show, and each main
page is taken as a small PNG: phone pages 390 × 844, office pages 1280 × 800, all with at most 150 000 bytes. At the
end the main pages once more in traditional characters, in English, in 长辈版 and dark, one sheet for each.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import CHROMIUM, FLAGS
from tests.support.live import Live, live_server
from webapp.core import clock
from webapp.core.identifiers import make_food_licence
from webapp.demo.city import make_shop
from webapp.demo.pictures.papers import licence_scan
from webapp.demo.pictures.storefront import storefront

from . import people
from .people import Draft, confirm, follow, press, unfold

PHONE, DESK = (390, 844), (1280, 800)
MOST_BYTES = 150_000
MOST_OF_A_SHEET = 450_000
#: Fewer colours are tried until the picture is small enough.
PALETTES = (256, 192, 128, 96, 64, 32)
SHOPS = 80


def small(png: bytes, most: int = MOST_BYTES) -> bytes:
    """The picture with a palette, as small as `most`; ValueError when even few colours are too many bytes."""
    with Image.open(io.BytesIO(png)) as image:
        full = image.convert("RGB")
    for colours in PALETTES:
        target = io.BytesIO()
        reduced = full.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        reduced.save(target, "PNG", optimize=True)
        if target.tell() <= most:
            return target.getvalue()
    raise ValueError("the picture stays too large")


def reduced_to(image: Image.Image, height: int) -> Image.Image:
    """The picture at that height."""
    return image.resize((round(image.width * height / image.height), height), Image.Resampling.LANCZOS)


class Camera:
    """Takes pictures into a folder, with one browser context for each person."""

    def __init__(self, browser: Browser, live: Live, folder: Path) -> None:
        self.browser, self.live, self.folder = browser, live, folder

    def visitor(self, width: int = PHONE[0], height: int = PHONE[1], **options: object) -> Page:
        """A page for another person (the signature of the journeys' fixture)."""
        phone = width < 600
        context = self.browser.new_context(
            base_url=self.live.url,
            viewport={"width": width, "height": height},
            is_mobile=phone,
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        return context.new_page()

    def officer(self, username: str) -> Page:
        """A desk where this officer is signed in."""
        page = people.officer(self.visitor, self.live, username)
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        return page

    def take(self, page: Page, name: str, *, top: bool = True) -> None:
        """One picture of what is in view (from the top of the page, unless told), with its images loaded."""
        page.evaluate("document.activeElement && document.activeElement.blur()")
        if top:
            page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        self.keep(page.screenshot(), name)

    def shot(self, page: Page, address: str) -> bytes:
        """What a page first shows."""
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        return page.screenshot()

    def keep(self, png: bytes, name: str, most: int = MOST_BYTES) -> None:
        """Store one picture, reduced."""
        data = small(png, most)
        (self.folder / f"{name}.png").write_bytes(data)
        sys.stdout.write(f"{name}.png  {len(data):,} bytes\n")


#: Mode → the cookies that choose it.
MODES = {
    "traditional": {"ydym_lang": "hant"},
    "english": {"ydym_lang": "en"},
    "elder": {"ydym_view": "elder"},
    "dark": {"ydym_theme": "dark"},
}
#: A sheet: pages in rows of this many, each this high, with a gap.
IN_A_ROW, PAGE_HEIGHT, GAP = 5, 620, 12


def sheets(camera: Camera, stickers: dict[str, str]) -> None:
    """The main pages in each mode, one picture for each mode."""
    good = sample(stickers, "放心")
    for mode, cookies in MODES.items():
        page, home = camera.visitor(), camera.visitor()
        people.sign_in_demo_merchant(home)
        for visitor in (page, home):
            visitor.context.add_cookies(
                [{"name": name, "value": value, "url": camera.live.url} for name, value in cookies.items()]
            )
        taken = [
            camera.shot(page, address)
            for address in (
                "/",
                good,
                f"{good}/complain",
                "/verify",
                "/shops",
                "/shops/map",
                "/s/1/ratings",
                "/disclosures",
            )
        ]
        taken += [camera.shot(home, address) for address in ("/merchant/", "/merchant/shops/1")]
        camera.keep(side_by_side(taken), f"sheet-{mode}", MOST_OF_A_SHEET)
        page.context.close()
        home.context.close()


def side_by_side(pictures: list[bytes]) -> bytes:
    """One picture of many."""
    images = []
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            images.append(reduced_to(image.convert("RGB"), PAGE_HEIGHT))
    width, rows = images[0].width, -(-len(images) // IN_A_ROW)
    sheet = Image.new(
        "RGB", (IN_A_ROW * (width + GAP) - GAP, rows * (PAGE_HEIGHT + GAP) - GAP), (128, 128, 128)
    )
    for place, image in enumerate(images):
        sheet.paste(image, (place % IN_A_ROW * (width + GAP), place // IN_A_ROW * (PAGE_HEIGHT + GAP)))
    target = io.BytesIO()
    sheet.save(target, "PNG")
    return target.getvalue()


def samples(camera: Camera) -> dict[str, str]:
    """Words of the demo guide → address of a sticker."""
    page = camera.visitor()
    page.goto("/demo")
    links = page.locator("main a[href^='/c/']").all()
    found = {link.inner_text().strip(): str(link.get_attribute("href")) for link in links}
    page.context.close()
    return found


def sample(found: dict[str, str], word: str) -> str:
    """The sticker whose words contain `word`."""
    return next(address for words, address in found.items() if word in words)


def consumer_pages(camera: Camera, stickers: dict[str, str]) -> None:
    """Home, the page behind each kind of sticker, complaint form, follow-up, red list."""
    page = camera.visitor()
    for name, address in (
        ("home", "/"),
        ("trust", sample(stickers, "放心")),
        ("forged", sample(stickers, "伪造")),
        ("revoked", sample(stickers, "下架")),
        ("replaced", sample(stickers, "旧贴")),
        ("complain-choose", "/shops?to=complain"),
        ("complain", sample(stickers, "放心") + "/complain"),
        ("red-list", "/lists/red"),
        ("verify", "/verify"),
        ("shops", "/shops?q=面"),
        ("map", "/shops/map"),
        ("ratings", "/s/1/ratings"),
        ("complaint-figures", "/disclosures"),
        ("me-sign-in", "/me"),
    ):
        page.goto(address)
        camera.take(page, name)
    page.goto(sample(stickers, "放心") + "/complain")
    page.get_by_text("说的没做到", exact=True).click()
    page.get_by_label("说说经过").fill("说好七天无理由退货，第二天去退，吊牌都在，只肯换不肯退。")
    people.upload(page, "#f-photos", people.picture("#36608f"))
    page.get_by_text("退款", exact=True).click()
    page.get_by_label("涉及多少钱").fill("268")
    press(page, "提交投诉")
    page.goto(page.url.split("?")[0])
    camera.take(page, "follow-up")


def suspended_page(camera: Camera, desk: Page, address: str) -> None:
    """An officer suspends, the scan says so; then the officer takes it back."""
    page = camera.visitor()
    page.goto(address)
    number = int(
        str(page.request.get(address, headers={"Accept": "application/json"}).json()["shop"]["number"])
    )
    desk.goto(f"/office/shops/{number}")
    panel = unfold(desk, "暂停诚信码")
    panel.locator("select").select_option(label="检查发现问题，正在整改")
    panel.locator("textarea").fill("现场检查发现后厨卫生不达标，已责令整改，复查合格后恢复。")
    confirm(desk, panel)
    page.goto(address)
    camera.take(page, "suspended")
    press(desk, "撤回刚才的暂停")
    camera.take(desk, "office-shop")


def new_merchant(camera: Camera, folder: Path) -> int:
    """A new merchant's way with the camera at the licence; returns the application that was handed in."""
    who = people.new_operators(camera.live, folder, 1)[0]
    page = camera.visitor()
    people.register(page, who)
    people.claim(page, who)
    draft = Draft("巷口面馆", "东风西路店", "东风西路18号底商", 1, photos=[front("巷口面馆")])
    people.name_shop(page, draft)
    people.fill_place(page, draft)
    people.fill_trade_and_hours(page, fresh=True)
    people.add_photos(page, draft.photos)
    follow(page, "下一步", exact=True)
    here = page.url
    follow(page, "传“营业执照”")
    people.fill_licence(page)
    follow(page, "传“食品经营许可证（餐饮服务）”")
    people.upload(page, "input[type=file]", paper())
    page.get_by_label("证照号码").fill(make_food_licence("catering", "130602", 1))
    camera.take(page, "onboarding-licence")
    page.goto(here)
    people.fill_licences(page, draft, fresh=False)
    people.sign_and_submit(page, who)
    return people.application_of(page)


def merchant_pages(camera: Camera) -> None:
    """The demo merchant's home, how often a shop was scanned, and a sticker."""
    home = camera.visitor()
    people.sign_in_demo_merchant(home)
    home.goto("/merchant/")
    camera.take(home, "merchant-home")
    home.goto("/merchant/shops/1/poster")
    camera.take(home, "poster")
    home.goto("/merchant/")
    home.locator("a.tileshop").first.click()
    follow(home, "扫码情况")
    follow(home, "30 天")
    camera.take(home, "merchant-scans")
    home.go_back()
    home.go_back()
    follow(home, "码贴")
    home.locator("main a[href*='/stickers/']").first.click()
    drawn = home.request.get(str(home.locator("a[href$='.png']").first.get_attribute("href"))).body()
    with Image.open(io.BytesIO(drawn)) as image:
        target = io.BytesIO()
        image.convert("RGB").resize((620, 874), Image.Resampling.LANCZOS).save(target, "PNG")
    camera.keep(target.getvalue(), "sticker")


def jpeg(picture: bytes) -> bytes:
    """The same picture as a phone stores it."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").save(target, "JPEG", quality=88)
    return target.getvalue()


def front(name: str) -> bytes:
    """A drawn storefront with this name on its sign."""
    shop = make_shop(1, 3, clock.today())
    return jpeg(storefront(1, replace(shop, name=name)))


def paper() -> bytes:
    """A drawn licence."""
    shop = make_shop(1, 3, clock.today())
    return jpeg(licence_scan(1, 3, shop.licences[0], shop.operator, shop.address))


def office_case(camera: Camera, application: int) -> None:
    """What the register says beside what the merchant says."""
    desk = camera.officer("zhan")
    desk.goto(f"/office/applications/{application}")
    table = desk.locator("section.card", has=desk.get_by_role("heading", name="登记与填报对照"))
    table.evaluate("card => window.scrollTo(0, card.getBoundingClientRect().top + window.scrollY - 96)")
    camera.take(desk, "office-case", top=False)


def office_copy(camera: Camera) -> None:
    """Where a copied sticker was scanned."""
    desk = camera.officer("shiju")
    desk.goto("/office/copies")
    desk.locator("table").get_by_role("link").first.click()
    card = desk.locator("#places")
    card.evaluate("card => window.scrollTo(0, card.getBoundingClientRect().top + window.scrollY - 24)")
    camera.take(desk, "office-copy", top=False)


def play(camera: Camera, folder: Path) -> None:
    """The whole round."""
    desk = camera.officer("shiju")
    stickers = samples(camera)
    desk.goto("/office/")
    camera.take(desk, "office-queue")
    suspended_page(camera, desk, sample(stickers, "放心"))
    consumer_pages(camera, stickers)
    office_case(camera, new_merchant(camera, folder))
    office_copy(camera)
    merchant_pages(camera)
    sheets(camera, stickers)


def take_all(folder: Path, shops: int) -> None:
    """Make a city, play, take the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as temporary,
        live_server(Path(temporary) / "data", shops=shops) as live,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        play(Camera(browser, live, folder), Path(temporary))
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.screens", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go: docs/screens")
    parser.add_argument("--shops", type=int, default=SHOPS, help="size of the demo city")
    given = parser.parse_args()
    take_all(given.folder, given.shops)
