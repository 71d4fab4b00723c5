"""Every SMS and e-mail in three languages, written for who gets it; and the file of approved templates."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from flask import Flask

from webapp.core.language import Language
from webapp.notices import approved
from webapp.settings import ROOT, SettingsError
from webapp.web import english, words
from webapp.web.spoken import said_to

CHINESE = words.load(ROOT / "webapp")
SMS = sorted(key for key in CHINESE if approved.is_sms(key))
HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uff5e]")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_keys_of_messages_are_found() -> None:
    assert len(SMS) > 60
    assert {"accounts.sms.code", "complaint.sms.receipt", "sms.code.revoke", "tip.sms.case"} <= set(SMS)
    assert not approved.is_sms("error.sms_city_full")


@pytest.mark.parametrize("key", SMS)
def test_each_message_is_written_in_each_language_with_the_same_places(context: Flask, key: str) -> None:
    """Filled with the names of its places, so that a place that a language drops or invents is seen."""
    details = {name: f"<{name}>" for name in places(CHINESE[key])}
    hans, hant, en = (said_to(language, key, **details) for language in Language)
    assert hans == CHINESE[key].format(**details)
    for said in (hans, hant, en):
        assert set(re.findall(r"<(\w+)>", said)) == details.keys()
    assert not HAN.search(en), "a text message without English, or with Chinese in it"
    assert hant != hans or not re.search("[门码说请没们诉发]", hans)
    found = english.load(ROOT / "webapp")[CHINESE[key]]
    assert len(found) <= 250, "two or three SMS at most"


def test_what_is_said_does_not_hang_on_the_page_that_is_looked_at(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "ydym_lang=en"}):
        assert said_to(Language.HANS, "sms.photo.show", shop="老槐树") == "“老槐树”的一张门头照片已恢复公开。"
        assert said_to(Language.EN, "sms.photo.show", shop="老槐树").startswith("老槐树: ")
    with app.test_request_context("/"):
        assert said_to(Language.EN, "sms.photo.show", shop="老槐树").startswith("老槐树: ")


def test_names_stay_as_registered_and_words_are_converted(context: Flask) -> None:
    said = said_to(Language.HANT, "sms.code.suspend", shop="发记面馆", ground="证照过期")
    assert said.startswith("您的門店“发记面馆”")
    assert "證照過期" in said


def test_words_and_dates_in_the_places_are_in_the_readers_language(context: Flask) -> None:
    causes = (words.label("reprint.cause.renamed"), words.label("reprint.cause.moved"))
    said = said_to(Language.EN, "sms.reprint.soon", shop="Bakery", why=causes, due="2026.06.01")
    assert not HAN.search(said), said
    chinese = said_to(Language.HANS, "sms.reprint.soon", shop="Bakery", why=causes, due="2026.06.01")
    assert "，".join(causes) in chinese
    said = said_to(Language.EN, "complaint.sms_shop.filed", shop="Bakery", due="5月6日 15:30")
    assert "before 6 May 15:30" in said


def test_no_file_lets_every_language_through_under_the_messages_own_key() -> None:
    none = approved.load("", CHINESE)
    assert none.language("accounts.sms.code", Language.EN) is Language.EN
    assert none.code("accounts.sms.code", Language.EN) == "accounts.sms.code"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('["accounts.sms.cod"]\nzh-Hans = "1"', "which is no SMS"),
        ('["error.sms_city_full"]\nzh-Hans = "1"', "which is no SMS"),
        ('["accounts.sms.code"]\nen = "1"', "a code for zh-Hans"),
        ('["accounts.sms.code"]\nzh-Hans = "1"\nfr = "2"', "fr is none of"),
        ('["accounts.sms.code"]\nzh-Hans = 1', "a text in quotes"),
        ('"accounts.sms.code" = "1"', "a code for zh-Hans"),
        ("[", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_stops_the_start_and_says_where(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "approved.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=wrong):
        approved.load(str(file), CHINESE)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        approved.load(str(tmp_path / "none.toml"), CHINESE)
