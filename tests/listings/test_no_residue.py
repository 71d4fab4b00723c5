"""When an entry ends nothing of it is left: a crawler reads every public address in every representation.

The crawler finds the addresses by itself (routes that anybody may open, and every link on the way), so that a page or
interface that comes later is walked, too. Each test first shows that the planted words are found.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import make_officer
from tests.factories.honours import make_honour
from tests.factories.listings import HEARD, People, make_people
from tests.factories.merchants import NOW
from tests.factories.oversight import approve, make_order, make_talk
from tests.factories.reminders import make_reminder
from tests.factories.shopfront import Vouched, make_vouched
from tests.feed.test_workers import as_served, look
from tests.support.live import live_server
from webapp.codes import operations as codes
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.honours.rules import HonourKind
from webapp.listings import cases, hearing, operations, process, queries
from webapp.listings.rules import Colour
from webapp.merchants.models import Shop
from webapp.openapi import describing
from webapp.openapi.catalogue import resources
from webapp.oversight import orders, talks
from webapp.oversight import queries as oversight
from webapp.reminders import operations as reminders
from webapp.reminders import queries as reminder_queries
from webapp.web.access import Audience, rule_of

SUMMARY, REPLY, HONOUR, HINT = "朱砂鹦鹉零七三一", "回声翠鸟八八四二", "云杉织机六六一九", "石青雨燕五五零三"
TALK, ORDER, MENDED = "琥珀山雀四一零六", "墨玉鱼鹰二二七八", "月白鹭鸶九零一五"
ACCEPTS = ("text/html", "application/json")
#: What leads away from reading: signing in, choosing a view, sending a form.
SKIP = ("/static/", "/logout", "/view", "/office", "/merchant", "/mediation", "/files/", "/p/")
_LINK = re.compile(
    r'(?:href|src|content|action)="(/[^"#]*)|"(?:https?://[^"/]+)?(/(?:api|s|c|lists|shops|feed|open-data|reminders|oversight|disclosures|log|letters)[^"#\\]*)"'
)
MOST = 600


def addresses(app: Flask, shop: Vouched) -> Iterator[str]:
    """Every public address that can be built: without arguments, or of the shop."""
    known = {"shop_id": shop.shop_id, "number": shop.shop_id, "token": shop.tokens[1], "n": shop.shop_id}
    with app.test_request_context():
        for route in app.url_map.iter_rules():
            rule = rule_of(app, route.endpoint)
            if rule is None or rule.audience is not Audience.PUBLIC or "GET" not in (route.methods or ()):
                continue
            if set(route.arguments) <= set(known):
                values = {name: known[name] for name in route.arguments}
                yield app.url_map.bind("localhost").build(route.endpoint, values)
        for name, resource in resources().items():
            yield f"/open-data/{name}"
            yield from (f"/open-data/{name}.{form}" for form in describing.forms(resource))
        yield from (f"/{place}?q={shop.shop_id}" for place in ("shops", "lists/black", "api/v1/listings"))
        yield from (
            "/shops?q=面馆",
            "/shops/suggest?q=面馆",
            "/api/v1/shops?q=面馆",
            "/api/v1/shops?trusted=true",
        )


def crawl(
    app: Flask, client: FlaskClient, *shops: Vouched, also: Iterable[str] = ()
) -> dict[tuple[str, str], str]:
    """Every public text by address and kind asked for. A page is asked for in every kind when it offers another.

    `also`: addresses that were found before, and lead to what may be gone.
    """
    built = [path for shop in shops for path in addresses(app, shop)]
    waiting, seen = list(dict.fromkeys((*built, *also))), set[str]()
    found: dict[tuple[str, str], str] = {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if path in seen or path.startswith(SKIP) or "<" in path or "&" in path:
            continue
        seen.add(path)
        for accept in (*ACCEPTS, "application/linkset+json") if path.startswith(("/s/", "/c/")) else ACCEPTS:
            with client.get(path, headers={"Accept": accept}) as answer:
                if answer.status_code == 429 or answer.mimetype.startswith(("image/", "application/pdf")):
                    break
                text = answer.get_data(as_text=True)
                if answer.is_json or answer.mimetype.endswith("json"):
                    body = json.loads(text)
                    text = json.dumps(body, ensure_ascii=False)
                    waiting += list(singles(path, body))
            found[path, accept] = text
            waiting += [unquote(a or b).replace("&amp;", "&") for a, b in _LINK.findall(text)]
            if not answer.vary or "accept" not in {name.lower() for name in answer.vary}:
                break  # it has one kind only
    assert len(seen) < MOST, "the crawler has lost itself"
    return found


def singles(path: str, body: Any) -> Iterator[str]:
    """The address of each thing on a page of the interface."""
    if path.startswith("/api/v1/") and isinstance(body, dict):
        for item in body.get("items", ()):
            key = next(item[name] for name in ("key", "id", "number", "code") if name in item)
            yield f"{path.partition('?')[0]}/{key}"


def where(pages: dict[tuple[str, str], str], word: str) -> set[tuple[str, str]]:
    return {place for place, text in pages.items() if word in text}


#: Where programs read of an entry of the black list, and where everybody reads of a reminder.
PROGRAMS = {
    "/api/v1/listings",
    *(f"/open-data/listings.{form}" for form in ("csv", "json", "geojson", "rss")),
}
HINTS = {"/reminders", "/reminders.rss", "/api/v1/reminders", "/api/v1/reminders/1"} | {
    f"/open-data/reminders.{form}" for form in ("csv", "json", "rss")
}


def seen_of(name: str, key: int) -> set[str]:
    """Where everybody reads of a talk or an order."""
    files = {f"/open-data/{name}.{form}" for form in ("csv", "json", "rss")}
    return {"/oversight", "/oversight.rss", f"/api/v1/{name}", f"/api/v1/{name}/{key}"} | files


@dataclass(frozen=True)
class Overseen:
    """A shop with a talk that was held, an order that runs and one more that will be performed; their numbers."""

    shop: Vouched
    owner: Actor
    talk: int
    order: int
    mended: int

    @classmethod
    def make(cls, people: People) -> Overseen:
        """All three are public at NOW."""
        shop = make_vouched(stickers=1, name="约谈面馆")
        owner = replace(people.owner, operator_ids=frozenset({shop.operator_id}))
        with unit():
            row = db.session.get_one(Shop, shop.shop_id)
            invited = NOW - timedelta(days=20)
            talk = approve(
                make_talk(row, people.bureau, invited, public_summary=TALK), people.second, invited
            )
            held = NOW - timedelta(days=1)
            talks.hold(talk.id, "陈师傅", "说明", "告诫", people.bureau, held, talk.version)
            order, mended = (
                approve(make_order(row, people.bureau, ground=ground, public_summary=words), people.second)
                for ground, words in (("general", ORDER), ("measuring", MENDED))
            )
            return cls(shop, owner, talk.id, order.id, mended.id)

    def end(self, people: People) -> None:
        """One order is performed, one withdrawn; the talk's time is over, with no job that has run."""
        orders.report(self.mended, "换了秤", self.owner, LATER)
        for key, deed in ((self.mended, orders.check), (self.order, orders.withdraw)):
            version = oversight.get_order(key).version
            how = ("perform",) if deed is orders.check else ()
            deed(key, *how, "核实", people.second, LATER, version)


