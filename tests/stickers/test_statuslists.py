"""The published status lists and the signed key set: true, cached, renewed from the feed, never valid by mistake."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from qrservice import KeyRing
from qrservice.examination import examine
from qrservice.statements import read_statement
from qrservice.statuslist import INDEX_KIND, KEYS_KIND, LIST_KIND, StatusList, StickerStatus
from tests.factories import merchants
from tests.factories.codes import Town, make_code
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support.databases import PUBLIC_HOST
from webapp.codes import operations as codes
from webapp.codes.rules import CodeState
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.feed import publish
from webapp.merchants.queries import get_shop
from webapp.signing.store import KeyStore
from webapp.stickers import operations, statuslists
from webapp.stickers.keys import SignerUnavailable, store
from webapp.stickers.models import Sticker, StickerPlace, StickerState

LIST, INDEX, KEYS = "/.well-known/ydym-status/0", "/.well-known/ydym-status", "/.well-known/ydym-keys.json"
LATER = NOW + timedelta(seconds=statuslists.LOOK_SECONDS)


@pytest.fixture(autouse=True)
def _now(freeze: Any) -> None:
    freeze(NOW)


def claims(client: FlaskClient) -> dict[str, Any]:
    ring = KeyRing.from_jwks(json.loads(client.get(KEYS).data))
    return read_statement(client.get(LIST).text, LIST_KIND, ring)


def statuses(client: FlaskClient, shop: int) -> list[StickerStatus]:
    found = StatusList(claims(client)).by_shop()
    return found[shop] if shop < len(found) else []


@pytest.fixture
def two(app: Flask, town: Town) -> None:
    with app.app_context():
        for place in (StickerPlace.DOOR, StickerPlace.TILL):
            make_sticker(get_shop(town.shop), place)
        db.session.commit()


V, N, S, R = StickerStatus


@pytest.mark.usefixtures("two")
def test_a_change_shows_when_the_feed_is_looked_at_again(
    app: Flask, client: FlaskClient, town: Town, freeze: Any
) -> None:
    assert statuses(client, town.shop) == [V, V]
    before = client.get(LIST)
    with app.app_context():
        operations.replace(town.shop, 1, "worn", officer(town), NOW)
        db.session.commit()
    assert client.get(LIST).data == before.data
    freeze(LATER)
    assert statuses(client, town.shop) == [R, V, V]
    assert claims(client)["iat"] == int(LATER.timestamp())
    with app.app_context():
        codes.suspend(town.shop, "abnormal_list", "because", SYSTEM, LATER)
        db.session.commit()
    freeze(LATER + timedelta(seconds=5))
    assert statuses(client, town.shop) == [R, S, S]


def officer(town: Town) -> Any:
    return town.actor(town.bureau)


@pytest.mark.usefixtures("two")
def test_a_sticker_asked_for_later_is_listed(
    app: Flask, client: FlaskClient, town: Town, freeze: Any
) -> None:
    assert statuses(client, town.shop) == [V, V]
    with app.app_context():
        operations.request(town.shop, StickerPlace.TABLE, 2, officer(town), NOW)
        db.session.commit()
    freeze(LATER)
    assert statuses(client, town.shop) == [V, V, V, V]


@pytest.mark.usefixtures("two")
def test_an_unchanged_list_is_the_same_until_the_hour(client: FlaskClient, freeze: Any) -> None:
    first = client.get(LIST)
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    assert claims(client)["iat"] == int(hour.timestamp())
    freeze(hour + timedelta(minutes=59, seconds=59))
    assert client.get(LIST).data == first.data
    freeze(hour + timedelta(hours=1, seconds=4))
    assert client.get(LIST).data != first.data
    found = claims(client)
    assert found["iat"] == int(hour.timestamp()) + 3600
    assert found["exp"] - found["iat"] == statuslists.LIST_SECONDS


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("address", [LIST, INDEX, KEYS])
def test_cached_with_a_validator(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_two_workers_give_the_same_bytes(app: Flask, make_app: Any, town: Town, two: None) -> None:
    others = make_app().test_client()
    for address in (LIST, INDEX, KEYS):
        assert app.test_client().get(address).data == others.get(address).data


@pytest.mark.usefixtures("two")
def test_index_and_key_set(client: FlaskClient) -> None:
    document = json.loads(client.get(KEYS).data)
    ring = KeyRing.from_jwks(document)
    signed = read_statement(document["signed"], KEYS_KIND, ring)
    assert signed["keys"] == document["keys"]
    assert signed["sub"] == f"{PUBLIC_HOST}{KEYS}"
    index = read_statement(client.get(INDEX).text, INDEX_KIND, ring)
    assert index["status_lists"] == [f"http://{PUBLIC_HOST}{LIST}"]
    assert index["shops_per_list"] == 65_536


def test_before_the_first_key_and_sticker(client: FlaskClient) -> None:
    assert json.loads(client.get(KEYS).data) == {"keys": []}
    assert client.get(LIST).status_code == 404
    assert client.get(INDEX).status_code == 404


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("number", ["1", "65535", "65536", "99999999999", "-1", "x", "0x0"])
def test_no_such_list(client: FlaskClient, number: str) -> None:
    assert client.get(f"{INDEX}/{number}").status_code == 404


@pytest.mark.usefixtures("two")
def test_a_new_key_signs_at_once_and_the_old_list_stays_good(
    app: Flask, client: FlaskClient, town: Town
) -> None:
    old = client.get(LIST).text
    with app.app_context():
        token = operations.issue(town.shop, StickerPlace.TABLE, SYSTEM, NOW).token
        db.session.rollback()
        store().rotate(NOW)
    ring = KeyRing.from_jwks(json.loads(client.get(KEYS).data))
    new = client.get(LIST).text
    assert new != old
    assert read_statement(new, LIST_KIND, ring)
    assert read_statement(old, LIST_KIND, ring)
    said = examine(token, PUBLIC_HOST, ring, [old], int(NOW.timestamp()))
    assert (said.outcome.value, said.reason) == ("cannot_say", "unlisted")


@pytest.mark.usefixtures("two")
def test_the_database_is_down(client: FlaskClient, freeze: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last list is given until it expires, and not a second longer."""
    last = client.get(LIST)
    expires = claims(client)["exp"]

    def fail() -> int:
        raise OperationalError("select", {}, Exception("down"))

    monkeypatch.setattr(statuslists, "feed_head", fail)
    freeze(LATER + timedelta(hours=3))
    assert client.get(LIST).data == last.data
    freeze(NOW + timedelta(seconds=expires - int(NOW.timestamp())))
    assert client.get(LIST).status_code == 503


