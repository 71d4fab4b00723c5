"""Every page, to every kind of eyes: axe looks at each address that answers with a page.

The pages are made by the route walk's samples, one for each address, so a new route without a sample fails here. Each
page is looked at by all of axe's rules in one of three views (light, dark, large), chosen by its address, and by the
rules of colour, size and type in another; phones and desks take turns. What a person reads in the large view is
at least 22 pixels tall (docs/design-system.md). The pages of errors, which no address has, are looked at in every view,
and as readers with the narrowest windows and wide spaces have them (WCAG 2.2, 1.4.10 and 1.4.12).
Every form is looked at as it comes back when nothing was filled in. Further states that a page can be in are looked at
in tests/journeys/test_axe.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from tests.architecture.samples import ADMITTED
from tests.architecture.test_access import (
    FRAME,
    PEOPLE,
    Expected,
    Person,
    Visitors,
    Walk,
    expected,
    routes_of,
    walked,
)
from tests.support.browser import AXE_TAGS
from tests.support.databases import ROOT
from tests.support.shown import Shown, shown
from webapp.core.db import db, may_write
from webapp.features import FEATURES
from webapp.styleguide import forced, modes
from webapp.web import errors
from webapp.web.access import Audience, rule_of

__all__ = ["walked"]

#: Who looks, in this order: the first whom the address lets in. A page for all who signed in has two frames.
LOOKERS = (
    "a stranger",
    "a consumer who signed in",
    "the owner",
    "a mediator",
    "bureau officer of the city",
    "administrator of the city",
)
BOTH_SIDES = ("the owner", "bureau officer of the city")
#: A busy machine is no fault of the pages.
pytestmark = pytest.mark.timeout(900)
VIEWS = ("light", "dark", "elder")
WIDTHS = (390, 1440)
#: The narrowest window that a page must fit in.
NARROW = 320
#: The smallest words of the large view, in pixels.
LEAST = 22
#: Nobody reads these as words of the view: drawings, words for the ear, and the style page's samples of other views.
ASIDE = 'svg, script, .vh, [data-shown="light"], [data-shown="dark"]'
#: The window is as tall as most pages: axe measures colours of what is in view.
TALL = 3000
#: Addresses whose sample has nothing to show yet and says so; each of them gives a file or a list, and no page.
UNMADE = {
    "atlas.cells": "data for the map, which asks for a piece of it",
    "stickers_merchant.all_files": "a file of stickers, which the shop does not have",
    "stickers_poster.picture": "a picture of a code, which the shop does not have",
    "printing_merchant.file": "a file that is not printed yet",
    "printing_office.file": "a file that is not printed yet",
    "reprints_merchant.sheet": "a file of stickers that nobody asked for",
}
#: How a form answers that what was sent will not do.
MISTAKEN = {400, 409, 422}
#: Rules of axe that a page may break, each with the reason.
EXCUSED = {"styleguide.show": ("landmark-unique", "the style page shows the same component more than once")}
#: What readers may set by 1.4.12, at the least.
SPACED = """*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}
p{margin-bottom:2em!important}"""
#: Boxes that cut on purpose: maps, and lines that stand whole on the page that they lead to.
CUT = ".leaflet-container, .casecard__story, .m-top__name"
LOOK = """
async ([view, all, tags, least, aside, spaced, cut]) => {
  const root = document.documentElement;
  root.classList.toggle("elder", view === "elder");
  root.setAttribute("data-theme", view === "dark" ? "dark" : "light");
  const only = all ? { type: "tag", values: tags } : { type: "rule", values: ["color-contrast", "target-size"] };
  const seen = await axe.run(document, { runOnly: only, resultTypes: ["violations"] });
  const found = [];
  for (const rule of seen.violations)
    for (const node of rule.nodes) found.push(rule.id + ": " + node.target + " " + node.html.slice(0, 120));
  const fits = how => {
    if (root.scrollWidth > root.clientWidth)
      found.push((root.scrollWidth - root.clientWidth) + " pixels wider than the window" + how);
  };
  fits("");
  if (view === "elder") {
    const small = new Set(), known = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const holder = texts.currentNode.parentElement, name = holder.tagName + "." + holder.className;
      if (known.has(name) || !texts.currentNode.data.trim() || holder.closest(aside)) continue;
      known.add(name);
      const box = holder.getBoundingClientRect(), size = parseFloat(getComputedStyle(holder).fontSize);
      if (size < least && box.width > 1 && box.height > 1) small.add(name);
    }
    small.forEach(one => found.push("smaller than " + least + " pixels: " + one));
  } else if (spaced) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(spaced);
    document.adoptedStyleSheets = [sheet];
    fits(", spaced");
    document.querySelectorAll("body *").forEach(one => {
      const style = getComputedStyle(one), hides = way => way === "hidden" || way === "clip";
      if (!hides(style.overflowX) && !hides(style.overflowY)) return;
      if (one.closest("svg, script, .vh, " + cut) || one.clientWidth < 2 || !one.textContent.trim()) return;
      if ((hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2) ||
          (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 2))
        found.push("cut off, spaced: " + one.tagName + "." + one.className);
    });
    document.adoptedStyleSheets = [];
  }
  return found;
}
"""


@dataclass(frozen=True)
class Sample:
    """A page as one person has it."""

    endpoint: str
    address: str
    html: str
    policy: str
    status: int = 200

    @property
    def turn(self) -> int:
        """A number that stays the same whatever other pages there are."""
        return zlib.crc32(self.endpoint.encode())


def lookers(walk: Walk) -> list[Person]:
    """Who is asked to look at the page of this walk's route."""
    assert walk.rule is not None
    people = {person.name: person for person in PEOPLE}
    admitted = [
        people[name]
        for name in LOOKERS
        if expected(walk.rule, walk.route.endpoint, people[name]) is Expected.ADMITTED
    ]
    if walk.rule.audience is Audience.SIGNED_IN:
        return [person for person in admitted if person.name in BOTH_SIDES]
    return admitted[:1]


