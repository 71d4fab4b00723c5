"""The public registers for people: filters, second page, empty, dates, proof, and the same set to download."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
import xml.etree.ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.openapi.conftest import LATER, City
from webapp.honours import views_public as honour_pages
from webapp.mediation import views_public as mediation_pages
from webapp.openapi import offered, rules
from webapp.publiclog import sequencer

_FILE = re.compile(r'href="(/open-data/[^"]+\.(?:csv|json|geojson|rss)[^"]*)"')

#: address → (what is found, what narrows it to that, what narrows it to nothing)
PAGES = {
    "/lists/red": ("=老槐树面馆", "district=130606&q=老槐树", "district=130602"),
    "/lists/black": ("短斤少两铺", "district=130602", "q=没有这家"),
    "/lists/demonstration": ("=老槐树面馆", "sector=catering&category=eat", "sector=retail"),
    "/lists/returns": ("=老槐树面馆", "kind=cross_shop_return&chain=1", "district=130602"),
    "/stations": ("西关市场监管所", "district=130606&q=西关", "q=没有这个所"),
    "/stations/mediation": ("网上调解企业", "kind=odr", "kind=people"),
    "/reminders": ("小心缺斤少两", "kind=warning&district=130606", "q=没有这样的提醒"),
}


def test_each_list_is_found_by_place_and_words_and_its_files_say_the_same(
    client: FlaskClient, city: City
) -> None:
    for path, (found, given, nothing) in PAGES.items():
        whole, narrowed, empty = (client.get(f"{path}?{query}") for query in ("", given, nothing))
        assert found in whole.text, path
        assert found in narrowed.text, path
        assert "看全" in empty.text, f"{path} leads on from nothing"
        assert f">{found}" not in empty.text, path
        files = [html.unescape(address) for address in _FILE.findall(narrowed.text)]
        assert {address.partition("?")[0].rpartition(".")[2] for address in files} >= {"csv", "json"}, path
        for address in files:
            assert found in client.get(address).text or "geojson" in address, address
        for address in map(html.unescape, _FILE.findall(empty.text)):
            told = client.get(address)
            assert (told.status_code, found in told.text) == (200, False), address
        assert client.get(f"{path}?district=<x>&category=no&page=-1&q=%00").status_code == 200


def test_a_register_has_a_second_page_and_says_dates_and_proof(
    app: Flask, client: FlaskClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(honour_pages, "PER_PAGE", 1)
    monkeypatch.setattr(mediation_pages, "PER_PAGE", 1)
    with app.app_context():
        sequencer.run(LATER)
    first = client.get("/lists/returns?category=eat").text
    assert "共 2 家" in first
    second = client.get("/lists/returns?category=eat&page=2").text
    assert 'rel="prev"' in second
    assert 'href="/lists/returns?category=eat&amp;page=2"' in first
    for text in (first, second):
        number = re.search(r'href="/log/(\d+)"', text)
        assert number is not None
        assert "honour.confirm" in client.get(f"/log/{number[1]}").text
        assert "2026年5月" in text
    assert 'href="/stations/mediation?page=2"' in client.get("/stations/mediation").text
    assert "DB37/T 3698" in client.get("/lists/demonstration").text


def test_a_table_is_never_run_as_a_formula(client: FlaskClient, city: City) -> None:
    """The shop is called =老槐树面馆: in the table an apostrophe goes before it, in JSON it stays what it is."""
    plain = client.get("/open-data/demonstration-units.csv").text
    [row] = list(csv.DictReader(io.StringIO(plain)))
    assert row["shop_name"].startswith("'=老槐树")
    assert (
        client.get("/open-data/demonstration-units.json")
        .json["items"][0]["shop"]["name"]
        .startswith("=老槐树")
    )
    marked = client.get("/open-data/demonstration-units.csv?bom=true").data
    assert marked.startswith(b"\xef\xbb\xbf")


def test_a_feed_is_rss_and_keeps_the_filters(client: FlaskClient, city: City) -> None:
    answer = client.get("/open-data/listings.rss?colour=black")
    assert answer.content_type == "application/rss+xml; charset=utf-8"
    [item] = ET.fromstring(answer.data).findall("channel/item")
    assert "短斤少两铺" in (item.findtext("title") or "")
    assert "电子秤" in (item.findtext("description") or "")
    page = (item.findtext("link") or "").split("/", 3)[3]
    assert client.get("/" + page.partition("#")[0]).status_code == 200
    assert client.get("/open-data/shops.rss").status_code == 404


def test_the_documentation_is_ours_and_its_examples_work(client: FlaskClient, city: City) -> None:
    text = client.get("/api/docs").text
    outside = re.findall(r'(?:src|href|action)="(https?://[^"]*)"', text)
    assert outside == []
    examples = re.findall(r'"http://codes\.test(/[^"]*)"', text)
    assert len(examples) >= 12
    for example in examples:
        status = client.get(html.unescape(example)).status_code
        assert status == (400 if "colour=blue" in example else 200), example
    for day in rules.CHANGES:
        assert day in text
    assert max(rules.CHANGES) == rules.SCHEMA_DATE
    assert str(rules.PROMISED_DAYS) in text


def test_filters_that_are_not_given_are_not_in_the_addresses() -> None:
    data = offered("listings", ("csv", "json", "rss"), colour="red", q="", district=None)
    assert dict(data.files) == {
        "csv": "/open-data/listings.csv?colour=red&bom=true",
        "json": "/open-data/listings.json?colour=red",
        "rss": "/open-data/listings.rss?colour=red",
    }
    assert dict(offered("stations", ("csv", "json")).files)["json"] == "/open-data/stations.json"


def test_traditional_characters_and_compression_go_together(client: FlaskClient) -> None:
    client.set_cookie("ydym_lang", "hant")
    for address in ("/api/docs", "/open-data", "/open-data/shops"):
        page = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert page.status_code == 200
        assert page.headers["Content-Encoding"] == "gzip"
        assert 'lang="zh-Hant"' in gzip.decompress(page.data).decode()
