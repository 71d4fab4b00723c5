"""Security headers on every answer: pages, errors, redirects, files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.web.headers import COMMON, CSP


@pytest.mark.parametrize(
    "path",
    ["/merchant/login", "/office/login", "/merchant/me", "/nothing", "/robots.txt", "/static/css/base.css"],
)
def test_every_answer_has_them(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    for name, value in COMMON.items():
        assert answer.headers[name] == value
    assert "Strict-Transport-Security" not in answer.headers
    answer.close()


def test_the_policy_is_closed_and_without_unsafe_words() -> None:
    rules = dict(part.strip().split(" ", 1) for part in CSP.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["base-uri"] == "'none'"
    assert "unsafe" not in CSP
    assert "http" not in CSP
    assert "*" not in CSP


def test_over_https_browsers_are_told_to_stay_there(make_app: Callable[..., Flask]) -> None:
    answer = make_app(public_scheme="https").test_client().get("/robots.txt", base_url="https://codes.test")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"


def test_signed_in_pages_are_not_stored_and_hashed_files_are_kept(client: FlaskClient) -> None:
    assert client.get("/merchant/login").headers["Cache-Control"] == "no-store"
    kept = client.get("/static/css/base.css?v=1")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    kept.close()