@pytest.mark.usefixtures("two")
def test_a_restored_database_is_read_anew(app: Flask, client: FlaskClient, town: Town, freeze: Any) -> None:
    with app.app_context():
        publish("nothing", now=NOW, shop_id=town.shop)
        db.session.commit()
    assert statuses(client, town.shop) == [V, V]
    with app.app_context(), db.engine.begin() as connection:
        for trigger in connection.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'change'")
        ).all():
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        connection.execute(sa.text("DELETE FROM change"))
        connection.execute(sa.text("UPDATE sticker SET state = 'lost'"))
    freeze(LATER)
    assert statuses(client, town.shop) == [N, N]


@pytest.mark.each_database
def test_what_each_sticker_is_worth(app_on: Flask) -> None:
    """Every state of paper and code: valid only where both are good."""
    with app_on.app_context():
        shops = {}
        for state in (*CodeState, None):
            shop = merchants.make_shop()
            if state is not None:
                make_code(shop, state)
            for paper in StickerState:
                make_sticker(shop).state = paper
            shops[state] = shop.id
        db.session.commit()
        found = statuslists._statuses(0, None)
        known = {
            (state, paper): found[shop][index]
            for state, shop in shops.items()
            for index, paper in enumerate(StickerState)
        }
        assert found == statuslists._statuses(0, list(found))
    valid = {pair for pair, status in known.items() if status == V}
    assert valid == {(CodeState.ACTIVE, StickerState.VALID)}
    assert known[CodeState.SUSPENDED, StickerState.VALID] == S
    assert known[CodeState.REVOKED, StickerState.VALID] == N
    assert known[None, StickerState.VALID] == N
    assert known[CodeState.ACTIVE, StickerState.REPLACED] == R
    assert known[CodeState.ACTIVE, StickerState.LOST] == N


def test_serials_that_were_never_given_out(context: Flask) -> None:
    shop = merchants.make_shop()
    make_code(shop)
    make_sticker(shop)
    make_sticker(shop).serial = 4
    db.session.flush()
    assert statuslists._statuses(0, None)[shop.id] == bytes([V, N, N, V])


@pytest.mark.usefixtures("two")
def test_a_silent_signer_is_asked_once_and_the_books_are_not(
    app: Flask, client: FlaskClient, town: Town, freeze: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last list is given, nothing is read again, and what changed meanwhile shows when the signer is back."""
    last = client.get(LIST).data
    with app.app_context():
        operations.replace(town.shop, 1, "worn", officer(town), NOW)
        db.session.commit()
        real = store().signer()
    asked: list[str] = []

    def silent(_store: object) -> Any:
        asked.append("signer")
        raise SignerUnavailable("no answer")

    read = statuslists._statuses

    def counted(first: int, shops: Any) -> dict[int, bytes]:
        read_shops.append(shops)
        return read(first, shops)

    read_shops: list[Any] = []
    monkeypatch.setattr(statuslists, "_statuses", counted)
    monkeypatch.setattr(KeyStore, "signer", silent)
    freeze(LATER)
    for seconds in (0, 6, 29):
        freeze(LATER + timedelta(seconds=seconds))
        assert client.get(LIST).data == last
        assert client.get(INDEX).status_code == 503
        assert "signed" not in client.get(KEYS).get_json(force=True)
    assert (asked, read_shops) == (["signer"], [[town.shop]])
    freeze(LATER + timedelta(seconds=30))
    assert client.get(LIST).data == last
    assert (asked, read_shops) == (["signer"] * 2, [[town.shop]])
    monkeypatch.setattr(KeyStore, "signer", lambda _store: real)
    freeze(LATER + timedelta(seconds=60))
    assert statuses(client, town.shop) == [R, V, V]


def test_the_published_statements_have_a_ceiling(make_app: Any) -> None:
    """Shared by the three addresses, and generous. Twice as many are tried: a minute may end meanwhile."""
    client = make_app(rate_limits=True).test_client()
    answers = (client.get((LIST, INDEX, KEYS)[count % 3]).status_code for count in range(1201))
    assert next(count for count, status in enumerate(answers) if status == 429) >= 600


@pytest.mark.usefixtures("two")
def test_a_doubtful_paper_is_not_valid_before_the_books_follow(
    app: Flask, client: FlaskClient, town: Town
) -> None:
    """Only the ring knows of the declaration; the first paper is from before, the second from the moment itself."""
    with app.app_context():
        papers = db.session.scalars(sa.select(Sticker).order_by(Sticker.serial)).all()
        papers[0].issued_at, papers[1].issued_at = NOW - timedelta(hours=1), NOW
        kid = papers[0].kid
        db.session.commit()
        assert statuses(client, town.shop) == [V, V]
        store().compromise(kid, NOW, NOW)
    assert statuses(client, town.shop) == [V, N]
