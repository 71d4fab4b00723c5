"""Consumers' templates in English: what becomes a look-up, what is marked as Chinese, and that no sentence lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment

from webapp.settings import ROOT
from webapp.web import languages, sentences

TEMPLATES = ROOT / "templates"
#: Chinese only, as :data:`webapp.web.languages._CHINESE_ONLY` has it: merchants', mediators' and printers' pages, and
#: the pieces that stand in these or in officers' pages alone.
CHINESE = re.compile(
    r"^(?!merchants/merchant_home|stickers/merchant_poster)(?:\w+/(?:_?merchant|desk|own|sight)_"
    r"|mediation/(?:show|index)\.|printing/|registry/|holidays/|changes/|reprints/|audit/(?!_who_looked)|merchants/_|applications/"
    r"|joint/_complaint|commitments/_preview|licences/_(?:preview|checks)|listings/_checks|accounts/_posts"
    r"|components/diff)"
)


def _english_templates() -> Iterator[tuple[str, Path]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if sentences.is_offered(name) and not CHINESE.match(name):
            yield name, path


def test_every_sentence_of_a_consumers_template_has_its_english() -> None:
    """A new sentence of yours is named here? Give its English in your feature's words/en.po, by this very Chinese."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    english = languages.load(ROOT / "webapp")
    missing, seen = [], 0
    for name, path in _english_templates():
        for sentence in sentences.offered(environment, path.read_text("utf-8"), name):
            seen += 1
            if sentence not in english:
                missing.append(f"{name}: {sentence!r}")
    assert seen > 1500
    assert not missing, "no English (words/en.po) for:\n" + "\n".join(missing)


def spoken(app: Flask, source: str, language: str = "en", **context: object) -> str:
    """A template's text as a page of `language` shows it."""
    with app.test_request_context("/", headers={"Cookie": f"ydym_lang={language}"}):
        app.extensions["ydym.english"] = {
            "共 {count} 件": "{count} in all",
            "首页": "Home",
            "看{name}": "See {name}",
            "餐饮": "Dining",
            "{trade}：{evil}": "{trade}: {evil}",
        }
        return render(app, source, context)


def render(app: Flask, source: str, context: dict[str, object]) -> str:
    """`source` compiled as a consumer's template."""
    from jinja2 import DictLoader

    environment = app.jinja_env.overlay(loader=DictLoader({"x/public_x.html": source}))
    return environment.get_template("x/public_x.html").render(**context)


@pytest.fixture
def english(app: Flask) -> Iterator[Flask]:
    """The application with a catalogue of a few sentences."""
    kept = app.extensions["ydym.english"]
    yield app
    app.extensions["ydym.english"] = kept


@pytest.mark.parametrize(
    ("source", "english_page", "chinese_page"),
    [
        ("<p>共 {{ n.count }} 件</p>", "<p>3 in all</p>", "<p>共 3 件</p>"),
        ('<a title="首页">{{ "首页" }}</a>', '<a title="Home">Home</a>', '<a title="首页">首页</a>'),
        ("<p>{{ name }}</p>", '<p><span lang="zh">老槐树</span></p>', "<p>老槐树</p>"),
        ("<p>看{{ name }}</p>", '<p><span>See <span lang="zh">老槐树</span></span></p>', "<p>看老槐树</p>"),
        ('<img alt="看{{ name }}">', '<img alt="See 老槐树">', '<img alt="看老槐树">'),
        ("<title>看{{ name }}</title>", "<title>See 老槐树</title>", "<title>看老槐树</title>"),
        ("<p>{{ trade }}：{{ evil }}</p>", "<p><span>Dining: &lt;b&gt;</span></p>", "<p>餐饮：&lt;b&gt;</p>"),
        ('<input value="{{ trade }}">', '<input value="餐饮">', '<input value="餐饮">'),
        ("<textarea>{{ name }}</textarea>", "<textarea>老槐树</textarea>", "<textarea>老槐树</textarea>"),
        (
            "<script>var a = '首页';</script>",
            "<script>var a = '首页';</script>",
            "<script>var a = '首页';</script>",
        ),
    ],
)
def test_what_a_template_becomes(english: Flask, source: str, english_page: str, chinese_page: str) -> None:
    context: dict[str, object] = {"n": {"count": 3}, "name": "老槐树", "trade": "餐饮", "evil": "<b>"}
    assert spoken(english, source, **context) == english_page
    assert spoken(english, source, "hans", **context) == chinese_page


def test_a_files_macros_are_not_bound_to_the_first_readers_language(english: Flask) -> None:
    from jinja2 import DictLoader

    files = {
        "x/_parts.html": '{% set words = {"a": "首页"} %}'
        '{% macro m(text="首页") %}{{ words["a"] }} {{ text }}{% endmacro %}',
        "x/public_x.html": '{% from "x/_parts.html" import m %}{{ m() }}',
    }
    environment = english.jinja_env.overlay(loader=DictLoader(files))
    for language, text in (("hans", "首页 首页"), ("en", "Home Home"), ("hans", "首页 首页")):
        with english.test_request_context("/", headers={"Cookie": f"ydym_lang={language}"}):
            english.extensions["ydym.english"] = {"首页": "Home"}
            assert environment.get_template("x/public_x.html").render() == text


def test_officers_pages_stay_chinese(english: Flask) -> None:
    assert not sentences.is_offered("complaints/office_show.html")
    with english.test_request_context("/office/complaints", headers={"Cookie": "ydym_lang=en"}):
        assert languages.language() == "zh-Hans"
        assert languages.chosen() == "en"
