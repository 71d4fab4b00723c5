"""The desk's frame as a browser draws it: decisions at the foot of the window, and the menu where one is."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.shown import shown
from webapp.settings import ROOT

SHEETS = "".join(
    f'<link rel="stylesheet" href="/static/css/{name}.css">'
    for name in ("tokens", "base", "forms", "parts", "office")
)
MENU = "".join(
    f'<li><a href="/{n}"{" aria-current=page" if n == 9 else ""}>第 {n} 项待办</a></li>' for n in range(12)
)


def desk(case: str) -> str:
    """A page of the desk with a decision, as layouts/office.html draws it; the layout is held to it below."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta name="viewport" content="width=device-width"><title>案件</title>'
        f'{SHEETS}</head><body class="office"><div class="desk"><header class="desk__top">头</header>'
        f'<nav class="desk__nav"><ul>{MENU}</ul></nav><main class="desk__main desk__main--decides">'
        f'<div class="desk__case">{case}</div><div class="decision">办</div>'
        '</main></div><script src="/static/js/office-keys.js"></script></body></html>'
    )


@pytest.mark.parametrize("case", ["<p>一句话</p>", "<p>一行</p>" * 200], ids=["short", "long"])
def test_decisions_stand_at_the_foot_of_the_window(browser: Browser, case: str) -> None:
    with shown() as host:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(host.put("/desk", desk(case)))
        foot = page.evaluate("document.querySelector('.decision').getBoundingClientRect().bottom")
        page.close()
    assert round(foot) == 900


def test_the_menu_of_a_phone_begins_where_one_is(browser: Browser) -> None:
    with shown() as host:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(host.put("/desk", desk("<p>一句话</p>")))
        here = page.evaluate(
            "(() => { const box = document.querySelector('[aria-current]').getBoundingClientRect();"
            " return [box.left, box.right]; })()"
        )
        page.close()
    assert 0 <= here[0] < here[1] <= 390


def test_the_layout_says_when_there_is_a_decision() -> None:
    layout = Path(ROOT / "templates" / "layouts" / "office.html").read_text("utf-8")
    assert """class="desk__main{{ ' desk__main--decides' if decide|trim }}\"""" in layout
    assert '<div class="desk__case">{{ self.content() }}</div>' in layout
