"""Three languages: which one a visitor gets, what is converted, what stays, and that English is complete."""

from __future__ import annotations

import pytest
from flask import Flask, flash
from flask.testing import FlaskClient

from webapp.settings import ROOT
from webapp.web import languages
from webapp.web.access import public
from webapp.web.english import load
from webapp.web.languages import language_of, traditional_page
from webapp.web.negotiation import accepted_language, view_of
from webapp.web.words import label


@pytest.mark.parametrize(
    ("view", "language"),
    [("", "zh-Hans"), ("elder.dark", "zh-Hans"), ("elder.dark.hant", "zh-Hant"), ("en", "en")],
)
def test_the_view_names_the_language(view: str, language: str) -> None:
    assert language_of(view) == language


def test_a_page_becomes_traditional_but_for_what_was_typed() -> None:
    page = (
        '<p title="扫码">发现头发</p><input value="发票" placeholder="电话"><textarea name="a">\n发票</textarea>'
        '<b class="x" translate="no">发记</b><script>"发"</script>'
    )
    assert traditional_page(page) == (
        '<p title="掃碼">發現頭髮</p><input value="发票" placeholder="電話"><textarea name="a">\n发票</textarea>'
        '<b class="x" translate="no">发记</b><script>"发"</script>'
    )


def test_what_the_phrases_get_wrong_is_put_right() -> None:
    assert languages.traditional("请在 15:00 前回复，7 天后撤下；已换发，不能再制发") == (
        "請在 15:00 前回覆，7 天後撤下；已換發，不能再制發"
    )


def test_a_key_may_have_an_english_of_its_own(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "ydym_lang=en"}):
        assert languages.say("complaint.menu.merchant") == "Complaints"
        assert languages.translate("投诉") == "Complaint"


def test_the_switch_remembers_and_goes_back(app: Flask) -> None:
    visitor = app.test_client()
    answer = visitor.get("/view?lang=hant&next=/about")
    assert answer.location == "/about"
    page = visitor.get("/about")
    assert '<html lang="zh-Hant"' in page.text
    assert "這枚碼能證明什麼" in page.text
    visitor.get("/view?lang=hans&next=/")
    assert "这枚码能证明什么" in visitor.get("/about").text
    visitor.get("/view?lang=tlh")
    assert '<html lang="zh-CN"' in visitor.get("/about").text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", ""),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh-TW", "hant"),
        ("en;q=0.5,zh-Hant-HK", "hant"),
        ("fr,en;q=0.5", "en"),
        ("fr", ""),
        ("bo-CN,zh-CN;q=0.8", ""),
        ("", ""),
    ],
)
def test_who_chose_no_language_gets_the_browsers(header: str, language: str) -> None:
    assert accepted_language(header) == language
    asks = {"HTTP_ACCEPT_LANGUAGE": header}
    assert view_of(asks) == language
    assert view_of({**asks, "HTTP_COOKIE": "ydym_theme=dark"}) == ".".join(filter(None, ["dark", language]))
    assert view_of({**asks, "HTTP_COOKIE": "ydym_lang=hans"}) == ""


def test_an_address_can_be_passed_on_in_a_language(app: Flask) -> None:
    visitor = app.test_client()
    answer = visitor.get("/shops?q=%E9%9D%A2&lang=en&sort=stars")
    assert (answer.status_code, answer.location) == (302, "/shops?q=%E9%9D%A2&sort=stars")
    assert '<html lang="en"' in visitor.get(answer.location).text
    assert visitor.get("/?lang=hant").location == "/", "kept pages, too"
    assert visitor.get("/about?lang=tlh").status_code == 200
    assert visitor.get("//elsewhere.example/?lang=en").location.startswith("/")
    for program, status in (
        ("/api/v1/shops", 400),  # which refuses what it does not know
        ("/static/css/base.css", 200),
        ("/.well-known/ydym-keys.json", 200),
    ):
        answer = visitor.get(f"{program}?lang=en")
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (status, False), program
        answer.close()


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 complaint waits"), ("1", "1 complaint waits"), (2, "2 complaints wait")]
)
def test_english_has_a_singular(app: Flask, count: object, said: str) -> None:
    with app.test_request_context("/", headers={"Cookie": "ydym_lang=en"}):
        assert languages.translate("{waiting} 件投诉等您回复", waiting=count) == f"{said} for your answer"