#: How the four entries end. An appeal is filed in its time and decided with the rest.
ENDS = ("expire", "strike", "repair", "appeal")
LATER = NOW + timedelta(days=350)


@dataclass(frozen=True)
class Place:
    """A public shop that comes onto the black list, its entry, and the words that are planted in it."""

    how: str
    shop: Vouched
    people: People
    listing_id: int

    @property
    def summary(self) -> str:
        return f"{SUMMARY}甲乙丙丁"[: len(SUMMARY) + 1 + ENDS.index(self.how)] + "。"

    @property
    def reply(self) -> str:
        return f"{REPLY}{self.how}"


def make_place(how: str, people: People) -> Place:
    shop = make_vouched(stickers=1, name=f"{how}面馆")
    with unit():
        own = replace(
            people,
            shop=db.session.get_one(Shop, shop.shop_id),
            owner=replace(people.owner, operator_ids=frozenset({shop.operator_id})),
        )
        place = Place(how, shop, own, 0)
        until = LATER.date() - timedelta(days=1) if how == "expire" else date(2027, 4, 22)
        entry = operations.propose(
            shop.shop_id,
            Colour.BLACK,
            "short_measure",
            "复称",
            place.summary,
            until,
            own.bureau,
            NOW - HEARD,
        )
        operations.decide(entry.id, "confirm", "属实", own.second, NOW - HEARD, entry.version)
    return replace(place, listing_id=entry.id)


