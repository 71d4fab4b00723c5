"""Every page that anybody can open, in English and in traditional characters: no word of another language is left.

What is data (names, addresses, what people wrote) is marked ``lang="zh"`` on an English page and may stay Chinese.
If a line of yours is named here: give its English in your feature's words/en.po, by its Chinese; a sentence with
figures in it that Python fills must be filled by ``languages.say`` and not by ``words.label``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.architecture.test_access import Walk
from tests.conftest import close
from tests.support import databases, once
from webapp.core import policy
from webapp.core.db import db, may_write
from webapp.settings import ROOT
from webapp.web import languages, slots, words
from webapp.web.access import Audience, rule_of

CHINESE = re.compile(r"[\u3001-\u3003\u3008-\u3011\u3400-\u9fff\uf900-\ufaff\uff01-\uff5e]")
#: For the people of a trial, of officers or of printers: Chinese, and it says so.
CHINESE_PAGES = {"notices.outbox", "printing_public.handover"}
#: Elements without an end.
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
#: No markup may stand in these, so data cannot be marked there.
PLAIN = frozenset({"title", "option", "textarea"})
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
        apart = apart or given.get("translate") == "no" or tag in ("script", "style")
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


def of_a_catalogue(
    texts: list[str], patterns: dict[str, re.Pattern[str]], english: dict[str, str]
) -> list[str]:
    """Those of `texts` that are our own words and no data: a catalogue has them, or they are its sentence filled."""
    return [
        f"{text!r}"
        for text in texts
        if CHINESE.search(text)
        and len(text) > 1  # one character alone is a picture, as the signs of eat and stay
        and (text in english or any(pattern.fullmatch(text) for pattern in patterns.values()))
    ]


def filled_in() -> dict[str, re.Pattern[str]]:
    """The sentences of the catalogues as patterns; what is a single word may be data and is left out."""
    made = {}
    for key, chinese in words.load(ROOT / "webapp").items():
        parts = re.split(r"\{[^}]*\}", chinese)
        if len(CHINESE.findall(re.sub(r"\{[^}]*\}", "", chinese))) >= 8:
            made[key] = re.compile(".+?".join(re.escape(part) for part in parts), re.DOTALL)
    return made


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
        with app.app_context():
            may_write.set(True)
            policy.sync()
            slots.collect(app, "reference")
            db.session.commit()
        yield app


def pages(app: Flask, language: str) -> Iterator[tuple[str, Page]]:
    """Every public page with what the samples make for it, as a stranger who chose `language` sees it."""
    client = app.test_client()
    client.set_cookie("ydym_lang", language)
    for route in app.url_map.iter_rules():
        rule = rule_of(app, route.endpoint)
        if rule is None or rule.audience is not Audience.PUBLIC or "GET" not in (route.methods or ()):
            continue
        if route.endpoint in CHINESE_PAGES or route.rule.startswith("/office"):
            continue
        with app.app_context():
            may_write.set(True)
            _world, address = Walk(app, route, "GET")._place(fresh=False)
            db.session.commit()
        answer = client.get(address)
        if (
            answer.mimetype == "text/html"
            and answer.status_code < 500
            and not 300 <= answer.status_code < 400
        ):
            assert 'lang="en"' in answer.text if language == "en" else 'lang="zh-Hant"' in answer.text, (
                address
            )
            yield route.rule, Page(answer.text)
        answer.close()


def test_every_public_page_is_english_but_for_data(walked: Flask) -> None:
    patterns, english = filled_in(), languages.load(ROOT / "webapp")
    faults, seen = [], 0
    for rule, page in pages(walked, "en"):
        seen += 1
        faults += [f"{rule}: {text!r}" for text in page.plain if CHINESE.search(text)]
        faults += [f"{rule}: {text}" for text in of_a_catalogue(page.marked, {}, english)]
        faults += [
            f"{rule}: {text}" for text in of_a_catalogue([*page.marked, *page.unmarkable], patterns, {})
        ]
    assert seen > 40
    assert not faults, "\n" + "\n".join(sorted(set(faults)))


def test_every_public_page_is_traditional_but_for_what_was_typed(walked: Flask) -> None:
    faults, seen = [], 0
    for rule, page in pages(walked, "hant"):
        seen += 1
        faults += [f"{rule}: {text!r}" for text in (*page.plain, *page.unmarkable) if simplified(text)]
    assert seen > 40
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
    assert of_a_catalogue(["首页", "老槐树"], {}, {"首页": "Home"}) == ["'首页'"]
    assert simplified("发现")
    assert not simplified("發現在後面")
