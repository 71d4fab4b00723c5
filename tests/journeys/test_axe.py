"""Accessibility of the main pages, at the widths of a phone and a desk, and in the large version for older eyes.

One test opens many pages and names every violation of all of them: who mends one wants to see the others too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from playwright.sync_api import Page

from tests.support.browser import Problems, axe_violations
from tests.support.live import Live

from . import people
from .people import officer

PHONE = (390, 844)
DESK = people.DESK
PUBLIC = (
    "/",
    "/shops",
    "/shops?q=面",
    "/shops?open=1&district=130606",
    "/shops?to=complain",
    "/shops?to=complain&q=此处没有",
    "/shops/map",
    "/shops/map?q=药",
    "/stations",
    "/about",
    "/lists/red",
    "/lists/black",
    "/lists/demonstration",
    "/lists/returns",
    "/stations/mediation",
    "/reminders",
    "/reminders/1",
    "/oversight",
    "/verify",
    "/complaints",
    "/disclosures",
    "/disclosures/1",
    "/open-data",
    "/log",
    "/log/1",
    "/s/1/log",
    "/open-data/complaints",
    "/open-data/listings",
    "/api/docs",
    "/s/1",
    "/s/1/complain",
    "/s/1/rate",
    "/s/1/ratings",
    "/s/1/share",
    "/s/1/print",
    "/favourites",
    "/me/login",
    "/merchant/login",
    "/merchant/login/code",
    "/merchant/register",
    "/merchant/forgot",
    "/office/login",
    "/no-such-page",
)
OFFICE = (
    "/office/",
    "/office/applications/next",
    "/office/applications/bulk",
    "/office/shops",
    "/office/shops/1",
    "/office/shops/1/photos",
    "/office/changes",
    "/office/changes/1",
    "/office/shops/1/stickers/1",
    "/office/printing",
    "/office/printing/new?place=door",
    "/office/copies",
    "/office/copies?text=none",
    "/office/copies/1",
    "/office/copies/4",
    "/office/complaints",
    "/office/complaints?state=",
    "/office/disclosures",
    "/office/disclosures/1",
    "/office/licences",
    "/office/listings",
    "/office/listings/new?shop=1&colour=black",
    "/office/revocations",
    "/office/reminders",
    "/office/reminders/new",
    "/office/hotspots",
    "/office/oversight",
    "/office/oversight/new?shop=1",
    "/office/orders/1",
    "/office/campaigns",
    "/office/campaigns/new",
    "/office/campaigns/1",
    "/office/registry",
    "/office/ratings",
    "/office/audit",
    "/office/me",
)
#: The window grows to the page: axe measures sizes and contrast of what is in view only.
TALL = 3000
#: The narrowest phones; WCAG 1.4.10 asks that nothing scrolls sideways there.
NARROW = 320


def violations(page: Page, addresses: Iterable[str]) -> list[str]:
    """Everything that axe finds on these pages, each line with its address; no page may scroll sideways either."""
    found = []
    for address in addresses:
        page.goto(address)
        found += [f"{address}: {line}" for line in axe_violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{address}: {wide} pixels wider than the window")
        if page.viewport_size == {"width": PHONE[0], "height": TALL}:
            page.set_viewport_size({"width": NARROW, "height": TALL})
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            page.set_viewport_size({"width": PHONE[0], "height": TALL})
            if wide > 0:
                found.append(f"{address}: {wide} pixels wider than a window of {NARROW}")
    return found


def nothing(found: list[str]) -> None:
    """No violation; else all of them."""
    assert not found, "\n" + "\n".join(found)


def scans(page: Page) -> list[str]:
    """The addresses of one sticker in each state, from the guide through the demo city."""
    page.goto("/demo")
    links = page.locator("main a[href^='/c/']").all()
    return [str(link.get_attribute("href")) for link in links]


@pytest.fixture
def tolerant(problems: Problems) -> None:
    """Some of these pages are answers of 404, 410 or 422."""
    problems.allow("status of (404|410|422)")


@pytest.mark.usefixtures("tolerant")
def test_public_pages_on_a_phone(visitor: Callable[..., Page]) -> None:
    page = visitor(PHONE[0], TALL)
    stickers = scans(page)
    below = [f"{address}/{part}" for address in stickers[:3:2] for part in ("not-here", "here")]
    nothing(violations(page, [*PUBLIC, *stickers, *below, f"{stickers[0]}/not-here?said=thanks", "/demo"]))


@pytest.mark.usefixtures("tolerant")
def test_public_pages_on_a_desk(visitor: Callable[..., Page]) -> None:
    page = visitor(DESK[0], TALL)
    nothing(
        violations(page, [*PUBLIC[:6], "/lists/black", "/verify", "/s/1", "/s/1/complain", "/office/login"])
    )


@pytest.mark.usefixtures("tolerant")
@pytest.mark.parametrize("query", ["view=elder", "theme=dark"], ids=["elder", "dark"])
def test_public_pages_for_other_eyes(visitor: Callable[..., Page], query: str) -> None:
    page = visitor(PHONE[0], TALL)
    page.goto(f"/view?{query}&next=/")
    pages = [
        "/",
        "/shops",
        "/lists/red",
        "/verify",
        "/complaints",
        "/s/1",
        "/s/1/complain",
        "/s/1/rate",
        "/s/1/ratings",
    ]
    nothing(violations(page, [*pages, *scans(page)]))


@pytest.mark.usefixtures("tolerant")
def test_a_form_with_errors_and_a_follow_up(visitor: Callable[..., Page]) -> None:
    page = visitor(PHONE[0], TALL)
    found = []
    for address, button in (("/s/1/complain", "提交投诉"), ("/s/1/rate", "提交评价")):
        page.goto(address)
        people.press(page, button)
        found += [f"{address} with errors: {line}" for line in axe_violations(page)]
    people.complain(page, 1, "问了几次都没有人理。")
    found += [f"receipt: {line}" for line in axe_violations(page)]
    nothing(found)


@pytest.mark.usefixtures("tolerant")
@pytest.mark.parametrize(("width", "first"), [(PHONE[0], 99), (DESK[0], 6)], ids=["phone", "desk"])
def test_merchant_pages(visitor: Callable[..., Page], width: int, first: int) -> None:
    page = visitor(width, TALL)
    people.complain(page, 1, "问了几次都没有人答。")
    people.sign_in_demo_merchant(page)
    page.goto("/merchant/complaints?view=settling")
    complaint = str(page.locator(".casecard").first.get_attribute("href"))
    own = [
        "/merchant/",
        "/merchant/applications",
        "/merchant/apply",
        "/merchant/complaints",
        "/merchant/complaints/templates",
        "/merchant/oversight",
        "/merchant/complaints/templates/new?from=refund",
        complaint,
        "/merchant/ratings",
        "/merchant/notices",
        "/merchant/me",
        "/account/sessions",
        "/merchant/shops/1",
        "/merchant/shops/1/scans?period=30d",
        "/merchant/scans",
        "/merchant/shops/1/contact",
        "/merchant/shops/1/changes",
        "/merchant/shops/1/changes/name",
        "/merchant/shops/1/changes/place",
        "/merchant/shops/1/changes/trade",
        "/merchant/shops/1/changes/photos",
        "/merchant/shops/1/licences",
        "/merchant/shops/1/licences/business_licence",
        "/merchant/shops/1/commitments",
        "/merchant/shops/1/stickers",
        "/merchant/printing",
        "/merchant/printing/new?new=0",
        "/merchant/shops/1/stickers/1",
        "/merchant/shops/1/poster",
        "/merchant/?shop=1",
    ]
    found = violations(page, own[:first])
    for query in ("view=elder", "theme=dark"):  # the charts, whose words are drawn
        page.goto(f"/view?{query}&next=/merchant/")
        found += violations(
            page, ["/merchant/", "/merchant/shops/1/scans", "/merchant/shops/1/scans?period=12m"]
        )
    nothing(found)


@pytest.mark.usefixtures("tolerant")
def test_the_steps_of_a_draft(visitor: Callable[..., Page]) -> None:
    page = visitor(PHONE[0], TALL)
    people.sign_in_demo_merchant(page)
    page.goto("/merchant/")
    people.follow(page, "添一家店")
    nothing([f"new shop: {line}" for line in axe_violations(page)])
    page.locator("#f-branch").fill("试用店")
    people.press(page, "下一步")
    draft = re.sub("/place$", "", page.url)
    steps = ("shop", "place", "trade", "hours", "photos", "licences", "commitments", "preview")
    nothing(violations(page, [draft, *(f"{draft}/{step}" for step in steps)]))


@pytest.mark.usefixtures("tolerant")
@pytest.mark.parametrize(("width", "first"), [(1280, 99), (1920, 5)])
def test_office_pages(visitor: Callable[..., Page], live: Live, width: int, first: int) -> None:
    page = officer(visitor, live, "shiju")
    page.set_viewport_size({"width": width, "height": TALL})
    nothing(violations(page, OFFICE[:first]))


def test_the_administrators_pages(visitor: Callable[..., Page], live: Live) -> None:
    page = officer(visitor, live, "admin")
    page.set_viewport_size({"width": 1280, "height": TALL})
    accounts = ["/office/accounts", "/office/accounts/new", "/office/accounts/1"]
    nothing(violations(page, [*accounts, "/office/outbox", "/office/holidays", "/office/holidays/new"]))
