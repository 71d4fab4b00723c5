"""Take the README's pictures from a running demo city.

``python -m tests.support.screens http://127.0.0.1:8000`` writes small PNGs into ``docs/screens/``. It signs in as
the demo's people, so it wants a development server on a fresh demo city.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pyotp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import CHROMIUM, FLAGS
from webapp.demo.people_writer import MERCHANT_PHONE, PASSWORD, SECOND_PHONE, TOTP_SECRET

OUT = Path(__file__).resolve().parents[2] / "docs" / "screens"
PHONE, DESK = (390, 844), (1280, 800)


def keep(name: str, png: bytes) -> None:
    """Write a picture with 128 colours: a page has few, and the repository stays small."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    OUT.mkdir(parents=True, exist_ok=True)
    image.quantize(128).save(OUT / f"{name}.png", optimize=True)


def shoot(page: Page, name: str, address: str = "") -> None:
    """Open `address` (empty: stay) and keep what the window shows."""
    if address:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    keep(name, page.screenshot())


def merchant(page: Page, base: str, phone: str) -> None:
    """Sign a demo merchant in."""
    page.goto(base + "/merchant/login")
    page.fill("input[name=phone]", phone)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/merchant/")


def officer(page: Page, base: str, username: str) -> None:
    """Sign a demo officer in with password and one-time code."""
    page.goto(base + "/office/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/office/login/**")
    page.fill("input[name=code]", pyotp.TOTP(TOTP_SECRET).now())
    page.press("input[name=code]", "Enter")
    page.wait_for_url("**/office/")


def opened(browser: Browser, size: tuple[int, int]) -> Page:
    """A fresh browser window of `size`."""
    return browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()


def consumer_pages(browser: Browser, base: str) -> None:
    """Home, the trust page in its states, a complaint and its follow-up, the red list."""
    page = opened(browser, PHONE)
    shoot(page, "home", base + "/")
    shoot(page, "red", base + "/lists/red")
    page.goto(base + "/demo")
    tokens = [link.get_attribute("href") for link in page.query_selector_all("a[href^='/c/']")]
    for name, path in zip(("trust", "suspended", "revoked", "replaced", "forged"), tokens, strict=False):
        shoot(page, name, f"{base}{path}")
    shoot(page, "complain", f"{base}{tokens[0]}/complain")
    page.click("label[for=f-topic-2]")
    page.fill("textarea[name=story]", "结账时比菜单多收了十六元，店员说系统改过价，不肯退。")
    page.click("label[for=f-demand]")
    page.locator("form[method=post] button[type=submit]").last.click()
    page.wait_for_load_state("networkidle")
    receipt = re.search(r"/complaints/([a-z2-7]{5}(?:-[a-z2-7]{5}){3})", page.content())
    if receipt:
        shoot(page, "follow", f"{base}/complaints/{receipt.group(1)}")


def merchant_pages(browser: Browser, base: str) -> None:
    """The merchant's home, a licence, the sticker."""
    page = opened(browser, PHONE)
    merchant(page, base, MERCHANT_PHONE)
    shoot(page, "merchant")
    shop = page.locator("a[href^='/merchant/shops/']").first.get_attribute("href") or ""
    shop = re.match(r"/merchant/shops/\d+", shop).group(0)  # type: ignore[union-attr]
    answer = page.request.get(f"{base}{shop}/stickers/1.png")
    image = Image.open(io.BytesIO(answer.body())).convert("RGB")
    image.thumbnail((620, 880))
    target = io.BytesIO()
    image.save(target, "PNG")
    keep("sticker", target.getvalue())
    page = opened(browser, PHONE)
    merchant(page, base, SECOND_PHONE)
    page.goto(base + "/merchant/applications")
    case = page.locator("a[href^='/merchant/applications/']").first.get_attribute("href") or ""
    page.goto(base + case.rstrip("/") + "/licences")
    item = page.locator("main a[href*='/licences/']")
    if item.count():
        page.goto(base + (item.first.get_attribute("href") or ""))
    shoot(page, "licence")


def office_pages(browser: Browser, base: str) -> None:
    """The queue, a case side by side, the officer's page of a shop."""
    page = opened(browser, DESK)
    officer(page, base, "shiju")
    shoot(page, "queue")
    page.goto(base + "/office/applications/next")
    page.wait_for_load_state("networkidle")
    shoot(page, "case")
    page.goto(base + "/office/shops")
    page.goto(base + (page.locator("a[href^='/office/shops/']").first.get_attribute("href") or ""))
    shoot(page, "shop")


def main(base: str) -> None:
    """Take them all."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for part in (consumer_pages, merchant_pages, office_pages):
            part(browser, base)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
