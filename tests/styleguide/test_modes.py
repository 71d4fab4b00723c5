"""The three modes of a sample as a browser draws them: an element's attribute does what a whole page's view does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.factories import accounts
from tests.support.databases import ROOT
from tests.support.shown import Shown, shown
from webapp.core.actor import Role
from webapp.core.transaction import unit
from webapp.styleguide import forced, modes

CSS = ROOT / "static" / "css"
PANES = """() => [...document.querySelectorAll('[data-sample="四种"] .pane')].map(pane => {
  const style = getComputedStyle(pane.querySelector(".btn--primary")), scheme = getComputedStyle(pane).colorScheme;
  return [pane.dataset.shown, style.fontSize, style.backgroundColor, style.minHeight, scheme];
})"""
WIDER = """() => [...document.querySelectorAll(".pane")].filter(pane => pane.scrollWidth > pane.clientWidth + 1)
  .map(pane => pane.closest("[data-component]").dataset.component + " " + pane.dataset.shown
    + " " + (pane.scrollWidth - pane.clientWidth))"""


@pytest.fixture(scope="module")
def host() -> Iterator[Shown]:
    """Where the browser finds the page and the sheet that is made for it."""
    with shown() as serving:
        serving.put_sheet("/office/style/states.css", modes.sheet(CSS) + forced.sheet(CSS))
        yield serving


@pytest.fixture
def officer(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context(), unit():
        account_id = accounts.make_officer(Role.STATION_OFFICER, "130602").id
    accounts.sign_in(client, account_id)
    return client


def opened(browser: Browser, host: Shown, client: FlaskClient, address: str, **context: Any) -> Page:
    """The page in a window of its own; the test closes its context."""
    answer = client.get(address)
    page = browser.new_context(locale="zh-CN", service_workers="block", **context).new_page()
    page.goto(host.put(address, answer.text, answer.headers["Content-Security-Policy"]))
    return page


@pytest.mark.parametrize("device", ["light", "dark"])
def test_a_sample_has_the_colours_and_sizes_of_its_mode_whatever_the_device_has(
    browser: Browser, host: Shown, officer: FlaskClient, device: str
) -> None:
    page = opened(browser, host, officer, "/office/style/button", color_scheme=device)
    light, dark, elder = page.evaluate(PANES)
    page.context.close()
    assert light == ["light", "17px", "rgb(31, 42, 55)", "48px", "light"]
    assert dark == ["dark", "17px", "rgb(238, 234, 225)", "48px", "dark"]
    assert elder == ["elder", "22px", "rgb(31, 42, 55)", "60px", "light"]


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window_or_its_pane(
    browser: Browser, host: Shown, officer: FlaskClient, width: int
) -> None:
    page = opened(browser, host, officer, "/office/style", viewport={"width": width, "height": 900})
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    wider = page.evaluate(WIDER)
    page.context.close()
    assert over == 0
    assert wider == []
