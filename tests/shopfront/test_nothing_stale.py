"""However changes, looks and writings are mixed among workers: no page outlives a change that was told."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.shopfront import NOW, Vouched, make_vouched
from webapp import feed
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.merchants.models import Shop

STEPS = st.lists(
    st.sampled_from(
        ["change", "change other", "change all", "poll 0", "poll 1", "look 0", "look 1", "write 0", "write 1"]
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.use(NOW):
        yield


@pytest.fixture
def workers(make_app: Callable[..., Flask]) -> list[Flask]:
    return [make_app(), make_app()]


@pytest.fixture
def shop(workers: list[Flask]) -> Vouched:
    with workers[0].app_context():
        return make_vouched()


def rename(app: Flask, shop_id: int, name: str, about: int | None) -> None:
    with app.app_context(), unit():
        db.session.get_one(Shop, shop_id).name = name
        feed.publish("test", now=NOW, shop_id=about)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_no_page_outlives_a_change(workers: list[Flask], shop: Vouched, steps: list[str]) -> None:
    clients = [app.test_client() for app in workers]
    number = 0
    for app in workers:
        app.extensions["ydym.tail"].poll()
    rename(workers[0], shop.shop_id, "0号店", shop.shop_id)
    for step in steps:
        what, _, which = step.partition(" ")
        if what == "change" and which != "other":
            number += 1
            rename(workers[0], shop.shop_id, f"{number}号店", None if which == "all" else shop.shop_id)
        elif what == "change":
            with workers[0].app_context(), unit():
                feed.publish("test", now=NOW, shop_id=shop.shop_id + 1)
        elif what == "poll":
            workers[int(which)].extensions["ydym.tail"].poll()
        elif what == "write":
            workers[int(which)].extensions["ydym.background"].flush()
        else:
            worker = int(which)
            # Within the second that a change may take: the worker polls, as its thread does five times a second.
            workers[worker].extensions["ydym.tail"].poll()
            for path in (shop.scan, shop.plain):
                assert f">{number}号店<" in clients[worker].get(path).text


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.one_of(
        st.text(max_size=200),
        st.text(string.ascii_uppercase + "234567", min_size=114, max_size=114),
        st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")),
    )
)
def test_any_bytes_after_c_are_refused_without_error_or_query(workers: list[Flask], token: str) -> None:
    """Given to the WSGI application as a server would: latin-1 text of the raw bytes."""
    app = workers[0]
    got: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/c/" + token.encode("utf-8", "surrogatepass").decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "codes.test",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "codes.test",
        "wsgi.input": None,
        "wsgi.errors": None,
    }
    chunks = app.wsgi_app(environ, lambda status, _headers, _exc_info=None: got.append(status))
    body = b"".join(chunks)
    getattr(chunks, "close", lambda: None)()
    assert got[0][:3] in {"404", "400", "308"}
    assert body or got[0][:3] == "308"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.integers(0, 113), letter=st.sampled_from(string.ascii_uppercase + "234567"))
def test_no_other_spelling_opens_a_shop(workers: list[Flask], shop: Vouched, place: int, letter: str) -> None:
    token = shop.tokens[1]
    other = token[:place] + letter + token[place + 1 :]
    answer = workers[0].test_client().get(f"/c/{other}")
    assert answer.status_code == (200 if other == token else 404)
