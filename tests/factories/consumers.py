"""Consumers who signed in, made by the real operations."""

from __future__ import annotations

import itertools

from flask.testing import FlaskClient

from webapp.consumers import operations, queries
from webapp.consumers.models import Consumer
from webapp.consumers.rules import Way
from webapp.core import clock

APP = "wxydymdemo00000001"
_phones = itertools.count(13_700_000_000)


def make_consumer(phone: str | None = "", wechat: str | None = None) -> Consumer:
    """A consumer with a phone of its own; with `phone` None by WeChat alone."""
    now = clock.now()
    if phone is not None:
        phone = phone or f"+86{next(_phones)}"
        consumer, _new = operations.enter(Way.PHONE, queries.phone_key(phone), phone, now)
        if wechat:
            operations.link(consumer, Way.WECHAT, queries.wechat_key(APP, wechat), None, now)
        return consumer
    return operations.enter(Way.WECHAT, queries.wechat_key(APP, wechat or "oSomebody"), None, now)[0]


def sign_in_consumer(client: FlaskClient, consumer: Consumer | None = None) -> None:
    """Give the browser a consumer's session. Call it in an application context; it commits."""
    from webapp.core.db import db

    token = operations.begin(consumer or make_consumer(), "chrome android", clock.now())
    db.session.commit()
    client.set_cookie("ydym-me", token, path="/me")
