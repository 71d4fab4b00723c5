"""What strangers send on purpose: addresses that lead away, numbers and bytes that no database holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.core import clock
from webapp.core.db import UtcDateTime, db
from webapp.core.errors import NotFound
from webapp.merchants.queries import get_shop
from webapp.web import throttle


@pytest.mark.parametrize(
    "target",
    [
        "/%09/elsewhere.example",
        "/%0A/elsewhere.example",
        "/%0D%0AX-Mark:%201",
        "//elsewhere.example",
        "/%5Celsewhere.example",
        "https://elsewhere.example/",
        "/a//elsewhere.example",
        "/%00",
    ],
)
def test_the_switch_of_views_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    answer = client.get(f"/view?view=elder&next={target}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "X-Mark" not in answer.headers


def test_the_switch_of_views_goes_back(client: FlaskClient) -> None:
    assert client.get("/view?next=/shops?q=a//b").headers["Location"] == "/shops?q=a//b"


@pytest.mark.parametrize("number", [0, -1, 2**32, 10**30])
def test_a_number_that_no_shop_can_have(context: Flask, number: int) -> None:
    with pytest.raises(NotFound):
        get_shop(number)


@pytest.mark.parametrize("path", ["/files/%00", "/media/%00", "/complaints/photos/%00", "/shops?q=%00"])
def test_a_nul_is_the_senders_fault(app_on: Flask, path: str) -> None:
    assert app_on.test_client().get(path).status_code in {200, 400, 404}


def test_the_first_and_the_last_day_of_the_calendar() -> None:
    assert clock.end_of_day(date.max) == datetime.max.replace(tzinfo=UTC)
    midnight = datetime.combine(date.min, datetime.min.time(), clock.SHANGHAI)
    dialect = type("Sqlite", (), {"name": "sqlite"})()
    assert UtcDateTime().process_bind_param(midnight, dialect) == datetime(1, 1, 1)  # noqa: DTZ001 - SQLite keeps instants naive


def test_a_failed_statement_does_not_tell_what_was_typed(app: Flask) -> None:
    with app.app_context():
        assert db.engine.hide_parameters


def test_a_household_is_not_what_stands_before_the_third_colon(app: Flask) -> None:
    def visitor(address: str) -> str:
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return throttle.visitor()

    assert visitor("2001:db8::1:2:3:4") == visitor("2001:db8::9:8:7:6")
    assert visitor("2001:db8::1") != visitor("2001:db9::1")
    assert visitor("::ffff:203.0.113.7") == visitor("203.0.113.7") != visitor("::ffff:203.0.113.8")


@pytest.mark.parametrize("body", ["1", '"a"', "null", "[" * 100_000])
def test_a_body_that_is_no_form_is_an_empty_form(client: FlaskClient, body: str) -> None:
    answer = client.post("/complaints", data=body, content_type="application/json")
    assert answer.status_code == client.post("/complaints").status_code == 422
