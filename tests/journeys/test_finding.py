"""Finding a shop: while typing, by filters in the address, near by (allowed and refused), on the map and its list."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from .people import main, press, unfold

HERE = {"latitude": 38.8738, "longitude": 115.4646}


def test_by_words_and_filters_that_the_address_keeps(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("店")
    first = page.get_by_role("option").first
    expect(first).to_be_visible()
    name = first.inner_text().split("\n")[0]
    first.click()
    expect(page.locator(".place .name")).to_contain_text(name.split("（")[0])

    page.goto("/")
    page.get_by_role("link", name=re.compile("餐饮")).click()
    panel = unfold(page, "筛选")
    panel.get_by_label("区县").select_option(label="竞秀区")
    with page.expect_navigation():
        panel.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"district=130602"))
    expect(page).to_have_url(re.compile(r"category=eat"))
    expect(page.locator(".shopcard").first).to_contain_text("竞秀区")
    names = page.locator(".shopcard__name").all_inner_texts()
    page.reload()
    assert page.locator(".shopcard__name").all_inner_texts() == names
    page.get_by_role("link", name="看地图").click()
    expect(page).to_have_url(re.compile(r"/shops/map\?.*district=130602"))


def test_near_me_when_the_phone_says_where(visitor: Callable[..., Page]) -> None:
    page = visitor(permissions=["geolocation"], geolocation=HERE)
    page.goto("/shops")
    press(page, "看我附近的")
    expect(main(page)).to_contain_text("由近到远")
    far = [
        float(number) * (1000 if unit == "公里" else 1)
        for text in page.locator(".shopcard__far").all_inner_texts()
        for number, unit in re.findall(r"约 ([\d.]+) (米|公里)", text)
    ]
    assert far
    assert far == sorted(far)
    assert "38.87" not in page.url + page.content()  # the place is in no address


def test_near_me_when_the_phone_says_no(visitor: Callable[..., Page]) -> None:
    page = visitor(permissions=[])
    page.goto("/shops")
    page.get_by_role("button", name="看我附近的").click()
    expect(page.get_by_role("status").filter(has_text="没有得到定位许可")).to_be_visible()
    expect(page).to_have_url(re.compile("/shops$"))
    expect(page.locator(".shopcard").first).to_be_visible()


def test_the_map_and_the_list_beside_it_say_the_same(page: Page) -> None:
    page.goto("/shops/map")
    expect(page.locator(".leaflet-container")).to_be_visible()
    expect(page.locator(".atlas__say")).to_contain_text(re.compile(r"这里有 \d+ 家店"))
    expect(page.locator(".leaflet-marker-icon").first).to_be_visible()
    district = page.locator(".atlas__district").first
    said = re.search(r"(\d+) 家", district.inner_text())
    assert said
    district.click()
    expect(page.get_by_role("status").filter(has_text="共")).to_contain_text(f"共 {said[1]} 家")
    page.get_by_role("link", name="看地图").click()
    expect(page.locator(".leaflet-container")).to_be_visible()
