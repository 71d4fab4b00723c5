"""Every page of consumers, merchants and mediators, in English and in traditional characters: no word of another
language is left, neither on a page nor among what it says of a form's mistakes or of what was done.

What is data (names, addresses, what people wrote) is marked ``lang="zh"`` on an English page and may stay Chinese.
If a line of yours is named here: give its English in your feature's words/en.po, by its Chinese. A text with ⟦ has
English, but was joined to another in Python: let one sentence of the catalogue hold both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from tests.architecture.test_access import SIGNED_IN_CONSUMER, Person, Visitors, Walk
from tests.conftest import close
from tests.support import databases, once
from webapp.core import policy
from webapp.core.actor import Role
from webapp.core.db import db, may_write
from webapp.settings import ROOT
from webapp.web import languages, slots
from webapp.web.access import Audience, rule_of
from webapp.web.english import load as load_english

CHINESE = re.compile(r"[\u3001-\u3003\u3008-\u3011\u3400-\u9fff\uf900-\ufaff\uff01-\uff5e]")
#: For the people of a trial, of officers or of printers: Chinese, and it says so.
CHINESE_PAGES = ("/outbox", "/handover/", "/office")
#: Names on letters (Chinese by law), and what a merchant sends to a customer.
CHINESE_WORDS = ("letter.", "complaint.template.", "openapi.", "api.")
#: Who opens the pages of each kind.
WHO = {
    Audience.PUBLIC: Person("a stranger"),
    Audience.CONSUMER: Person(SIGNED_IN_CONSUMER),
    Audience.SIGNED_IN: Person("the owner", Role.MERCHANT, "here"),
    Audience.MERCHANT: Person("the owner", Role.MERCHANT, "here"),
    Audience.MEDIATOR: Person("a mediator", Role.MEDIATOR, "here"),
}
HTML_LANG = {"en": "en", "hant": "zh-Hant"}
#: The browser and the address for each step.
Made = dict[str, tuple[FlaskClient, str]]
#: Elements without an end.
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
#: No markup may stand in these, so data cannot be marked there.
PLAIN = frozenset({"title", "option"})
#: What a person reads or hears of an element.
READ = frozenset({"alt", "title", "aria-label", "placeholder"})


class Page(HTMLParser):
    """The texts of a page: `plain` those in the page's language, `marked` those of another."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.plain: list[str] = []
        self.marked: list[str] = []
        self.unmarkable: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        apart = bool(self.open and self.open[-1][1])
        if "lang" in given and tag != "html":
            apart = str(given["lang"]).startswith("zh")
        apart = apart or given.get("translate") == "no" or tag in ("script", "style", "textarea")
        if not apart:
            self.unmarkable += [value for name, value in attrs if name in READ and value]
        if tag not in VOID:
            self.open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        while self.open and any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        tag, apart = self.open[-1] if self.open else ("", False)
        if data.strip():
            (self.marked if apart else self.unmarkable if tag in PLAIN else self.plain).append(data.strip())


#: Round each text of the Chinese catalogues during the walk: what still has them on an English page has no English, or
#: was joined to something in Python and could not be looked up.
MARKS = "⟦⟧"


def mark_the_catalogues(app: Flask) -> None:
    """Make every Chinese text of a catalogue recognisable, and let its English be found by it."""
    # Copies: other applications of this process hold the same catalogues.
    chinese, english = dict(app.extensions["ydym.words"]), dict(app.extensions["ydym.english"])
    app.extensions["ydym.words"], app.extensions["ydym.english"] = chinese, english
    for key, text in chinese.items():
        if CHINESE.search(text) and not key.startswith(CHINESE_WORDS):
            chinese[key] = text.join(MARKS)
        if text in english:
            english[chinese[key]] = english[text]


def of_a_catalogue(texts: list[str], english: dict[str, str]) -> list[str]:
    """Those of `texts` that are our own words and no data."""
    return [
        f"{text!r}"
        for text in texts
        if (MARKS[0] in text and len(text) > 2)  # one character is a picture, as the signs of eat and stay
        or (len(text) > 1 and text in english)
    ]


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory, _copies: Callable[[str], databases.SqliteCopies]
) -> Iterator[Flask]:
    """One application for the whole walk, with the reference tables."""
    folder = tmp_path_factory.mktemp("spoken")
    with ExitStack() as stack:
        url = stack.enter_context(_copies("sqlite").fresh(folder))
        app = once.application(databases.settings_for(folder, url))
        stack.callback(close, app)
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            may_write.set(True)
            policy.sync()
            slots.collect(app, "reference")
            db.session.commit()
        mark_the_catalogues(app)
        yield app


