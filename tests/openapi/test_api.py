"""What programs read at /api/v1."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.listings import make_listing, make_people
from tests.factories.merchants import NOW
from tests.factories.reminders import make_reminder
from tests.openapi.conftest import LATER, PRIVATE, City
from webapp import openapi
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM
from webapp.core.db import db, may_write
from webapp.core.transaction import unit
from webapp.honours import operations as honours
from webapp.honours import queries as honour_queries
from webapp.listings import operations as listings
from webapp.listings import queries as listing_queries
from webapp.listings.rules import Colour
from webapp.openapi import answering, describing, rules
from webapp.oversight import talks
from webapp.oversight.models import Talk
from webapp.publiclog import sequencer
from webapp.reminders import operations as reminders
from webapp.reminders import queries as reminder_queries


def get(client: FlaskClient, path: str, status: int = 200, **headers: str) -> Any:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == status, answer.text
    return answer.json


def local(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def collections(client: FlaskClient) -> list[str]:
    """The address of every collection that the index names."""
    return [local(entry["url"]) for entry in get(client, "/api/v1")["resources"]]


def walk(client: FlaskClient, path: str) -> Iterator[dict[str, Any]]:
    """Every item of a collection, page by page."""
    while path:
        body = get(client, path)
        yield from body["items"]
        path = "" if body["next"] is None else local(body["next"])


def key_of(item: dict[str, Any]) -> str:
    return str(next(item[name] for name in ("key", "id", "number", "code") if name in item))


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_every_resource_tells_something_and_each_thing_has_its_address(
    client: FlaskClient, city: City
) -> None:
    paths = collections(client)
    assert len(paths) == 14
    for path in paths:
        items = list(walk(client, path))
        assert items, path
        for item in items:
            assert get(client, f"{path}/{key_of(item)}") == item


def test_an_entry_says_why_since_when_and_until_when(client: FlaskClient, city: City) -> None:
    [entry] = get(client, "/api/v1/listings?colour=black")["items"]
    assert (entry["shop"]["number"], entry["ground"], entry["summary"]) == (
        city.black,
        "short_measure",
        "电子秤短斤少两。",
    )
    assert (entry["published_at"], entry["term_until"]) == ("2026-05-06T04:00:00Z", "2027-04-20")
    assert "计量法" in entry["basis"]
    assert client.get(local(entry["page"]).partition("#")[0]).status_code == 200
    assert f'id="listing-{entry["id"]}"' in client.get(local(entry["page"]).partition("#")[0]).text


def test_a_talk_and_an_order_say_why_by_what_law_and_until_when(
    app: Flask, client: FlaskClient, city: City
) -> None:
    with app.app_context():
        sequencer.run(LATER)
    [talk], [order] = (get(client, f"/api/v1/{name}")["items"] for name in ("talks", "orders"))
    assert (talk["state"], talk["summary"], talk["shown_until"]) == (
        "held",
        "散装食品没有明码标价。",
        "2026-08-11",
    )
    assert (order["state"], order["due_on"]) == ("open", "2026-05-19")
    for entry, kind in ((talk, "talk"), (order, "order")):
        assert "法》" in entry["basis"]
        assert "minutes" not in entry
        assert f'id="{kind}-{entry["id"]}"' in client.get(local(entry["page"]).partition("#")[0]).text
        assert f"{kind}.publish" in client.get(local(entry["proof"]["url"])).text
        [feature] = client.get(f"/open-data/{kind}s.geojson").json["features"]
        assert feature["properties"]["id"] == entry["id"]
    assert "散装食品没有明码标价。" in client.get("/open-data/talks.rss").text
    with app.app_context(), unit():
        talks.end(
            talk["id"],
            "withdraw",
            "认定有误",
            city.bureau,
            LATER,
            db.session.get_one(Talk, talk["id"]).version,
        )
    assert get(client, "/api/v1/talks")["items"] == []
    assert get(client, f"/api/v1/talks/{talk['id']}", 404)
    assert "散装食品" not in client.get("/open-data/talks.csv").text


def test_a_body_says_when_it_is_open_and_whom_it_serves(client: FlaskClient, city: City) -> None:
    [body] = get(client, "/api/v1/mediation-bodies?kind=station")["items"]
    assert (body["opening_hours"], body["area"], body["area_regions"], body["area_malls"]) == (
        "周一 09:00-17:30；周二至周日 休息",
        "莲池区",
        ["130606"],
        [],
    )
    [other] = get(client, "/api/v1/mediation-bodies?kind=odr")["items"]
    assert other["opening_hours"] is None


def test_a_search_gives_all_that_it_finds_page_by_page(client: FlaskClient, city: City) -> None:
    for query in ("q=130602&limit=1", "q=馆&limit=1", "q=保定&limit=1", "q=mg&limit=1"):
        whole = [
            shop["number"]
            for shop in get(client, f"/api/v1/shops?{query}".replace("limit=1", "limit=200"))["items"]
        ]
        assert [shop["number"] for shop in walk(client, f"/api/v1/shops?{query}")] == whole, query
    assert {shop["number"] for shop in walk(client, "/api/v1/shops?q=馆&limit=1")} >= {
        city.good,
        city.suspended,
    }
    assert [shop["number"] for shop in walk(client, f"/api/v1/shops?q={city.good}")][-1:] == [city.good]
    assert get(client, "/api/v1/shops?q=。")["items"] == []


FOUND = [
    ("listings?district=130606", ["good"]),
    ("listings?district=130602", ["black"]),
    ("listings?category=eat&colour=red", ["good"]),
    ("listings?category=stay", []),
    ("listings?q=短斤", ["black"]),
    ("demonstration-units?sector=catering", ["good"]),
    ("demonstration-units?sector=retail", []),
    ("demonstration-units?district=130602", []),
    ("return-shops?kind=no_reason_return", ["good"]),
    ("return-shops?chain=1&q=老槐树", ["good"]),
    ("return-shops?chain=99", []),
    ("disclosures?topic=measure&district=130606", ["good"]),
    ("disclosures?topic=price", []),
    ("talks?district=130602&category=eat", ["black"]),
    ("talks?district=130606", []),
    ("orders?q=明码标价", ["good"]),
    ("orders?category=stay", []),
]
NAMED = [
    ("reminders?kind=warning", ["小心缺斤少两"]),
    ("reminders?q=合同", ["办卡先看合同"]),
    ("mediation-bodies?kind=odr", ["网上调解企业"]),
    ("mediation-bodies?q=裕华路", ["=维权站"]),
    ("stations?q=竞秀", ["竞秀区市场监管所"]),
    ("stations?district=130602", ["竞秀区市场监管所"]),
    ("regions?level=province", ["河北省"]),
    ("shops?trusted=true", ["=老槐树面馆"]),
    ("shops?q=茶馆", ["暂停茶馆"]),
    ("shops?q=没有这样的店", []),
    ("industries?category=stay", []),
]


def test_filters(client: FlaskClient, city: City) -> None:
    for query, found in FOUND:
        items = get(client, f"/api/v1/{query}")["items"]
        numbers = [item["shop"]["number"] for item in items]
        assert numbers == [getattr(city, name) for name in found], query
    for query, names in NAMED:
        items = get(client, f"/api/v1/{query}")["items"]
        assert [item.get("name", item.get("title")) for item in items] == names, query


def test_who_is_suspended_revoked_or_black_is_never_among_the_trusted(
    app: Flask, client: FlaskClient, city: City
) -> None:
    states = {shop["number"]: shop["verdict"] for shop in walk(client, "/api/v1/shops")}
    assert states == {city.good: "trusted", city.black: "black", city.suspended: "suspended"}
    with app.app_context(), unit():
        codes.suspend(city.good, "abnormal_list", "列入", SYSTEM, LATER)
    assert get(client, "/api/v1/shops?trusted=true")["items"] == []
    for gone in ("listings?colour=red", "demonstration-units", "return-shops", "return-chains"):
        assert get(client, f"/api/v1/{gone}")["items"] == [], gone


def test_a_shop_whose_condition_fails_is_not_trusted_though_its_code_is_active(
    app: Flask, client: FlaskClient, city: City
) -> None:
    from webapp.core.db import db
    from webapp.registry.models import RegistryRecord

    with app.app_context(), unit():
        for record in db.session.query(RegistryRecord):
            db.session.delete(record)
    assert get(client, f"/api/v1/shops/{city.good}")["verdict"] == "uncertain"
    assert get(client, "/api/v1/shops?trusted=true")["items"] == []


# --- what is never in it ----------------------------------------------------------------------------------------------


def test_nobody_is_in_it(client: FlaskClient, city: City) -> None:
    """Everything that is planted is looked for in everything that is given, in every form."""
    texts = {path: json.dumps(list(walk(client, path)), ensure_ascii=False) for path in collections(client)}
    for path in collections(client):
        name = path.rpartition("/")[2]
        for form in ("csv", "json", "geojson"):
            texts[f"{name}.{form}"] = client.get(f"/open-data/{name}.{form}").text
        texts[f"page {name}"] = client.get(f"/open-data/{name}").text
    for path in ("/openapi.json", "/api/docs", "/open-data"):
        texts[path] = client.get(path).text
    assert "老槐树面馆" in texts["shops.csv"]
    found = [(place, word) for place, text in texts.items() for word in PRIVATE if word in text]
    assert found == []


def test_an_office_phone_is_told_and_a_mobile_is_not(client: FlaskClient, city: City) -> None:
    phones = {body["name"]: body["phone"] for body in walk(client, "/api/v1/mediation-bodies")}
    assert phones == {"=维权站": None, "网上调解企业": "0312-1234567"}


# --- removal ----------------------------------------------------------------------------------------------------------


def end_everything(city: City) -> None:
    people = city.people
    entry = listing_queries.get(city.red_id)
    listings.end(entry.id, "strike", "有误", people.second, LATER, entry.version)
    for honour in honour_queries.of_shop(city.good):
        honours.end(honour.id, "end", "不再符合", people.second, LATER, honour.version)
    for number in (1, 2):
        reminder = reminder_queries.get(number)
        reminders.act(reminder.id, "withdraw", "写错了", people.bureau, LATER, reminder.version)


def test_what_ends_leaves_at_once_and_the_old_tag_is_worth_nothing(
    app: Flask, client: FlaskClient, city: City
) -> None:
    names = ("listings", "demonstration-units", "return-shops", "reminders")
    paths = [f"/api/v1/{name}" for name in names] + [f"/open-data/{name}.csv" for name in names]
    tags = {path: client.get(path).headers["ETag"] for path in paths}
    before = {path: client.get(path).text for path in paths}
    with app.app_context(), unit():
        end_everything(city)
    for path in paths:
        again = client.get(path, headers={"If-None-Match": tags[path]})
        assert again.status_code == 200, path
        assert len(again.text) < len(before[path]), path
    assert "老槐树" not in client.get("/open-data/return-shops.json").text
    for gone in (f"listings/{city.red_id}", "demonstration-units/1", "return-shops/2", "reminders/1"):
        assert get(client, f"/api/v1/{gone}", 404)["code"] == "no_such_thing"


def test_a_term_that_ends_by_the_calendar_ends_here_too(
    client: FlaskClient, city: City, freeze: Callable[[datetime], datetime]
) -> None:
    path = "/api/v1/listings?colour=black"
    tag = client.get(path).headers["ETag"]
    freeze(datetime(2027, 4, 21, 4, tzinfo=NOW.tzinfo))
    answer = client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json["items"]) == (200, [])


# --- paging -----------------------------------------------------------------------------------------------------------


def test_pages_go_on_by_cursor_whatever_comes_in_between(app: Flask, client: FlaskClient, city: City) -> None:
    """Everything that stood when the walk began is seen exactly once, though others come and go."""
    with app.app_context(), unit():
        began = [make_reminder(city.people.bureau, now=NOW, title=f"第{n}条").id for n in range(9)]
    stood = {1, 2, *began}
    seen: list[int] = []
    path, removed = "/api/v1/reminders?limit=3", began[0]
    for turn in range(20):
        body = get(client, path)
        seen += [item["id"] for item in body["items"]]
        assert len(body["items"]) <= 3
        if body["next"] is None:
            break
        path = local(body["next"])
        with app.app_context(), unit():
            make_reminder(city.people.bureau, now=NOW, title=f"后来的{turn}")
            if turn == 0:
                gone = reminder_queries.get(removed)
                reminders.act(gone.id, "withdraw", "写错了", city.people.bureau, LATER, gone.version)
    assert len(seen) == len(set(seen))
    assert set(seen) == stood - {removed}


def test_a_cursor_stands_in_the_link_too_and_keeps_the_filters(client: FlaskClient, city: City) -> None:
    answer = client.get("/api/v1/regions?limit=1&district=130606")
    assert answer.json["next"] in answer.headers["Link"]
    assert "district=130606" in answer.json["next"]
    assert 'rel="next"' in answer.headers["Link"]


def tampered(cursor: str) -> Iterator[str]:
    plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for place in (0, 10, len(plain) - 2):
        changed = bytearray(plain)
        changed[place] ^= 1
        yield base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
    yield from ("", "x", "啊", "A" * 3000, base64.urlsafe_b64encode(b"\xff" * 40).decode())


def test_a_cursor_that_was_not_given_out_is_refused(client: FlaskClient, city: City) -> None:
    after = get(client, "/api/v1/regions?limit=1")["next"]
    cursor = after.rpartition("cursor=")[2]
    for bad in tampered(cursor):
        answer = client.get("/api/v1/regions", query_string={"cursor": bad})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_cursor"), bad
    for other in (f"/api/v1/industries?cursor={cursor}", f"/api/v1/regions?level=city&cursor={cursor}"):
        assert get(client, other, 400)["code"] == "invalid_cursor"
    assert get(client, f"/api/v1/regions?limit=200&cursor={cursor}")["items"]


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3), st.integers() | st.text())
def test_a_cursor_says_what_it_was_told(asked: dict[str, str], after: int | str) -> None:
    text = rules.cursor_text("shops", asked, after)
    assert rules.read_cursor(text, "shops", asked) == after
    for other in (("regions", asked), ("shops", {**asked, "longer than any": "x"})):
        with pytest.raises(rules.BadCursor):
            rules.read_cursor(text, *other)


# --- refusals ---------------------------------------------------------------------------------------------------------


REFUSED = [
    ("distrct=130606", "distrct"),
    ("district=13", "district"),
    ("district=一三零六零六", "district"),
    ("district=", "district"),
    ("colour=blue", "colour"),
    ("colour=red&colour=black", "colour"),
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("limit=", "limit"),
    ("limit=5.0", "limit"),
    ("limit=٣", "limit"),
    ("q=" + "长" * 61, "q"),
]


def test_what_is_not_understood_is_refused_by_name(client: FlaskClient, city: City) -> None:
    for query, parameter in REFUSED:
        answer = client.get(f"/api/v1/listings?{query}")
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), query
        body = answer.json
        assert (body["status"], body["code"]) == (400, "invalid_parameter")
        assert [fault["parameter"] for fault in body["errors"]] == [parameter]
        assert body["type"].endswith("/api/docs#problem-invalid_parameter")
    assert 'id="problem-invalid_parameter"' in client.get("/api/docs").text


def test_what_is_not_there(client: FlaskClient, city: City) -> None:
    for path in ["/api/v1/nothing", "/api/v1/listings/0", "/api/v1/listings/-1", "/api/v1/listings/x",
                 "/api/v1/shops/1",
                 "/api/v1/shops/01", f"/api/v1/shops/{10**30}", "/api/v1/regions/%00", "/api/nothing"]:  # fmt: skip
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_can_be_written(client: FlaskClient, city: City) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open("/api/v1/listings", method=method)
        assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
        assert answer.json["title"] == "Method Not Allowed"
        assert "GET" in answer.headers["Allow"]


# --- how it is given --------------------------------------------------------------------------------------------------


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient, city: City) -> None:
    for path in [*collections(client), "/api/v1", "/openapi.json", f"/api/v1/shops/{city.good}", "/open-data/shops.csv",
                 "/open-data/regions.geojson"]:  # fmt: skip
        first = client.get(path)
        tag = first.headers["ETag"]
        assert tag.startswith('W/"')
        for wanted in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = client.get(path, headers={"If-None-Match": wanted})
            assert (again.status_code, again.data) == (304, b""), (path, wanted)
            assert again.headers["ETag"] == tag
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_two_questions_have_two_tags(client: FlaskClient, city: City) -> None:
    paths = ["/api/v1/listings", "/api/v1/listings?colour=red", "/open-data/listings.csv",
             "/open-data/listings.csv?bom=true", "/open-data/listings.json", "/api/v1/listings/1"]  # fmt: skip
    assert len({client.get(path).headers["ETag"] for path in paths}) == len(paths)


def test_anybody_may_ask_from_anywhere(client: FlaskClient, city: City) -> None:
    answer = client.get("/api/v1/listings", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    asked = client.options("/api/v1/listings", headers={"Access-Control-Request-Method": "GET"})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert client.get("/merchant/login").headers.get("Access-Control-Allow-Origin") is None


def test_it_is_compressed_for_who_takes_it(client: FlaskClient, city: City) -> None:
    for path in ("/api/v1/shops", "/open-data/shops.csv", "/openapi.json"):
        plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert {"accept-encoding"} <= {name.lower() for name in packed.vary}
        assert plain.headers["ETag"] == packed.headers["ETag"]


def test_head_is_get_without_the_body(client: FlaskClient, city: City) -> None:
    for path in ("/api/v1/shops", "/open-data/shops.csv", "/open-data/regions.json"):
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]


def test_limits_are_told_and_kept(
    make_app: Callable[..., Flask], city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_app(rate_limits=True).test_client()
    answer = client.get("/api/v1/shops")
    assert answer.headers["RateLimit-Policy"] == '"api";q=600;w=60'
    assert answer.headers["RateLimit"].startswith('"api";r=599;t=')
    for _ in range(30):
        assert client.get("/open-data/regions.json").status_code == 200
    refused = client.get("/open-data/regions.json")
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/api/v1/shops").status_code == 200


# --- the promise ------------------------------------------------------------------------------------------------------


def test_what_goes_away_is_announced_a_year_before() -> None:
    old = rules.Deprecation(date(2026, 12, 1), date(2027, 12, 1))
    assert old.headers() == {"Deprecation": "@1796083200", "Sunset": "Wed, 01 Dec 2027 00:00:00 GMT"}
    with pytest.raises(ValueError):
        rules.Deprecation(date(2026, 12, 1), date(2027, 11, 30))


def test_an_old_address_says_so_everywhere(app: Flask, client: FlaskClient, city: City) -> None:
    from dataclasses import replace

    catalogue = app.extensions["ydym.catalogue"]
    known = catalogue.all()
    known["stations"] = replace(
        known["stations"], deprecation=rules.Deprecation(date(2026, 12, 1), date(2027, 12, 1))
    )
    for path in ("/api/v1/stations", "/api/v1/stations/1", "/open-data/stations.csv"):
        answer = client.get(path)
        assert answer.headers["Sunset"] == "Wed, 01 Dec 2027 00:00:00 GMT"
        assert 'rel="deprecation"' in answer.headers["Link"]
    document = get(client, "/openapi.json")
    assert document["paths"]["/api/v1/stations"]["get"]["deprecated"] is True
    assert "2027-12-01" in client.get("/api/docs").text
    assert "Sunset" not in client.get("/api/v1/regions").headers


def test_the_public_log_gives_the_proof(app: Flask, client: FlaskClient, city: City) -> None:
    """It is there as soon as the decision has its place in the log, and no tag from before hides it."""
    place, whole = f"/api/v1/listings/{city.black_id}", "/open-data/listings.json"
    assert get(client, place)["proof"] is None
    tags = {path: client.get(path).headers["ETag"] for path in (place, whole)}
    with app.app_context():
        sequencer.run(LATER)
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200, path
    for name in ("listings", "demonstration-units", "return-shops", "reminders", "disclosures", "shops"):
        for item in walk(client, f"/api/v1/{name}"):
            number = item["proof"]["number"]
            assert item["proof"]["url"].endswith(f"/log/{number}")
            assert client.get(local(item["proof"]["url"])).status_code == 200
            assert client.get(local(item["proof"]["receipt"])).status_code == 200
    number = get(client, place)["proof"]["number"]
    about = client.get(f"/log/{number}").text
    assert "short_measure" in about
    assert f"/log/{number}" in client.get("/lists/black").text


def test_the_same_on_both_databases(app_on: Flask, freeze: Callable[[datetime], datetime]) -> None:
    """The statements that only the interface asks."""
    freeze(LATER)
    client = app_on.test_client()
    with app_on.app_context(), unit():
        people = make_people()
        from tests.factories.codes import make_code

        make_code(people.shop)
        make_listing(people, Colour.RED)
        make_reminder(people.bureau)
    for path in collections(client):
        answer = client.get(f"{path}?limit=1")
        assert answer.status_code == 200
        if answer.json["next"] is not None:
            assert client.get(local(answer.json["next"])).status_code == 200
        for form in ("csv", "json"):
            assert client.get(f"/open-data/{path.rpartition('/')[2]}.{form}").status_code == 200
    assert client.get("/api/v1/shops?q=老槐").json["items"]
    assert client.get("/api/v1/reminders?q=%00").status_code in {200, 400}


def test_a_worker_that_answers_no_program_does_not_load_pydantic() -> None:
    import subprocess
    import sys

    script = (
        "import sys, webapp.openapi, webapp.listings, webapp.directory; sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert openapi.register
    assert answering.LIMIT
    assert describing.PROBLEMS
    assert may_write is not None
    assert timedelta
