"""Random deeds on lists, talks, orders and codes by a process that is killed (SIGKILL) again and again.

    python -m tests.support.oversight_kills --database URL --data FOLDER --kills 12

Prints one line of JSON: what was done, and what is wrong (nothing). The database is migrated and empty. After each
kill the books and every public surface are read as anybody reads them: as many leaves as decisions; two different
people behind whatever is public; nothing public that has ended or was not heard; a shop without an active code, or on
the black list, green on no page, search, map, interface or status list.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from qrservice import KeyRing
from qrservice.statements import read_statement
from qrservice.statuslist import LIST_KIND, StatusList, StickerStatus
from tests.factories import oversight as make
from tests.factories.accounts import make_officer
from tests.factories.listings import make_people
from tests.factories.merchants import NOW
from tests.factories.shopfront import make_vouched
from tests.support.databases import PUBLIC_HOST, settings_for
from tests.support.log_kills import forked
from webapp import create_app
from webapp.codes import operations as codes
from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.core import clock
from webapp.core.actor import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import DomainError
from webapp.core.transaction import unit
from webapp.listings import cases, hearing, operations, process, queries
from webapp.listings.models import Listing
from webapp.listings.rules import Colour, ListingState
from webapp.merchants.models import Shop
from webapp.oversight import consequences, orders, sweeps, talks
from webapp.oversight import queries as oversight
from webapp.oversight.models import Correction, Talk
from webapp.oversight.rules import OrderState, TalkState
from webapp.publiclog import verifying
from webapp.stickers import statuslists

NAMES = ("青禾书铺", "瑞云茶楼", "东篱菊店", "百步布庄")
DEEDS = 25
#: Between a deed and the look: longer than any worker keeps what it read.
PAUSE = timedelta(seconds=statuslists.LOOK_SECONDS + 1)
#: The summary of a list entry, a talk or an order; the number behind it is the row's.
MARK = re.compile(r"朱砂(listing|talk|order)(\d+)。")
GREEN = "印章：放心"


class Actors:
    """Whoever acts, by account: made once, known to the processes that are forked."""

    def __init__(self) -> None:
        with unit():
            people = make_people("别的店")
            more = [make_officer(name=name).actor() for name in ("周科长", "吴科长")]
        self.officers: list[Actor] = [people.bureau, people.second, *more]
        self.shops = [make_vouched(stickers=1, name=name) for name in NAMES]
        operators = frozenset(shop.operator_id for shop in self.shops)
        self.owner = replace(people.owner, operator_ids=operators)
        self._begin()

    def _begin(self) -> None:
        """Something is public from the start: chance comes there too seldom."""
        first, second, *_more = self.officers
        with unit():
            for number, vouched in enumerate(self.shops):
                shop = db.session.get_one(Shop, vouched.shop_id)
                make.approve(make.make_order(shop, first, NOW), second, NOW)
                make.approve(make.make_talk(shop, first, NOW), second, NOW)
                colour, ground = (
                    (Colour.BLACK, "short_measure") if number % 2 else (Colour.RED, "clean_record")
                )
                term = clock.day_of(NOW) + timedelta(days=200)
                entry = operations.propose(shop.id, colour, ground, "e", "s", term, first, NOW)
                operations.decide(entry.id, "confirm", "r", second, NOW, entry.version)
                _name(shop.id)


def act(actors: Actors, source: random.Random, now: datetime) -> None:
    """One random request: many are refused, as in life."""
    shop_id = source.choice(actors.shops).shop_id
    with unit():
        deeds = list(_deeds(actors, source, shop_id, now))
        source.choice(deeds)()
        db.session.flush()
        _name(shop_id)


def _name(shop_id: int) -> None:
    """Give what is new the mark by which it is found on a page."""
    for model, kind in ((Listing, "listing"), (Talk, "talk"), (Correction, "order")):
        for row in db.session.scalars(sa.select(model).where(model.shop_id == shop_id)):
            words = f"朱砂{kind}{row.id}。"
            if row.public_summary != words:
                row.public_summary = words


def _newest(model: type[Any], shop_id: int) -> Any:
    statement = sa.select(model).where(model.shop_id == shop_id).order_by(model.id.desc()).limit(1)
    return db.session.scalars(statement).first()


def _deeds(
    actors: Actors, source: random.Random, shop_id: int, now: datetime
) -> Iterator[Callable[[], object]]:
    officer = source.choice(actors.officers)
    yield lambda: codes.suspend(shop_id, "abnormal_list", "so", SYSTEM, now)
    yield lambda: codes.lift(shop_id, "abnormal_list", "so", SYSTEM, now)
    yield from _of_lists(actors, source, shop_id, officer, now)
    yield from _of_cases(actors, source, shop_id, officer, now)


def _of_lists(
    actors: Actors, source: random.Random, shop_id: int, officer: Actor, now: datetime
) -> Iterator[Callable[[], object]]:
    colour = source.choice(list(Colour))
    ground = "short_measure" if colour is Colour.BLACK else "clean_record"
    term = clock.day_of(now) + timedelta(days=source.choice([30, 200]))
    yield lambda: operations.propose(shop_id, colour, ground, "e", "s", term, officer, now)
    entry = _newest(Listing, shop_id)
    if entry is None:
        return
    key, version = entry.id, entry.version
    for action in ("confirm", "confirm", "refuse"):
        yield functools.partial(operations.decide, key, action, "r", officer, now, version)
    yield lambda: operations.publish(key, "r", officer, now, version)
    yield lambda: operations.end(key, "strike", "r", officer, now, version)
    for say in (hearing.speak, hearing.reply, cases.appeal):
        yield functools.partial(say, key, "w", actors.owner, now)
    yield lambda: cases.ask_repair(key, "w", process.PLEDGES, actors.owner, now)
    for waiting, decide in (
        (entry.open_appeal, cases.decide_appeal),
        (entry.open_repair, cases.decide_repair),
    ):
        if waiting is not None:
            said = {"grant": source.random() < 0.5, "reason": "r", "actor": officer, "now": now}
            yield functools.partial(decide, waiting.id, version=waiting.version, **said)
    yield lambda: operations.publish_heard(now)
    yield lambda: operations.expire_ended(now)


def _of_cases(
    actors: Actors, source: random.Random, shop_id: int, officer: Actor, now: datetime
) -> Iterator[Callable[[], object]]:
    shop = db.session.get_one(Shop, shop_id)
    yield lambda: make.make_order(shop, officer, now)
    yield lambda: make.make_talk(shop, officer, now)
    yield lambda: sweeps.sweep(now)
    talk, order = _newest(Talk, shop_id), _newest(Correction, shop_id)
    if talk is not None:
        key, seen = talk.id, talk.version
        yield lambda: talks.decide(key, "approve", "", officer, now, seen)
        yield lambda: talks.hold(key, "陈师傅", "说明", "告诫", officer, now, seen)
        yield lambda: talks.end(key, "withdraw", "r", officer, now, seen)
    if order is not None:
        number, version = order.id, order.version
        yield lambda: orders.decide(number, "approve", "", officer, now, version)
        yield lambda: orders.report(number, f"w{now}", actors.owner, now)
        yield lambda: orders.withdraw(number, "r", officer, now, version)
        for action in ("perform", "fail", "fail"):
            yield functools.partial(orders.check, number, action, "r", officer, now, version)
    proposal = oversight.open_proposal_of(shop_id)
    if proposal is not None:
        waits, at = proposal.id, proposal.version
        yield lambda: consequences.take(waits, "r", officer, now, at)


def act_for_ever(app: Flask, actors: Actors, seed: int, start: datetime, told: int) -> None:
    """The writer: tells each attempt that ended by one byte, and stops for nothing but a kill."""
    source, now = random.Random(seed), start
    with app.app_context():
        while True:
            now += timedelta(hours=source.choice([1, 9, 30, 200]))
            try:
                act(actors, source, now)
                os.write(told, b"+")
            except DomainError:
                os.write(told, b"-")


class Books:
    """What is looked at after each kill, and what was found wrong."""

    def __init__(self, app: Flask, actors: Actors) -> None:
        self.app, self.actors = app, actors
        self.wrong: list[str] = []
        self.done = self.refused = self.public = self.not_green = 0

    def kill(self, seed: int, start: datetime, seconds: float) -> None:
        """The writer at its deeds, killed so long after DEEDS of them."""
        reading, told = os.pipe()
        child = forked(self.app, lambda: act_for_ever(self.app, self.actors, seed, start, told))
        os.close(told)
        marks = b""
        while len(marks) < DEEDS and (more := os.read(reading, DEEDS - len(marks))):
            marks += more
        time.sleep(seconds)  # somewhere in the next one
        os.kill(child, signal.SIGKILL)
        if os.waitpid(child, 0)[1] != signal.SIGKILL:
            self.wrong.append("the writer died by itself")
        while more := os.read(reading, 65_536):
            marks += more
        os.close(reading)
        self.done += marks.count(b"+")
        self.refused += marks.count(b"-")

    def newest(self) -> datetime:
        """The latest instant that anything was done at: the clock of the next round and of the look."""
        instants = [NOW]
        for column in (Listing.proposed_at, Talk.proposed_at, Correction.proposed_at, TrustCode.changed_at):
            instants += [value for value in db.session.scalars(sa.select(sa.func.max(column))) if value]
        db.session.rollback()
        return max(instants) + PAUSE

    def look(self, now: datetime) -> None:
        """Books and surfaces."""
        if missing := verifying.missing():
            self.wrong.append(f"decisions - leaves = {missing}")
        known = self._may_show(now)
        not_green = self._must_not_be_green(now)
        self.not_green += len(not_green)
        db.session.rollback()
        with clock.use(now):
            client = self.app.test_client()
            for address in self._addresses():
                text = client.get(address, headers={"Host": PUBLIC_HOST}).get_data(as_text=True)
                shown = set(MARK.findall(text))
                self.public += len(shown)
                self.wrong += [f"{address} shows {kind} {key}" for kind, key in shown - known]
            self._look_for_green(client, not_green)

    def _addresses(self) -> list[str]:
        pages = [f"/s/{shop.shop_id}" for shop in self.actors.shops]
        lists = ["/lists/black", "/lists/red", "/oversight", "/oversight.rss"]
        programs = [f"/api/v1/{name}" for name in ("listings", "talks", "orders")]
        return pages + lists + programs

    def _may_show(self, now: datetime) -> set[tuple[str, str]]:
        """What may be public by the rows themselves; each must have two people behind it."""
        today, known = clock.day_of(now), set[tuple[str, str]]()
        for entry in db.session.scalars(sa.select(Listing)):
            if (
                entry.state is ListingState.PUBLISHED
                and entry.term_until is not None
                and entry.term_until >= today
            ):
                known.add(("listing", str(entry.id)))
                self._two("listing", entry)
        for model, kind in ((Talk, "talk"), (Correction, "order")):
            over = {TalkState.WITHDRAWN, OrderState.WITHDRAWN, OrderState.PERFORMED, TalkState.CANCELLED}
            for case in db.session.scalars(sa.select(model)):
                late = case.shown_until is not None and case.shown_until < today
                if case.published_at is not None and case.state not in over and not late:
                    known.add((kind, str(case.id)))
                    self._two(kind, case)
        return known

    def _two(self, kind: str, row: Any) -> None:
        if row.decided_by_id is None or row.decided_by_id == row.proposed_by_id:
            self.wrong.append(f"{kind} {row.id} has one person behind it")

    def _must_not_be_green(self, now: datetime) -> set[int]:
        states: dict[int, CodeState] = {}
        for code in db.session.scalars(sa.select(TrustCode).order_by(TrustCode.id)):
            states[code.shop_id] = code.state
        black = queries.black_listed(list(states), clock.day_of(now))
        return {key for key, state in states.items() if state is not CodeState.ACTIVE or key in black}

    def _look_for_green(self, client: FlaskClient, not_green: set[int]) -> None:
        """Page, search, map, interface, status list."""
        get = functools.partial(client.get, headers={"Host": PUBLIC_HOST})
        ring = KeyRing.from_jwks(get("/.well-known/ydym-keys.json").get_json(force=True))
        statuses = StatusList(
            read_statement(get("/.well-known/ydym-status/0").text, LIST_KIND, ring)
        ).by_shop()
        trusted = {item["number"] for item in get("/api/v1/shops?trusted=true").get_json()["items"]}
        box = "/shops/map/cells?zoom=16&box=38,115,39.5,116.5"
        trusted |= {
            int(one["url"].rpartition("/")[2])
            for one in get(box).get_json()["shops"]
            if one["verdict"] == "trusted"
        }
        for shop, name in zip(self.actors.shops, NAMES, strict=True):
            key = shop.shop_id
            if key not in not_green:
                continue
            for path in (shop.plain, shop.scan, f"/shops?q={name}"):
                if GREEN in get(path).get_data(as_text=True):
                    self.wrong.append(f"{path} is green")
            if key in trusted:
                self.wrong.append(f"the interface or the map calls {key} trusted")
            if key < len(statuses) and StickerStatus.VALID in statuses[key]:
                self.wrong.append(f"the status list has {key} valid")


def run(database: str, data: Path, kills: int, seed: int = 1) -> dict[str, object]:
    """So many kills; each at a random moment."""
    app = create_app(settings_for(data, database))
    source = random.Random(seed)
    with app.app_context():
        books = Books(app, Actors())
    for number in range(kills):
        with app.app_context():
            start = books.newest()
        books.kill(seed * 1000 + number, start, source.uniform(0, 0.04))
        with app.app_context():
            books.look(books.newest())
        if books.wrong:
            break
    return {
        "kills": number + 1,
        "operations": books.done + books.refused,
        "refused": books.refused,
        "seen_public": books.public,
        "seen_not_green": books.not_green,
        "wrong": books.wrong,
    }


def main() -> None:
    """Read the arguments, print the result; exit 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = run(options.database, options.data, options.kills, options.seed)
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