def answers(app: Flask, method: str) -> Iterator[Sample]:
    """What every address answers to this method, if that is a page of HTML: as who looks first has it. A form is sent
    with nothing filled in, each to a thing of its own, since it may do what nothing has to be said for."""
    visitors = Visitors(app)
    for feature in (FRAME, *FEATURES):
        for route, accepted in routes_of(app, feature):
            if accepted != method or rule_of(app, route.endpoint) is None:
                continue
            walk, fresh = Walk(app, route, method, visitors), method != "GET"
            for person in lookers(walk):
                with app.app_context():
                    may_write.set(True)
                    world, address = walk._place(fresh=fresh)
                    db.session.commit()
                    client = visitors.of(world, person, fresh=fresh)
                answer = client.open(address, method=method, data={"sent": "1"} if fresh else None)
                if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 303}:
                    policy = answer.headers["Content-Security-Policy"]
                    yield Sample(route.endpoint, address, answer.text, policy, answer.status_code)
                answer.close()


@pytest.fixture(scope="module")
def pages(walked: Flask) -> list[Sample]:
    """One sample of every page."""
    return list(answers(walked, "GET"))


@pytest.fixture(scope="module")
def host() -> Iterator[Shown]:
    """Where the browser finds them."""
    with shown() as serving:
        folder = ROOT / "static" / "css"
        serving.put_sheet("/office/style/states.css", modes.sheet(folder) + forced.sheet(folder))
        yield serving


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[dict[int, Page]]:
    """A phone and a desk, used for one page after another."""
    contexts: list[BrowserContext] = []
    found = {}
    for width in WIDTHS:
        phone = width < 600
        context = browser.new_context(
            viewport={"width": width, "height": TALL},
            is_mobile=phone,
            has_touch=phone,
            locale="zh-CN",
            reduced_motion="reduce",
            service_workers="block",
        )
        contexts.append(context)
        found[width] = context.new_page()
    yield found
    for context in contexts:
        context.close()


def seen(page: Page, view: str, *, everything: bool, spaced: bool = False) -> list[str]:
    """What is wrong with the page that stands there, in one of the views."""
    lines: list[str] = page.evaluate(
        LOOK, [view, everything, AXE_TAGS, LEAST, ASIDE, SPACED if spaced else "", CUT]
    )
    return lines


def look(page: Page, sample: Sample, host: Shown) -> list[str]:
    """What is wrong with a page in two of the views, each with its address."""
    page.goto(host.put(sample.address, sample.html, sample.policy))
    first = sample.turn % len(VIEWS)
    excused, _reason = EXCUSED.get(sample.endpoint, ("nothing", ""))
    return [
        f"{sample.address} ({sample.endpoint}, {view}): {line}"
        for place, view in enumerate((VIEWS + VIEWS)[first : first + 2])
        for line in seen(page, view, everything=place == 0)
        if not line.startswith(f"{excused}: ")
    ]


