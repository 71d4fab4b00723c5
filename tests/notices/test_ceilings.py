"""SMS cost money: no more leave than the city and one phone may have, and the page says what to do instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from webapp.accounts.models import OneTimeCode
from webapp.core import clock
from webapp.core.db import db
from webapp.core.errors import TooMany
from webapp.core.language import USUAL
from webapp.core.policy import PolicyValue
from webapp.core.transaction import unit
from webapp.notices import queries, rules, sender
from webapp.notices.models import OutboxMessage
from webapp.notices.operations import send_sms

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
CODE = {"code": "762074", "minutes": 5}
NEWS = "merchants.sms.invited"
CEILINGS = {"codes_per_hour": 3, "news_per_hour": 2, "codes_per_phone_a_day": 4, "news_per_phone_a_day": 3}


@pytest.fixture
def city(app_on: Flask) -> Iterator[Flask]:
    """Three codes and two pieces of news an hour; four codes and three pieces of news a phone and day."""
    with app_on.app_context():
        with unit():
            for key, value in CEILINGS.items():
                db.session.add(
                    PolicyValue(
                        key=f"sms.{key}",
                        value=str(value),
                        unit="messages",
                        source="t",
                        in_force_from=date(2020, 1, 1),
                    )
                )
        yield app_on
        db.session.rollback()


def code(phone: int, now: datetime = NOW) -> str:
    try:
        with unit():
            send_sms(
                f"+86138001380{phone:02}", rules.CODE_TEMPLATE, CODE, f"{phone}-{now}", now, language=USUAL
            )
    except TooMany as error:
        return f"{error.code} {error.details['minutes']}"
    return "sent"


def news(phone: int, key: str, now: datetime = NOW) -> OutboxMessage:
    with unit():
        send_sms(f"+86138001380{phone:02}", NEWS, {"name": "x"}, key, now, language=USUAL)
    return db.session.scalars(sa.select(OutboxMessage).where(OutboxMessage.idempotency_key == key)).one()


def minute(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def test_codes_of_the_whole_city_stop_at_the_ceiling_and_go_on_when_the_hour_is_over(
    city: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    assert [code(1), code(2, minute(10)), code(3, minute(20))] == ["sent"] * 3
    assert code(4, minute(30)) == "sms_city_full 30"
    assert code(4, minute(59)) == "sms_city_full 1"
    assert code(4, minute(60)) == "sent"
    assert code(5, minute(60)) == "sms_city_full 10"
    assert "message held back" in caplog.text
    assert "138" not in caplog.text


def test_news_wait_their_turn_two_an_hour(city: Flask) -> None:
    due = [news(number, f"n{number}").send_after for number in range(5)]
    assert due == [NOW, NOW, minute(60), minute(60), minute(120)]
    assert queries.held(NOW) == 3
    db.session.rollback()
    assert [sender.sweep(minute(at)) for at in (0, 30, 60, 90, 120)] == [2, 0, 2, 0, 1]
    assert queries.left_since(minute(60), minute(120)) == 1


def test_neither_kind_silences_the_other(city: Flask) -> None:
    for number in range(3):
        code(number)
    assert news(9, "n").send_after == NOW
    for number in range(5):
        news(number + 10, f"more{number}")
    assert code(8, minute(60)) == "sent"


def test_one_phone_gets_only_so_many_codes_a_day(city: Flask) -> None:
    for hour in range(4):
        assert code(1, minute(60 * hour)) == "sent"
    assert code(1, minute(240)) == "sms_phone_full 1200"
    assert code(2, minute(240)) == "sent"
    told = news(1, "n", minute(240))
    assert told.given_up_at is None, "who asks for codes for a stranger's phone does not silence its news"
    db.session.rollback()
    assert sender.sweep(minute(240)) == 2, (
        "the other phone's code and the news; the old codes are no use any more"
    )
    assert code(1, NOW + timedelta(days=1)) == "sent"


def test_one_phone_gets_only_so_much_news_a_day_and_its_codes_still(city: Flask) -> None:
    for hour in range(3):
        assert news(1, f"n{hour}", minute(60 * hour)).given_up_at is None
    assert news(1, "too much", minute(180)).given_up_at == minute(180)
    assert news(2, "another phone", minute(180)).given_up_at is None
    assert code(1, minute(180)) == "sent"
    assert news(1, "next day", NOW + timedelta(days=1)).given_up_at is None


def test_without_the_policy_rows_people_can_still_sign_in(app: Flask) -> None:
    with app.app_context():
        assert code(1) == "sent"


def test_the_page_says_what_to_do_and_keeps_what_was_typed(city: Flask, client: FlaskClient) -> None:
    for number in range(3):
        code(number)
    db.session.rollback()
    with clock.use(NOW):
        form = client.get("/merchant/login/code").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert found
        answer = client.post(
            "/merchant/login/code", data={"phone": "13800138077", "csrf_token": found.group(1)}
        )
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    assert "验证码没有发出。请在 60 分钟后再试；设过密码的，可以直接用密码登录。" in answer.text
    assert 'value="13800138077"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(OneTimeCode.id))) == 0


def test_the_figures_are_in_the_metrics(city: Flask, client: FlaskClient) -> None:
    for number in range(3):
        code(number)
    for number in range(4):
        news(number + 20, f"n{number}")
    code(9)
    db.session.rollback()
    with clock.use(minute(1)):
        text = client.get("/metrics").text
    assert "ydym_sms_last_hour 5\n" in text
    assert "ydym_sms_held_now 2\n" in text
    assert re.search(r'ydym_sms_held_total\{ceiling="city",kind="code"\} [1-9]', text)
