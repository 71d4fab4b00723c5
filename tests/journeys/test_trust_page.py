"""The trust page as a visitor meets it: all that matters on the first screen, kept and shared, light and still."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.live import Live

#: What must be seen without touching the phone, in the order of the page.
FIRST = (
    ".verdict__text",
    ".front .seal",
    ".place .name",
    ".place__photo",
    ".place__stars",
    ".now ul",
    ".thumb .btn--primary",
)
KILOBYTES = 50
WEIGHT = """() => ["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


@pytest.fixture(scope="module")
def scanned(live: Live, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address behind a valid sticker of the city."""
    out = tmp_path_factory.mktemp("codes") / "tokens"
    live.flask("codes", "sample", "--count", "1", "--out", str(out))
    return f"/c/{out.read_text(encoding='utf-8').split()[0]}"


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844)])
def test_five_seconds_are_enough(visitor: Callable[..., Page], scanned: str, width: int, height: int) -> None:
    page = visitor(width, height)
    page.goto(scanned)
    expect(page.locator("[data-favourite]")).to_have_attribute("role", "button")  # the scripts are there
    bar = page.locator(".thumb").bounding_box()
    assert bar
    for place in FIRST:
        box = page.locator(place).first.bounding_box()
        assert box, place
        end = height if place.startswith(".thumb") else bar["y"]
        assert box["y"] + box["height"] <= end + 1, f"{place} is not on the first screen of {width}×{height}"
    assert page.evaluate(SHIFT) == 0, "nothing moves while it loads"
    assert page.evaluate(WEIGHT) <= KILOBYTES * 1024


def test_a_shop_is_kept_on_the_phone_and_shared(visitor: Callable[..., Page], scanned: str) -> None:
    page = visitor(permissions=["clipboard-read", "clipboard-write"])
    page.goto(scanned)
    name = page.locator(".place .name").inner_text()
    keep = page.get_by_role("button", name="收藏")
    expect(keep).to_have_attribute("aria-pressed", "false")
    keep.press(" ")
    expect(page.get_by_role("button", name="已收藏")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="分享").click()
    expect(page.get_by_text("网址已复制")).to_be_visible()
    assert "/s/" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("link", name="我收藏的店").click()
    row = page.locator("[data-list] > li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(name)
    expect(row.locator("[data-state]")).to_have_text("放心")
    row.get_by_role("button", name="取消收藏").click()
    expect(page.get_by_text("还没有收藏的店")).to_be_visible()
    merged = """at => { Favourites.merge({v: 1, shops: {"1": {n: "别的手机上的店", p: "", at: at, gone: 0}}});
        return Favourites.all().length; }"""
    assert page.evaluate(merged, 1) == 1, "what another device kept is put together with what is here"


def test_without_scripts_keeping_and_sharing_lead_to_pages(quiet: Page, scanned: str) -> None:
    quiet.goto(scanned)
    quiet.get_by_role("link", name="分享").click()
    expect(quiet.get_by_role("img", name="门店网址的二维码")).to_be_visible()
    quiet.get_by_role("link", name="返回门店页").click()
    quiet.get_by_role("link", name="收藏", exact=True).click()
    expect(quiet.get_by_text("浏览器没有打开它")).to_be_visible()