def test_every_sample_is_a_page(pages: list[Sample]) -> None:
    """A sample that is refused would show the page of errors instead of its own."""
    refused = {sample.endpoint for sample in pages if sample.status != 200}
    assert refused - set(ADMITTED) == set(UNMADE)
    assert set(EXCUSED) <= {sample.endpoint for sample in pages}
    assert all(len(reason) > 15 for reason in (*UNMADE.values(), *(why for _rule, why in EXCUSED.values())))


def test_every_page_in_every_view(pages: list[Sample], host: Shown, windows: dict[int, Page]) -> None:
    found = [
        line
        for sample in pages
        for line in look(windows[WIDTHS[sample.turn // 8 % len(WIDTHS)]], sample, host)
    ]
    assert not found, "\n" + "\n".join(found)


def test_every_form_with_its_mistakes(walked: Flask, host: Shown, windows: dict[int, Page]) -> None:
    found, forms = [], 0
    for sample in answers(walked, "POST"):
        if sample.status not in MISTAKEN or "</body>" not in sample.html:
            continue
        page = windows[WIDTHS[sample.turn // 8 % len(WIDTHS)]]
        page.goto(host.put(sample.address, sample.html, sample.policy))
        view = VIEWS[sample.turn % len(VIEWS)]
        found += [
            f"{sample.address} ({sample.endpoint}, {view}): {line}"
            for line in seen(page, view, everything=True)
        ]
        forms += page.locator("form [aria-invalid=true], .errors, [role=alert]").count() > 0
    assert not found, "\n" + "\n".join(found)
    assert forms > 60


def error_pages(app: Flask) -> Iterator[Sample]:
    """What people meet when something goes wrong, as the handlers answer it, and the page without a network."""
    for status in sorted(errors.PAGES):
        with app.test_request_context("/"):
            app.preprocess_request()
            answer = app.process_response(errors.answer(status, retry_after=90 if status == 429 else None))
            policy = answer.headers["Content-Security-Policy"]
            yield Sample(
                f"errors.{status}", f"/errors/{status}", answer.get_data(as_text=True), policy, status
            )
    away = app.test_client().get("/offline")
    yield Sample("offline.page", "/offline", away.text, away.headers["Content-Security-Policy"])


def test_the_pages_of_errors_in_every_view(walked: Flask, host: Shown, windows: dict[int, Page]) -> None:
    phone, found, heads = windows[WIDTHS[0]], [], set()
    phone.set_viewport_size({"width": NARROW, "height": TALL})
    for sample in error_pages(walked):
        phone.goto(host.put(sample.address, sample.html, sample.policy))
        heads.add(phone.locator("h1").inner_text())
        for view in VIEWS:
            lines = seen(phone, view, everything=True, spaced=True)
            found += [f"{sample.address} ({view}): {line}" for line in lines]
    phone.set_viewport_size({"width": WIDTHS[0], "height": TALL})
    assert not found, "\n" + "\n".join(found)
    assert len(heads) == len(errors.PAGES) + 1, "each says what happened in words of its own"


#: Pale words on white, words too small for old eyes, and a box wider than any phone; the style is the page's own.
CROOKED = """<!doctype html><html lang="zh-CN">
<head><title>歪</title><meta name="viewport" content="width=device-width">
<style>p { background: #fff; color: #aaa; font-size: 12px; } div { width: 900px; height: 9px; }
section { width: 6em; height: 1.4em; line-height: 1.4; overflow: hidden; }</style></head>
<body><main><h1>歪</h1><p>看不清的字</p><section>挤在一起的字</section>
<img src="/static/img/favicon.svg"><div></div></main></body></html>"""


def test_what_is_wrong_is_seen(host: Shown, windows: dict[int, Page]) -> None:
    phone = windows[WIDTHS[0]]
    phone.goto(host.put("/crooked", CROOKED))
    by_rules = "\n".join(seen(phone, "light", everything=True))
    assert "color-contrast: p" in by_rules
    assert "image-alt: img" in by_rules
    assert "pixels wider than the window" in by_rules
    assert "cut off" not in by_rules
    assert "cut off, spaced: SECTION." in "\n".join(seen(phone, "light", everything=False, spaced=True))
    large = "\n".join(seen(phone, "elder", everything=False))
    assert "color-contrast: p" in large
    assert "image-alt" not in large
    assert f"smaller than {LEAST} pixels: P." in large