def test_what_python_filled_is_said_in_the_pages_language(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "ydym_lang=en"}):
        filled = label("error.too_long", longest=60, length=72)
        assert filled == "太长了：最多 60 个字，现在是 72 个。", "stored and sent as it was"
        assert languages.word(filled) == "Too long: up to 60 characters, now 72."
        assert languages.data(label("notice.application.reject", shop="老槐树")) == (
            '<span>Application for <span lang="zh">老槐树</span>: not approved. Open it for the reason.</span>'
        )
        assert languages.word("2025年12月6日 周六 10:00") == "6 Dec 2025 10:00"


def test_a_message_for_the_next_page_keeps_its_english(app: Flask) -> None:
    visitor = app.test_client()
    app.add_url_rule(
        "/made-up", "made_up", public(lambda: flash(label("print.done.order", count=1)) or "left")
    )
    visitor.set_cookie("ydym_lang", "en")
    visitor.get("/made-up")
    assert "The file of 1 sticker is being made." in visitor.get("/about").text


def test_a_page_that_is_not_in_english_says_so_and_keeps_its_language(app: Flask) -> None:
    visitor = app.test_client()
    visitor.set_cookie("ydym_lang", "en")
    page = visitor.get("/outbox").text
    assert '<html lang="zh-CN"' in page
    assert "This page is in Chinese only." in page
    assert '<html lang="en"' in visitor.get("/about").text


def test_words_that_are_stored_or_sent_are_chinese_whatever_the_visitor_reads(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "ydym_lang=en"}):
        from webapp.web.words import label

        assert label("merchants.menu") == "门店"
        assert languages.say("merchants.menu") == "Shops"


def test_two_translations_of_one_sentence_are_an_error(tmp_path: object) -> None:
    from pathlib import Path

    root = Path(str(tmp_path))
    for name, english in (("one", "Shops"), ("two", "Stores")):
        folder = root / name / "words"
        folder.mkdir(parents=True)
        (folder / "en.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "门店"\nmsgstr "{english}"\n', "utf-8")
    with pytest.raises(ValueError, match="another translation"):
        load(root)


def test_translations_have_the_places_of_their_chinese() -> None:
    import re

    for chinese, english in load(ROOT / "webapp").items():
        assert set(re.findall(r"{(\w+)}", chinese)) == set(re.findall(r"{(\w+)}", english)), chinese
        assert english, chinese


def test_every_sentence_that_is_offered_in_english_has_its_english() -> None:
    import re

    from webapp.web import words

    chinese, english = words.load(ROOT / "webapp"), load(ROOT / "webapp")
    offered = set()
    for path in (ROOT / "templates").rglob("*.html"):
        calls = re.findall(r"""(?<![\w.])(?:_|frame)\((?:"([^"]+)"|'([^']+)')""", path.read_text("utf-8"))
        offered |= {double or single for double, single in calls}
    for path in (ROOT / "webapp").rglob("*.py"):
        offered |= {
            chinese[key] for key in re.findall(r'(?<![\w.])say\(\s*"([^"]+)"', path.read_text("utf-8"))
        }
    assert len(offered) > 100
    assert sorted(offered - english.keys()) == []


def test_the_front_page_speaks_all_three(client: FlaskClient, app: Flask) -> None:
    del client
    for cookie, language, words in (
        ("hans", "zh-CN", "我要投诉"),
        ("hant", "zh-Hant", "我要投訴"),
        ("en", "en", "Make a complaint"),
    ):
        visitor = app.test_client()
        visitor.set_cookie("ydym_lang", cookie)
        page = visitor.get("/").text
        assert f'<html lang="{language}"' in page
        assert words in page


@pytest.mark.parametrize("path", ["/favourites", "/shops", "/nothing"])
def test_a_page_says_that_it_depends_on_the_visitors_language(client: FlaskClient, path: str) -> None:
    assert {"accept-language", "cookie"} <= client.get(path).vary.as_set()
