"""Rate limits: by visitor, without keeping addresses, and still there when Redis is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.services import free_port
from webapp.web import throttle
from webapp.web.throttle import limiter


def statuses(app: Flask, count: int, **environ: str) -> list[int]:
    client = app.test_client()
    return [client.get("/office/sso", environ_overrides=environ).status_code for _ in range(count)]


def visitor(app: Flask, address: str) -> str:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        return throttle.visitor()


def test_a_visitor_is_a_hash_and_an_ipv6_household_is_one(app: Flask) -> None:
    one = visitor(app, "203.0.113.7")
    assert "203" not in one
    assert len(one) == 24
    assert one != visitor(app, "203.0.113.8")
    assert visitor(app, "2001:db8:1:2::1") == visitor(app, "2001:db8:1:2:ffff::9")
    assert visitor(app, "2001:db8:1:2::1") != visitor(app, "2001:db8:1:3::1")


@pytest.mark.parametrize("redis", ["none", "up", "down"])
def test_one_visitor_is_limited_and_others_are_not(
    make_app: Callable[..., Flask], redis: str, redis_url: str
) -> None:
    url = {"none": "", "up": redis_url, "down": f"redis://127.0.0.1:{free_port()}/0"}[redis]
    app = make_app(rate_limits=True, redis_url=url)
    with app.app_context():
        limiter.reset() if redis != "down" else None
    assert statuses(app, 31, REMOTE_ADDR="203.0.113.7") == [303] * 30 + [429]
    assert statuses(app, 1, REMOTE_ADDR="203.0.113.8") == [303]


def test_too_many_is_a_page_that_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(rate_limits=True)
    statuses(app, 30, REMOTE_ADDR="198.51.100.1")
    answer = app.test_client().get("/office/sso", environ_overrides={"REMOTE_ADDR": "198.51.100.1"})
    assert answer.status_code == 429
    assert "操作有点快" in answer.text
