"""E-mails: the same outbox, over a real SMTP socket, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.notices.smtp_simulator import PASSWORD, USER, Mailbox, running
from webapp.core.db import db
from webapp.core.transaction import rollback, unit
from webapp.notices import mail, operations, rules, sender
from webapp.notices.models import OutboxMessage
from webapp.settings import Settings, SettingsError

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
TO = "li@scjg.example.cn"
DETAILS = {"name": "李", "count": 2, "lines": "甲\n乙", "url": "http://x/office", "platform": "放心消费"}
WORD = "clock.mail.digest"


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with running() as box:
        yield box


@pytest.fixture
def box(server: Mailbox) -> Mailbox:
    server.clear()
    return server


def url(port: int, password: str = PASSWORD) -> str:
    return f"smtp://{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}"


@pytest.fixture
def city(each_database: str, make_app: Callable[..., Flask], box: Mailbox) -> Iterator[Flask]:
    app = make_app(smtp_url=url(box.port), smtp_from="ydym@example.cn")
    with app.app_context():
        yield app
        db.session.rollback()


def put(key: str = "k1", now: datetime = NOW, to: str = TO) -> None:
    with unit():
        operations.send_mail(to, WORD, DETAILS, key, now)


def only() -> OutboxMessage:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(OutboxMessage)).one()


def test_a_mail_leaves_with_its_words_once(city: Flask, box: Mailbox) -> None:
    put()
    put()
    assert sender.sweep(NOW) == 1
    assert sender.sweep(NOW) == 0
    [letter] = box.taken
    assert box.to == [TO]
    assert letter["Subject"] == "办理期限：今天有 2 件要留意"
    assert (letter["From"], letter["To"]) == ("ydym@example.cn", TO)
    assert "甲\n乙" in letter.get_content()
    assert letter["Message-ID"].endswith("@example.cn>")
    assert only().sent_at == NOW


def test_what_is_undone_is_not_sent_and_the_address_is_not_readable(city: Flask, box: Mailbox) -> None:
    operations.send_mail(TO, WORD, DETAILS, "k1", NOW)
    rollback()
    assert sender.sweep(NOW) == 0
    put()
    row = db.session.execute(sa.text("SELECT address, text FROM outbox_message")).one()
    assert TO.encode() not in bytes(row.address)
    assert "甲".encode() not in bytes(row.text)


def test_a_busy_server_gets_it_later_under_the_same_id(city: Flask, box: Mailbox) -> None:
    box.rcpt[:] = ["451 later"]
    box.data[:] = ["452 full"]
    put()
    assert sender.sweep(NOW) == 0
    assert (only().last_error, only().send_after) == ("status 451", NOW + timedelta(seconds=10))
    assert sender.sweep(NOW + timedelta(seconds=10)) == 0
    assert sender.sweep(NOW + timedelta(seconds=30)) == 1
    assert len(box.taken) == 1
    assert only().attempts == 3


@pytest.mark.parametrize("kind", ["rcpt", "data"])
def test_a_refusal_is_final_and_says_no_address(city: Flask, box: Mailbox, kind: str) -> None:
    getattr(box, kind)[:] = [f"550 no {TO} here"]
    put()
    assert sender.sweep(NOW) == 0
    assert (only().given_up_at, only().last_error) == (NOW, "status 550")
    assert sender.sweep(NOW + timedelta(hours=1)) == 0


def test_a_wrong_password_and_nobody_listening_are_tried_later(
    each_database: str, make_app: Callable[..., Flask], box: Mailbox
) -> None:
    for address, reason in ((url(box.port, "wrong"), "status 535"), (url(1), "ConnectionRefusedError")):
        app = make_app(smtp_url=address, smtp_from="ydym@example.cn")
        with app.app_context():
            put(reason)
            assert sender.sweep(NOW) == 0
            row = db.session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
            assert row is not None
            assert row.last_error == reason
            assert row.given_up_at is None
            db.session.rollback()
    assert box.taken == []


def test_a_server_that_is_down_is_asked_once_a_sweep(city: Flask, box: Mailbox) -> None:
    box.rcpt[:] = ["451 later"] * 5
    for number in range(5):
        put(f"k{number}")
    assert sender.sweep(NOW) == 0
    assert box.tries == 1
    box.rcpt.clear()
    assert sender.sweep(NOW + timedelta(seconds=10)) == 5


def test_a_password_is_not_sent_in_the_clear_to_another_machine(box: Mailbox) -> None:
    gateway = mail.SmtpGateway(url(box.port).replace("127.0.0.1", "127.0.0.2"), "ydym@example.cn")
    gateway._connect = lambda: mail.smtplib.SMTP("127.0.0.1", box.port)  # type: ignore[method-assign]
    with pytest.raises(mail.GatewayDown, match="no TLS"):
        gateway.send(mail.Mail(TO, "s", "t", "k", NOW))
    assert box.taken == []


def test_two_senders_at_once_send_one(city: Flask, box: Mailbox) -> None:
    put()
    start, sent = threading.Barrier(3), []

    def work() -> None:
        with city.app_context():
            start.wait(20)
            sent.append(sender.sweep(NOW))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(sent) == [0, 0, 1]
    assert len(box.taken) == 1


def test_a_sender_that_died_after_the_claim_leaves_it_to_the_next(city: Flask, box: Mailbox) -> None:
    put()
    with unit():
        db.session.execute(sa.update(OutboxMessage).values(claimed_at=NOW, attempts=1))
    assert sender.sweep(NOW + timedelta(minutes=1)) == 0
    assert sender.sweep(NOW + rules.CLAIM_LIFETIME + timedelta(seconds=1)) == 1


def test_one_address_gets_only_so_many_a_day(city: Flask, box: Mailbox) -> None:
    most = rules.MAILS_PER_ADDRESS_A_DAY[1]
    for number in range(most + 1):
        put(f"k{number}")
    given_up = sa.select(sa.func.count()).where(OutboxMessage.given_up_at.is_not(None))
    assert db.session.scalar(given_up) == 1
    put("another", to="wang@scjg.example.cn")
    assert db.session.scalar(given_up) == 1


@pytest.mark.parametrize(
    ("smtp_url", "smtp_from", "fault"),
    [
        ("http://mail", "a@b.cn", "YDYM_SMTP_URL must be"),
        ("smtp://", "a@b.cn", "YDYM_SMTP_URL must be"),
        ("smtp://mail:x", "a@b.cn", "YDYM_SMTP_URL must be"),
        ("smtp://mail", "", "set YDYM_SMTP_FROM"),
    ],
)
def test_settings_that_are_half_said_stop_the_start(smtp_url: str, smtp_from: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        Settings.from_env({"YDYM_SMTP_URL": smtp_url, "YDYM_SMTP_FROM": smtp_from})
    assert Settings.from_env({"YDYM_SMTP_URL": "smtps://u:p@mail:465", "YDYM_SMTP_FROM": "a@b.cn"}).smtp_url


def test_without_a_server_nothing_leaves_the_house(app: Flask) -> None:
    assert isinstance(app.extensions["ydym.mail_gateway"], mail.LocalMail)
    with app.app_context():
        put()
        assert sender.sweep(NOW) == 1
        db.session.rollback()


def test_addresses_are_masked() -> None:
    assert rules.mask_email(TO) == "l****@scjg.example.cn"