@pytest.fixture(scope="module")
def made() -> Made:
    """What was made for each step: reading a page in one language leaves it for the next."""
    return {}


def steps(app: Flask, methods: tuple[str, ...]) -> Iterator[tuple[Route, str, Audience]]:
    """What anybody but an officer can open (GET) or send (POST)."""
    for route in app.url_map.iter_rules():
        rule = rule_of(app, route.endpoint)
        if rule is None or rule.audience not in WHO or route.rule.startswith(CHINESE_PAGES):
            continue
        for method in methods:
            if method in (route.methods or ()):
                yield route, method, rule.audience


def make(app: Flask, route: Route, method: str, audience: Audience) -> tuple[FlaskClient, str]:
    """The browser of a person who may take the step, and the address with what the samples make for it."""
    with app.app_context():
        may_write.set(True)
        world, address = Walk(app, route, method)._place(fresh=True)
        db.session.commit()
        return Visitors(app).of(world, WHO[audience], fresh=True), address


def pages(app: Flask, made: Made, language: str, *methods: str) -> Iterator[tuple[str, Page]]:
    """Every page with what the samples make for it, as the person it is for sees it who chose `language`.

    POST sends an empty form: what a page says of mistakes, and what the next page says was done.
    """
    for route, method, audience in steps(app, methods):
        step = f"{method} {route.rule} {route.endpoint}"
        if step not in made:
            made[step] = make(app, route, method, audience)
        client, address = made[step]
        client.set_cookie("ydym_lang", language)
        answer = client.open(address, method=method)
        if method == "POST" and answer.status_code in {302, 303} and answer.location.startswith("/"):
            answer = client.get(answer.location)
        if (
            answer.mimetype == "text/html"
            and answer.text
            and answer.status_code < 500
            and not 300 <= answer.status_code < 400
        ):
            assert f'<html lang="{HTML_LANG[language]}"' in answer.text, address
            yield f"{method} {route.rule}", Page(answer.text)
        answer.close()


def test_every_page_is_english_but_for_data(walked: Flask, made: Made) -> None:
    english = load_english(ROOT / "webapp")
    faults, seen = [], 0
    for step, page in pages(walked, made, "en", "GET", "POST"):
        seen += 1
        faults += [f"{step}: {text!r}" for text in page.plain if CHINESE.search(text)]
        faults += [f"{step}: {text}" for text in of_a_catalogue([*page.marked, *page.unmarkable], english)]
    assert seen > 150
    assert not faults, "\n" + "\n".join(sorted(set(faults)))


def test_every_page_is_traditional_but_for_what_was_typed(walked: Flask, made: Made) -> None:
    faults, seen = [], 0
    for step, page in pages(walked, made, "hant", "GET"):
        seen += 1
        faults += [f"{step}: {text!r}" for text in (*page.plain, *page.unmarkable) if simplified(text)]
    assert seen > 100
    assert not faults, "\n" + "\n".join(sorted(set(faults)))


def simplified(text: str) -> bool:
    """Is there a character that traditional writing does not have? (里, 后 and their like are of both.)"""
    changed = {character for character in text if languages.traditional(character) != character}
    return bool(changed - set("里后干台面云只系征余谷松蒙丑几斗范冲吁周升卷才丰向回志致注克采于准游"))


def test_the_walk_would_see_what_is_left() -> None:
    page = Page('<p>共 <b lang="zh">老槐树</b></p><img alt="首页"><p translate="no">繁</p>')
    assert page.plain == ["共"]
    assert page.marked == ["老槐树", "繁"]
    assert page.unmarkable == ["首页"]
    assert of_a_catalogue(["首页", "老槐树", "⟦找店⟧"], {"首页": "Home"}) == ["'首页'", "'⟦找店⟧'"]
    assert simplified("发现")
    assert not simplified("發現在後面")