def end(place: Place, judge: Actor) -> None:
    """End it in its way, at LATER."""
    entry, people = queries.get(place.listing_id), place.people
    if place.how == "strike":
        operations.end(entry.id, "strike", "有误", people.second, LATER, entry.version)
    elif place.how == "repair":
        case = cases.ask_repair(entry.id, "换了", process.PLEDGES, people.owner, LATER)
        cases.decide_repair(
            case.id, grant=True, reason="核实", actor=people.second, now=LATER, version=case.version
        )
    elif place.how == "appeal":
        appeal = entry.open_appeal
        assert appeal is not None
        cases.decide_appeal(
            appeal.id, grant=True, reason="有误", actor=judge, now=LATER, version=appeal.version
        )
    else:
        assert operations.expire_ended(LATER) == 1


def test_nothing_of_an_ended_entry_is_left(
    app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    with app.app_context():
        with unit():
            people = make_people("别的店")
            judge = make_officer(name="周科长").actor()
            hint = make_reminder(title=HINT).id
        places = [make_place(how, people) for how in ENDS]
        overseen = Overseen.make(people)
    shops = [*(place.shop for place in places), overseen.shop]
    heard = crawl(app, client, *shops)
    assert where(heard, SUMMARY) == set(), "nothing is public while the merchant is heard"
    with app.app_context(), unit():
        assert operations.publish_heard(NOW) == len(places)
        for place in places:
            hearing.reply(place.listing_id, place.reply, place.people.owner, NOW)
        cases.appeal(places[-1].listing_id, "不对", places[-1].people.owner, NOW)
    pages = crawl(app, client, *shops)
    for place in places:
        told = {path for path, _ in where(pages, place.summary)}
        assert {"/lists/black", place.shop.plain, place.shop.scan, *PROGRAMS} <= told
        assert {f"/api/v1/listings/{place.listing_id}", f"/api/v1/listings?q={place.shop.shop_id}"} <= told
        kinds = {kind for path, kind in where(pages, place.reply) if path == place.shop.plain}
        assert kinds == set(ACCEPTS)
    assert "申诉中" in pages[places[-1].shop.plain, "text/html"]
    assert {path for path, _ in where(pages, HINT)} >= HINTS
    for word, name, key in (
        (TALK, "talks", overseen.talk),
        (ORDER, "orders", overseen.order),
        (MENDED, "orders", overseen.mended),
    ):
        told = {path for path, _ in where(pages, word)}
        assert {overseen.shop.plain, overseen.shop.scan, *seen_of(name, key)} <= told
    with app.app_context(), unit():
        for place in places:
            end(place, judge)
        overseen.end(people)
        reminder = reminder_queries.get(hint)
        writer = make_officer(region_code="1306").actor()
        reminders.act(hint, "withdraw", "写错了", writer, LATER, reminder.version)
    freeze(LATER)
    gone = (SUMMARY, REPLY, HINT, TALK, ORDER, MENDED)
    found_before = [path for word in gone for path, _ in where(pages, word)]
    after = crawl(app, client, *shops, also=found_before)
    assert {path for path, _ in where(pages, SUMMARY)} <= {path for path, _ in after}, (
        "all is looked at again"
    )
    for word in gone:
        assert where(after, word) == set(), word
    for place in places:
        own = [text for (path, _), text in after.items() if path in {place.shop.plain, place.shop.scan}]
        for word in (
            "black_listed",
            "短斤少两",
            "short_measure",
            "黑榜：",
            "在消费黑榜上",
            "列入黑榜",
            "申诉中",
        ):
            assert not any(word in text for text in own), (place.how, word)
        green = "印章：放心" in after[place.shop.plain, "text/html"]
        assert green is (place.how == "appeal"), "only a right appeal gives the code back; else apply anew"
    with app.app_context():
        assert queries.public_counts(LATER.date())[Colour.BLACK] == 0
        assert all(queries.barred(shop.shop_id) is None for shop in shops)


def test_red_and_honours_hide_with_the_code_and_come_back_whole(
    app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]
) -> None:
    """Restoring is complete, too: every public text that named them names them again, and no other."""
    freeze(NOW)
    with app.app_context():
        with unit():
            people = make_people("别的店")
        shop = make_vouched()
        with unit():
            people = replace(people, shop=db.session.get_one(Shop, shop.shop_id))
            red = operations.propose(
                shop.shop_id, Colour.RED, "clean_record", "核实", SUMMARY, None, people.bureau, NOW
            )
            operations.decide(red.id, "confirm", "属实", people.second, NOW, red.version)
            for kind in (HonourKind.DEMONSTRATION, HonourKind.NO_REASON_RETURN):
                make_honour(people, kind, terms=HONOUR)
    before = crawl(app, client, shop)
    assert {"/lists/red", shop.plain, shop.scan} <= {path for path, _ in where(before, SUMMARY)}
    assert where(before, HONOUR) >= {(shop.plain, "text/html"), (shop.plain, "application/json")}
    named = {path for path, _ in where(before, HONOUR)}
    for name, page in (("demonstration-units", "/lists/demonstration"), ("return-shops", "/lists/returns")):
        assert {
            page,
            f"/api/v1/{name}",
            *(f"/open-data/{name}.{form}" for form in ("csv", "geojson", "rss")),
        } <= named
    with app.app_context(), unit():
        codes.suspend(shop.shop_id, "abnormal_list", "列入", SYSTEM, NOW)
    hidden = crawl(app, client, shop, also=[path for path, _ in where(before, HONOUR)])
    assert where(hidden, HONOUR) == where(hidden, "红榜商户") == where(hidden, "红榜：一年内") == set()
    # The entry has not ended: that it was decided stays in the shop's own history, and nowhere else.
    assert {path for path, _ in where(hidden, SUMMARY)} <= {shop.plain, shop.scan, f"{shop.plain}/print"}
    assert "印章：放心" not in hidden[shop.plain, "text/html"]
    with app.app_context(), unit():
        codes.lift(shop.shop_id, "abnormal_list", "移出", SYSTEM, NOW)
    after = crawl(app, client, shop)
    for word in (SUMMARY, HONOUR, "红榜商户", "红榜：一年内"):
        assert where(before, word)
        assert where(after, word) == where(before, word)
    assert "印章：放心" in after[shop.plain, "text/html"]


def test_an_ended_entry_is_gone_from_every_worker_within_a_second(
    make_app: Callable[..., Flask], tmp_path: Path, database_url: str
) -> None:
    with live_server(tmp_path / "data", database_url=database_url, shops=0) as live:
        app = make_app(**as_served(live))
        with app.app_context():
            with unit():
                people = make_people("别的店")
            shop = make_vouched()
            now = datetime.now(NOW.tzinfo)
            with unit():
                people = replace(people, shop=db.session.get_one(Shop, shop.shop_id))
                entry = operations.propose(
                    shop.shop_id,
                    Colour.BLACK,
                    "short_measure",
                    "复称",
                    SUMMARY,
                    now.date() + timedelta(days=200),
                    people.bureau,
                    now - HEARD,
                )
                operations.decide(entry.id, "confirm", "属实", people.second, now - HEARD, entry.version)
                operations.publish(entry.id, "hearing_over", SYSTEM, now, entry.version)
                order = approve(
                    make_order(people.shop, people.bureau, now, public_summary=SUMMARY), people.second, now
                )
            addresses = (
                shop.plain,
                shop.scan,
                "/lists/black",
                "/api/v1/listings",
                f"/api/v1/listings/{entry.id}",
                "/oversight",
                "/oversight.rss",
                f"/api/v1/orders/{order.id}",
            )
            files = ("/open-data/listings.csv", "/open-data/listings.rss", "/open-data/orders.csv")
            for path in files:
                assert all(SUMMARY.encode() in page for page in look(live, path)), path
            for path in addresses:
                assert all(SUMMARY.encode() in page for page in look(live, path)), path
            with unit():
                operations.end(entry.id, "strike", "有误", people.second, now, entry.version)
                orders.withdraw(order.id, "有误", people.second, now, order.version)
            ended = time.monotonic()
            late = 0.0
            while time.monotonic() - ended < 1.5:
                for path in addresses:
                    began = time.monotonic()
                    if any(SUMMARY.encode() in page for page in look(live, path)):
                        late = began - ended
            assert late < 1.0, f"still public {late:.2f} s after the end"
            for path, told in zip(files, (b"ground_text", b"<rss", b"ground_text"), strict=True):
                for page in look(live, path):
                    assert told in page, "not refused for asking too often"
                    assert SUMMARY.encode() not in page
