"""The verdict read aloud by the browser: in the page's language, names as Chinese; the same button stops it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

#: A browser of a test has no voices: this one writes down what it is asked to say.
VOICE = """
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  cancel: function () { window.said.push("cancel"); },
  speak: function (one) { window.said.push(one.lang + ": " + one.text); }
} });
"""


@pytest.mark.parametrize(
    ("code", "button", "stop", "first"),
    [
        ("hans", "读给我听", "停止朗读", "zh-CN: 这家店已由"),
        ("hant", "讀給我聽", "停止朗讀", "zh-TW: 這家店已由"),
        ("en", "Read it to me", "Stop reading", "en-GB: This shop was checked by"),
    ],
)
def test_the_verdict_is_read_aloud(
    visitor: Callable[..., Page], code: str, button: str, stop: str, first: str
) -> None:
    page = visitor(390, 844)
    page.add_init_script(VOICE)
    page.goto(f"/view?lang={code}&next=/s/1")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("button", name=stop)).to_be_visible()
    assert page.evaluate("window.said[1]").startswith(first)
    page.get_by_role("button", name=stop).click()
    expect(page.get_by_role("button", name=button)).to_be_visible()
    assert page.evaluate("window.said[window.said.length - 1]") == "cancel"


@pytest.mark.parametrize("missing", ["speechSynthesis", "SpeechSynthesisUtterance"])
def test_a_browser_without_a_voice_offers_none(page: Page, missing: str) -> None:
    page.add_init_script(f"Object.defineProperty(window, '{missing}', {{ value: undefined }});")
    page.goto("/s/1", wait_until="load")  # the page's scripts have run then
    expect(page.locator("[data-read-aloud]")).to_have_count(1)
    expect(page.locator("[data-read-aloud]")).to_be_hidden()
