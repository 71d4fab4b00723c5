"""The public pages without a network: marked copies, what the server removed, and a worker that replaces itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Problems
from tests.support.live import Live

NO_NETWORK = "ERR_INTERNET_DISCONNECTED|Failed to load resource|status of 404"
KEPT = """async () => (await (await caches.open("ydym-pages")).keys())
    .map(request => new URL(request.url)).filter(url => !url.pathname.startsWith("/static/")
    && !url.pathname.startsWith("/media/")).map(url => url.pathname).sort()"""


MEDIA = """async () => (await (await caches.open("ydym-pages")).keys()).map(request => request.url)
    .filter(url => url.includes("/media/"))"""


def until(page: Page, condition: str) -> None:
    """Until the script's `condition` (may be a promise) holds; the pages' policy forbids Playwright's own way."""
    held = page.evaluate(
        f"""async () => {{ for (let turn = 0; turn < 400; turn += 1) {{
            if (await ({condition})) {{ return true; }}
            await new Promise(go => setTimeout(go, 50)); }} return false; }}"""
    )
    assert held, f"never came true: {condition}"


@pytest.fixture
def guarded(page: Page, problems: Problems) -> Page:
    """A phone that has the worker: what it opens from now on is kept."""
    problems.allow(NO_NETWORK)
    page.goto("/offline")
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def wait_kept(page: Page, *paths: str) -> None:
    """Until the worker has kept exactly these."""
    until(page, f"({KEPT})().then(have => have.join() === {json.dumps(','.join(sorted(paths)))})")


def first_shop(page: Page) -> str:
    """The path of a shop that is vouched for."""
    page.goto("/shops?trusted=1")
    path = page.locator(".shopcard").first.get_attribute("href")
    assert path
    return path


def test_a_copy_says_that_it_is_one_and_is_green_nowhere(guarded: Page, axe: Callable[..., None]) -> None:
    page = guarded
    path = first_shop(page)
    page.goto(path)
    expect(page.locator(".verdict--good")).to_be_visible()
    wait_kept(page, "/shops", path)
    pictures = page.evaluate(MEDIA)
    assert {url.partition("?")[2] for url in pictures} == {"w=160"}, (
        "of every picture the smallest copy, nothing else"
    )
    page.context.set_offline(True)
    page.goto(path)
    mark = page.locator("main > .offline-mark").first
    expect(mark).to_be_visible()
    expect(mark).to_contain_text(re.compile(r"离线副本，截至 20\d\d年\d+月\d+日.*\d\d:\d\d"))
    expect(page.locator("main > :first-child")).to_have_class("offline-mark")
    green = page.evaluate(
        """() => { const of = name => getComputedStyle(document.querySelector(name));
            const box = of(".verdict").backgroundColor.match(/\\d+/g).map(Number);
            return [Math.max(...box) - Math.min(...box) > 20, of(".seal").filter]; }"""
    )
    assert green == [False, "grayscale(1)"]
    axe(page)
    # A page that was never opened: what one can do, and the way to the copy.
    page.goto("/oversight")
    expect(page.get_by_role("heading", level=1)).to_have_text("现在连不上网")
    expect(page.get_by_role("link", name="拨打 12315")).to_have_attribute("href", "tel:12315")
    axe(page)
    page.locator(f'[data-kept-list] a[href$="{path}"]').first.click()
    expect(page.locator(".offline-mark")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".offline-mark")).to_have_count(0)  # a copy loads itself anew once there is a network
    expect(page.locator(".verdict--good")).to_be_visible()


COPY_AS = """async ([from, to, tag]) => { const cache = await caches.open("ydym-pages"), old = await cache.match(from);
    const headers = new Headers(old.headers); headers.set("ETag", tag || old.headers.get("ETag"));
    await cache.put(to, new Response(await old.text(), {headers})); }"""


def test_what_the_server_no_longer_shows_leaves(guarded: Page) -> None:
    """By opening it; and, unasked, when the worker looks whether its copies still hold."""
    page = guarded
    path = first_shop(page)
    page.goto(path)
    wait_kept(page, "/shops", path)
    page.evaluate(COPY_AS, [path, "/s/900001", ""])  # a shop that was there yesterday
    page.goto("/s/900001")
    expect(page.locator("main")).not_to_contain_text("离线副本")
    wait_kept(page, "/shops", path)
    # A worker that begins looks: one page is gone, the other says something else by now (revoked, say).
    page.evaluate(COPY_AS, [path, "/s/900002", ""])
    page.evaluate(COPY_AS, [path, path, 'W/"before-it-was-revoked"'])
    page.evaluate("navigator.serviceWorker.register('/worker.js?begin', {scope: '/'})")
    wait_kept(page, "/shops")


def test_only_public_pages_are_kept_and_no_more_than_twenty(guarded: Page) -> None:
    page = guarded
    page.goto("/merchant/login")
    page.goto("/complaints")
    page.goto("/s/1/complain")
    for number in range(22):
        page.goto(f"/shops?page=1&q=&n={number}")
    page.goto("/about")
    until(page, f"({KEPT})().then(have => have.includes('/about') && have.length === 20)")
    assert set(page.evaluate(KEPT)) == {"/shops", "/about"}


def test_a_new_worker_takes_over_and_drops_the_old_shell(page: Page, problems: Problems) -> None:
    page.goto("/robots.txt")
    page.evaluate("navigator.serviceWorker.register('/worker.js?yesterday', {scope: '/'})")
    until(page, "navigator.serviceWorker.controller !== null")
    page.evaluate("caches.open('ydym-shell-yesterday').then(one => one.put('/offline', new Response('old')))")
    page.goto("/about")  # answered through yesterday's worker
    until(page, "navigator.serviceWorker.controller.scriptURL.endsWith('/worker.js')")
    until(page, "caches.keys().then(all => all.filter(name => name.startsWith('ydym-shell-')).length === 1)")
    assert "ydym-shell-yesterday" not in page.evaluate("caches.keys()")


def test_a_draft_is_there_after_the_network_went(guarded: Page, live: Live) -> None:
    page = guarded
    page.goto("/s/1/complain")
    page.locator("textarea").first.fill("汤里有头发，店家不认。")
    until(page, "Object.keys(localStorage).some(key => key.startsWith('draft:'))")
    page.context.set_offline(True)
    page.goto("/s/1/complain")
    expect(page.locator("[data-drafts]")).to_be_visible()
    page.context.set_offline(False)  # the page that stood in for it loads itself anew
    expect(page.locator("textarea").first).to_have_value("汤里有头发，店家不认。")


def test_installable(page: Page, live: Live) -> None:
    page.goto("/")
    address = page.locator("link[rel=manifest]").get_attribute("href")
    assert address
    manifest = page.request.get(address).json()
    assert (manifest["scope"], manifest["start_url"], manifest["display"]) == ("/", "/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        answer = page.request.get(icon["src"])
        assert answer.ok
        assert answer.headers["content-type"].startswith(icon["type"])
    errors = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []
