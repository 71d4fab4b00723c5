"""A compromised key: what every page says of papers from before and after the declared moment, and of made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from qrservice import Payload, human_check, issue
from tests.factories.shopfront import NOW, Vouched, make_vouched, sticker_row
from tests.support.vault import TOKEN, vault_server
from webapp.audit.models import AuditEvent
from webapp.core import clock
from webapp.core.actor import SYSTEM
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.settings import Settings
from webapp.signing import operations
from webapp.signing.models import Action
from webapp.signing.store import KeyStore, NoSigningKey, store
from webapp.stickers import distrust
from webapp.stickers.models import StickerState

GREEN = "印章：放心"
DISTRUSTED = "这张码贴的签名"


@pytest.fixture
def shop(app_on: Flask) -> Vouched:
    """A shop with two stickers: the first was issued at NOW, the second an hour later."""
    with app_on.app_context():
        made = make_vouched()
        with unit():
            sticker_row(made.shop_id, 2).issued_at = NOW + timedelta(hours=1)
    return made


def declare(app: Flask, moment: datetime, now: datetime) -> None:
    with app.app_context(), unit():
        operations.carry_out(Action.COMPROMISE, 0, moment, "私钥外泄", SYSTEM, now)


def say(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return "".join(answer.text.replace('<span class="phrase">', "").replace("</span>", "").split("\n"))


def test_only_papers_from_before_are_believed(
    app_on: Flask, shop: Vouched, make_app: Callable[..., Flask], freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW + timedelta(hours=2))
    before, after = (f"/c/{shop.tokens[serial]}" for serial in (1, 2))
    workers = [app_on.test_client(), make_app().test_client()]
    for client in workers:
        assert GREEN in say(client, before)
        assert GREEN in say(client, after)
    with app_on.app_context():
        signer = store().signer()
        made_up = f"/c/{issue(Payload(0, shop.shop_id, 900), app_on.extensions['ydym.settings'].public_host, signer)}"
    assert "查不到发放记录" in say(workers[0], made_up)
    declare(app_on, NOW + timedelta(minutes=30), clock.now())
    for client in workers:
        client.application.extensions["ydym.tail"].poll()
        assert GREEN in say(client, before)
        for path in (after, made_up):
            page = say(client, path)
            assert "这张码贴的签名不能再相信" in page
            assert GREEN not in page
            assert "失密" in page
        facts = client.get(after, headers={"Accept": "application/json"}).get_json()
        assert (facts["verdict"], facts["sticker"]["state"]) == ("replaced", "distrusted")
        assert GREEN not in say(client, made_up)


def test_the_books_follow(app_on: Flask, shop: Vouched) -> None:
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    with app_on.app_context():
        assert sticker_row(shop.shop_id, 1).state is StickerState.VALID
        second = sticker_row(shop.shop_id, 2)
        assert (second.state, second.ended_reason) == (StickerState.DESTROYED, "key_compromised")
        ended = db.session.query(AuditEvent).filter_by(action="sticker.destroy").one()
        assert (ended.shop_id, ended.reason_code) == (shop.shop_id, "key_compromised")
        assert distrust.uses() == {0: 1}
        with unit():
            assert distrust.end_untrusted(NOW + timedelta(hours=3)) == 0


def test_a_paper_that_slipped_in_is_ended_by_the_job_and_never_green(
    app_on: Flask, shop: Vouched, freeze: Callable[[datetime], datetime]
) -> None:
    """A worker that had loaded the old key signs while the declaration is being made."""
    freeze(NOW + timedelta(hours=2))
    client = app_on.test_client()
    declare(app_on, NOW + timedelta(minutes=30), clock.now())
    with app_on.app_context(), unit():
        second = sticker_row(shop.shop_id, 2)
        second.state, second.ended_at, second.ended_reason = StickerState.VALID, None, None
    # Its neighbour is good, and one stored rendering serves all good stickers of a shop.
    assert GREEN in say(client, f"/c/{shop.tokens[1]}")
    app_on.extensions["ydym.background"].flush()
    assert DISTRUSTED in say(client, f"/c/{shop.tokens[2]}")
    with app_on.app_context():
        with unit():
            assert distrust.end_untrusted(clock.now()) == 1
        assert sticker_row(shop.shop_id, 2).state is StickerState.DESTROYED


def test_the_check_page_says_the_same(app_on: Flask, shop: Vouched) -> None:
    client = app_on.test_client()
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    # The page's own script has all answers ready in templates: what the server says stands before them.
    assert "这张码贴是真的" in say(client, f"/verify?code={shop.tokens[1]}").split("<template")[0]
    for query in (
        f"code={shop.tokens[2]}",
        f"number={shop.shop_id:06d}-02&check={human_check(shop.tokens[2]).replace(' ', '')}",
    ):
        page = say(client, f"/verify?{query}").split("<template")[0]
        assert "这张码贴的签名不能再相信" in page
        assert "现在有效" not in page


def test_the_published_keys_say_since_when(app_on: Flask, shop: Vouched) -> None:
    client = app_on.test_client()
    first = client.get("/.well-known/ydym-keys.json")
    assert (
        client.get(
            "/.well-known/ydym-keys.json", headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 304
    )
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    second = client.get("/.well-known/ydym-keys.json", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    old, new = second.get_json(force=True)["keys"]
    assert (old["state"], old["valid_before"]) == ("compromised", "2026-05-06T04:30:00Z")
    assert old["not_after"] == "2026-05-06T06:00:00Z"
    assert (new["kid"], new["state"], new["not_before"]) == ("1", "active", "2026-05-06T06:00:00Z")


def test_a_key_in_use_is_not_withdrawn(app_on: Flask, shop: Vouched) -> None:
    runner = app_on.test_cli_runner()
    declare(app_on, NOW + timedelta(minutes=30), NOW + timedelta(hours=2))
    said = runner.invoke(args=["keys", "withdraw", "0", "--reason", "x", "--yes"])
    assert (said.exit_code, "key_still_used (count: 1)" in said.output) == (1, True)
    with app_on.app_context(), unit():
        sticker_row(shop.shop_id, 1).state = StickerState.LOST
    assert runner.invoke(args=["keys", "withdraw", "0", "--reason", "x", "--yes"]).exit_code == 0
    assert "不是本平台" in app_on.test_client().get(f"/c/{shop.tokens[1]}").text


def test_a_silent_key_service_holds_no_declaration_back(
    make_app: Callable[..., Flask], app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """The only key is declared at once; issuing stops until a successor can be made."""
    with vault_server() as vault:
        other = make_app(signer="vault", vault_url=vault.url, vault_token=TOKEN)
        with other.app_context(), unit():
            store().ensure(NOW - timedelta(days=30))
        vault.broken = "down"
        declare(other, NOW - timedelta(days=1), NOW)
        with other.app_context():
            assert [key.state.value for key in store().ring()] == ["compromised"]
            with pytest.raises(NoSigningKey):
                store().signer()
        assert "no successor" in caplog.text
        vault.broken = ""
        with other.app_context():
            assert store().rotate(NOW) == 1
            assert store().signer().kid == 1


def test_no_spare_key_holds_no_declaration_back(settings: Settings) -> None:
    pem = KeyStore(settings)
    pem.ensure(NOW - timedelta(days=30))
    keys = KeyStore(replace(settings, signer="environment", signing_keys=()))
    assert keys.compromise(0, NOW - timedelta(days=1), NOW) is None
    assert [key.state.value for key in keys.ring()] == ["compromised"]
