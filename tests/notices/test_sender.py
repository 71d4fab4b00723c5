"""The outbox and its sender: after the commit, once, again later; against a gateway over HTTP, on both databases."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.notices.sms_simulator import TOKEN, Simulator, running
from webapp.core.db import db
from webapp.core.language import USUAL, Language
from webapp.core.transaction import rollback, unit
from webapp.notices import gateways, operations, rules, sender
from webapp.notices.models import OutboxMessage
from webapp.notices.operations import send_sms

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PHONE = "+8613800138000"
DETAILS = {"code": "762074", "minutes": 5}


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def gateway(server: Simulator) -> Simulator:
    server.answers.clear()
    server.delivered.clear()
    server.requests.clear()
    return server


@pytest.fixture
def sms_app(each_database: str, make_app: Callable[..., Flask], gateway: Simulator) -> Iterator[Flask]:
    app = make_app(sms_url=gateway.url, sms_token=TOKEN)
    with app.app_context():
        yield app
        db.session.rollback()


def put(
    key: str = "k1",
    now: datetime = NOW,
    word: str = rules.CODE_TEMPLATE,
    language: Language = USUAL,
) -> None:
    with unit():
        send_sms(PHONE, word, DETAILS, key, now, language=language)


def only() -> OutboxMessage:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(OutboxMessage)).one()


def test_a_message_leaves_with_its_words_and_its_key(sms_app: Flask, gateway: Simulator) -> None:
    put()
    assert sender.sweep(NOW) == 1
    [sent] = gateway.requests
    assert sent["to"] == PHONE
    assert sent["template"] == rules.CODE_TEMPLATE
    assert "762074" in sent["text"]
    assert sent["idempotency_key"] == "k1"
    assert only().sent_at == NOW
    assert sender.sweep(NOW) == 0
    assert not sender.waiting()


def test_a_message_leaves_in_the_language_of_its_reader(sms_app: Flask, gateway: Simulator) -> None:
    for language in Language:
        put(language.value, language=language)
    assert sender.sweep(NOW) == 3
    assert [(sent["language"], sent["template"]) for sent in gateway.requests] == [
        (language.value, rules.CODE_TEMPLATE) for language in Language
    ]
    hans, hant, english = gateway.texts()
    assert hans.startswith("验证码 762074，5 分钟内有效")
    assert hant.startswith("驗證碼 762074，5 分鐘內有效")
    assert english.startswith("Your code is 762074. It is valid for 5 minutes")


def test_approved_templates_go_by_the_gateways_codes_and_the_rest_in_chinese(
    each_database: str, make_app: Callable[..., Flask], gateway: Simulator, tmp_path: Path
) -> None:
    """A gateway that knows two languages of the code and none of other news: nothing unapproved leaves."""
    file = tmp_path / "approved.toml"
    file.write_text('["accounts.sms.code"]\nzh-Hans = "SMS_1"\nen = "SMS_2"\n', encoding="utf-8")
    with make_app(sms_url=gateway.url, sms_token=TOKEN, sms_templates=str(file)).app_context():
        for language in Language:
            put(language.value, language=language)
        with unit():
            details = {"name": "老槐树"}
            send_sms(PHONE, "merchants.sms.invited", details, "news", NOW, language=Language.EN)
        assert sender.sweep(NOW) == 4
        assert [(sent["template"], sent["language"], sent["text"][:3]) for sent in gateway.requests] == [
            ("SMS_1", "zh-Hans", "验证码"),
            ("SMS_1", "zh-Hans", "验证码"),
            ("SMS_2", "en", "You"),
            ("merchants.sms.invited", "zh-Hans", "“老槐"),
        ]
        db.session.rollback()


def test_what_is_undone_is_not_sent(sms_app: Flask, gateway: Simulator) -> None:
    send_sms(PHONE, rules.CODE_TEMPLATE, DETAILS, "k1", NOW, language=USUAL)
    rollback()
    assert sender.sweep(NOW) == 0
    assert gateway.requests == []


def test_one_occasion_is_one_message(sms_app: Flask, gateway: Simulator) -> None:
    put()
    put()
    assert sender.sweep(NOW) == 1
    put(now=NOW + timedelta(minutes=1))
    assert sender.sweep(NOW + timedelta(minutes=1)) == 0
    assert len(gateway.requests) == 1


def test_address_and_text_are_not_readable_in_the_database(sms_app: Flask, gateway: Simulator) -> None:
    put()
    row = db.session.execute(sa.text("SELECT address, text FROM outbox_message")).one()
    assert b"13800138000" not in bytes(row.address)
    assert b"762074" not in bytes(row.text)


def test_a_gateway_that_is_down_gets_the_message_later(sms_app: Flask, gateway: Simulator) -> None:
    gateway.answers[:] = [500, 429]
    put()
    assert sender.sweep(NOW) == 0
    message = only()
    assert (message.attempts, message.last_error, message.send_after) == (
        1,
        "status 500",
        NOW + timedelta(seconds=10),
    )
    assert sender.sweep(NOW + timedelta(seconds=9)) == 0
    assert len(gateway.requests) == 1
    assert sender.sweep(NOW + timedelta(seconds=10)) == 0
    assert sender.waiting()
    assert sender.sweep(NOW + timedelta(seconds=30)) == 1
    assert only().attempts == 3
    assert len(gateway.delivered) == 1


def test_a_lost_answer_does_not_deliver_twice(sms_app: Flask, gateway: Simulator) -> None:
    gateway.answers[:] = ["drop"]
    put()
    assert sender.sweep(NOW) == 0
    assert sender.sweep(NOW + timedelta(seconds=10)) == 1
    assert len(gateway.requests) == 2
    assert len(gateway.texts()) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 302])
def test_a_refusal_is_final_and_a_redirect_is_not_followed(
    sms_app: Flask, gateway: Simulator, status: int
) -> None:
    gateway.answers[:] = [status]
    put()
    assert sender.sweep(NOW) == 0
    message = only()
    assert message.given_up_at == NOW
    assert message.last_error == f"status {status}"
    assert sender.sweep(NOW + timedelta(minutes=1)) == 0
    assert len(gateway.requests) == 1


def test_a_wrong_token_delivers_nothing(
    each_database: str, make_app: Callable[..., Flask], gateway: Simulator
) -> None:
    with make_app(sms_url=gateway.url, sms_token="wrong").app_context():
        put()
        assert sender.sweep(NOW) == 0
        assert only().last_error == "status 401"
    assert gateway.delivered == {}


def test_nobody_listening_is_tried_until_it_is_no_use(
    each_database: str, make_app: Callable[..., Flask]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with make_app(sms_url=url, sms_token=TOKEN).app_context():
            put()
            assert sender.sweep(NOW) == 0
            assert only().last_error == "ConnectionError"
            assert PHONE not in (only().last_error or "")
            assert sender.sweep(NOW + timedelta(minutes=5, seconds=1)) == 0
            assert only().last_error == "too late"
            assert not sender.waiting()


def test_eight_failures_are_enough(sms_app: Flask, gateway: Simulator) -> None:
    gateway.answers[:] = [500] * 20
    put(word="accounts.menu.me")
    now = NOW
    for _ in range(12):
        sender.sweep(now)
        now += timedelta(minutes=40)
    assert len(gateway.requests) == 8
    assert only().given_up_at is not None


def test_a_dead_senders_claim_is_taken_over(sms_app: Flask, gateway: Simulator) -> None:
    put(word="accounts.menu.me")
    with unit():
        db.session.execute(sa.update(OutboxMessage).values(claimed_at=NOW, attempts=1))
    assert sender.sweep(NOW + timedelta(minutes=1)) == 0
    assert sender.sweep(NOW + timedelta(minutes=2, seconds=1)) == 1


def test_old_messages_are_forgotten(sms_app: Flask, gateway: Simulator) -> None:
    put("sent")
    sender.sweep(NOW)
    put("waiting", word="accounts.menu.me")
    for day, left in ((30, 2), (31, 1)):
        with unit():
            operations.forget_old(NOW + timedelta(days=day))
        db.session.rollback()
        assert db.session.query(OutboxMessage).count() == left


def test_several_senders_at_once_send_each_message_once(sms_app: Flask, gateway: Simulator) -> None:
    for number in range(12):
        put(f"k{number}")
    db.session.rollback()
    barrier, sent = threading.Barrier(4), []

    def run() -> None:
        with sms_app.app_context():
            barrier.wait(30)
            sent.append(sender.sweep(NOW))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(sent) == 12
    assert len(gateway.requests) == 12


def test_the_thread_sends_what_a_commit_left(make_app: Callable[..., Flask], gateway: Simulator) -> None:
    app = make_app(sms_url=gateway.url, sms_token=TOKEN)
    arrived = threading.Event()
    real = app.extensions["ydym.sms_gateway"]

    class Telling:
        def send(self, message: gateways.Sms) -> None:
            real.send(message)
            arrived.set()

    app.extensions["ydym.sms_gateway"] = Telling()
    with app.app_context():
        app.config["TESTING"] = False
        with unit():
            send_sms(PHONE, "accounts.menu.me", {}, "k1", datetime.now(UTC), language=USUAL)
        assert arrived.wait(20)
    assert len(gateway.requests) == 1
    thread = next(thread for thread in threading.enumerate() if thread.name == "notices-sender")
    app.extensions["ydym.sms_sender"].stop()
    assert not thread.is_alive()


def test_without_a_gateway_messages_stay_here(app: Flask) -> None:
    assert isinstance(app.extensions["ydym.sms_gateway"], gateways.LocalOutbox)
    with app.app_context():
        put()
        assert sender.sweep(NOW) == 1
        assert only().sent_at == NOW
