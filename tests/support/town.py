"""Fixtures: a shop with an active code, its merchant, officers of two levels, and a browser for each.

A feature's conftest takes what it needs: ``from tests.support.town import browser, here, town``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import accounts
from tests.factories.codes import Town, build
from webapp.core.db import db


@pytest.fixture
def town(app: Flask) -> Town:
    """The town, committed; no context is pushed afterwards."""
    with app.app_context():
        made = build()
        db.session.commit()
    return made


@pytest.fixture
def here(app: Flask) -> Iterator[Town]:
    """The town with a context pushed, for operations."""
    with app.app_context():
        made = build()
        db.session.commit()
        yield made
        db.session.rollback()


@pytest.fixture
def browser(app: Flask) -> Callable[[int], FlaskClient]:
    """``browser(account_id)``: a signed-in browser."""

    def open_for(account_id: int) -> FlaskClient:
        client = app.test_client()
        accounts.sign_in(client, account_id)
        return client

    return open_for
