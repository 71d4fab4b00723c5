"""Fixtures of the lists' pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import sign_in
from tests.factories.listings import People, make_people
from tests.factories.merchants import NOW
from webapp.core.actor import Actor
from webapp.core.transaction import unit
from webapp.stickers.keys import store

Browser = Callable[[Actor], FlaskClient]


@pytest.fixture
def city(app: Flask, freeze: Callable[[datetime], datetime]) -> People:
    """A shop and everybody around it; the clock stands at NOW."""
    freeze(NOW)
    with app.app_context(), unit():
        store().ensure(NOW)
        people = make_people()
        _ = (people.shop.id, people.shop.full_name)
    return people


@pytest.fixture
def browser(app: Flask) -> Browser:
    """``browser(people.bureau)``: a browser signed in as that officer."""

    def open_as(actor: Actor) -> FlaskClient:
        client = app.test_client()
        assert actor.account_id is not None
        sign_in(client, actor.account_id)
        return client

    return open_as
