"""Consumers' templates in English: what becomes a look-up, what is marked as Chinese, and that no sentence lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment

from webapp.settings import ROOT
from webapp.web import languages, sentences, words
from webapp.web.english import load as load_english

TEMPLATES = ROOT / "templates"
#: Chinese only: printers' pages, the sign-in of officers, and pieces that stand in officers' pages alone.
CHINESE = re.compile(
    r"^(?:accounts/(?:desk_|_posts)|audit/sight_|holidays/|merchants/_mall_form|printing/public_handover|registry/_parts|styleguide/"
    r"|components/(?:year_calendar|cover_grid))"
)


def _english_templates() -> Iterator[tuple[str, Path]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if sentences.is_offered(name) and not CHINESE.match(name):
            yield name, path


def test_every_sentence_of_a_consumers_template_has_its_english() -> None:
    """A new sentence of yours is named here? Give its English in your feature's words/en.po, by this very Chinese."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    english = load_english(ROOT / "webapp")
    missing, seen = [], 0
    for name, path in _english_templates():
        for sentence in sentences.offered(environment, path.read_text("utf-8"), name):
            seen += 1
            if sentence not in english:
                missing.append(f"{name}: {sentence!r}")
        for sentence, pieces in sentences.joined(environment, path.read_text("utf-8"), name):
            seen += 1
            if sentence not in english and not all(piece in english for piece in pieces):
                missing.append(f"{name}: {sentence!r} (joined by ~)")
    assert seen > 2500
    assert not missing, "no English (words/en.po) for:\n" + "\n".join(missing)


def test_what_python_says_has_its_english() -> None:
    """A new key of yours is named here? Give its English, by its Chinese, in your feature's words/en.po.

    Only where officers alone read it, or where it is stored, printed on a letter or sent: add it to officers_words.txt.
    """
    chinese, english = words.load(ROOT / "webapp"), load_english(ROOT / "webapp")
    lines = (Path(__file__).parent / "officers_words.txt").read_text("utf-8").split()
    keys = {line for line in lines if not line.endswith("*")}
    groups = tuple(line[:-1] for line in lines if line.endswith("*"))
    wanted = {
        key
        for key, text in chinese.items()
        if text not in english
        and sentences.HAN.search(text)
        and (not key.startswith(groups) or key.startswith("audit.action.sticker."))  # a merchant reads these
    }
    assert sorted(wanted - keys) == [], "no English (words/en.po) for these keys"
    assert sorted(keys - wanted) == [], "in officers_words.txt for nothing: gone, or English by now"
    assert [group for group in groups if not any(key.startswith(group) for key in chinese)] == []


def test_scripts_hold_no_words() -> None:
    """What a script says stands in the page (data-…), where a template's sentence is looked up."""
    comment = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    assert len(scripts) > 10
    faults = [path.name for path in scripts if sentences.HAN.search(comment.sub("", path.read_text("utf-8")))]
    assert faults == []


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
        (
            '<p>{{ "看" ~ name }}</p>',
            '<p><span>See <span lang="zh">老槐树</span></span></p>',
            "<p>看老槐树</p>",
        ),
        ('<img alt="{{ "共 " ~ (n.count) ~ " 件" }}">', '<img alt="3 in all">', '<img alt="共 3 件">'),
        (
            '<p>{{ ("看" ~ (name)) if n else "首页" }}</p>',
            '<p><span>See <span lang="zh">老槐树</span></span></p>',
            "<p>看老槐树</p>",
        ),
        ('{{ evil|e ~ "，首页" ~ trade }}', "&lt;b&gt;，首页Dining", "&lt;b&gt;，首页餐饮"),
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
