"""Fixtures of the accounts' tests."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.core import policy
from webapp.core.db import db
from webapp.notices.models import OutboxMessage

Post = Callable[..., TestResponse]
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _policies(request: pytest.FixtureRequest) -> None:
    """Sessions last as long as the policy says, so the policy table must be there."""
    if "app" in request.fixturenames:
        app: Flask = request.getfixturevalue("app")
        with app.app_context():
            policy.sync()
            db.session.commit()


@pytest.fixture
def post() -> Post:
    """``post(client, "/path", field="…")``: opens the page for its token, then sends the form as a browser does."""

    def send(client: FlaskClient, path: str, page: str | None = None, **data: str) -> TestResponse:
        found = _TOKEN.search(client.get(page or path).text)
        assert found, f"no form on {page or path}"
        return client.post(path, data={"csrf_token": found.group(1), **data})

    return send


@pytest.fixture
def last_code(app: Flask) -> Callable[[], str]:
    """The code in the newest SMS."""

    def read() -> str:
        with app.app_context():
            message = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
            assert message is not None
            found = re.search(r"\d{6}", message.text)
            assert found
            return found.group()

    return read
