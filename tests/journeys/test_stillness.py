"""Whoever asked the system for stillness sees nothing move: no animation and no transition on any element."""

from __future__ import annotations

from playwright.sync_api import Page

#: Elements, and what is drawn before and after them, that would move.
MOVING = """
() => [...document.querySelectorAll("*")].flatMap(one => [null, "::before", "::after"].filter(part => {
  const style = getComputedStyle(one, part);
  return style.animationName !== "none" || style.transitionDuration.split(", ").some(each => each !== "0s");
}).map(part => one.tagName + "." + one.className + (part || "")))
"""
#: What a pressed button shows while its form is on its way: the one thing that turns.
BUSY = """document.querySelector("main").insertAdjacentHTML("beforeend", '<button class="btn busy">…</button>')"""


def test_nothing_moves_for_whoever_wants_stillness(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    for address in ("/", "/shops/map", "/s/1", "/verify", "/s/1/complain"):
        page.goto(address)
        page.evaluate(BUSY)
        assert page.evaluate(MOVING) == [], address
        assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert any("busy" in one for one in page.evaluate(MOVING)), "this test would not see what moves"
