"""Fixtures: one shop with its merchant and officers; visitors who say by a header who they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask, g, request

from tests.factories import complaints as make
from tests.factories.merchants import NOW
from webapp.core.actor import CONSUMER, Actor, Role
from webapp.core.db import db

HEADER = "X-Test-Actor"


@dataclass
class Street:
    """A shop and the people around it. `sign_in` names are keys of `actors`."""

    shop_id: int
    actors: dict[str, Actor]


@pytest.fixture
def street(app: Flask, freeze: Callable[..., object]) -> Street:
    """The shop of "merchant" in the reach of "station" and "bureau", not of "elsewhere", "admin" and "other"."""
    freeze(NOW)
    actors: dict[str, Actor] = {}

    @app.before_request
    def sign_in() -> None:
        g.actor = actors[request.headers[HEADER]] if HEADER in request.headers else CONSUMER

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    with app.app_context():
        shop = make.make_shop_with_policy()
        other = make.make_shop_with_policy("别家")
        actors["merchant"] = make.make_merchant(shop).actor()
        actors["other"] = make.make_merchant(other, "别人").actor()
        for name, role, region in (
            ("station", Role.STATION_OFFICER, "130606"),
            ("bureau", Role.BUREAU_OFFICER, "1306"),
            ("elsewhere", Role.STATION_OFFICER, "130602"),
            ("department", Role.DEPARTMENT_OFFICER, "130606"),
            ("admin", Role.ADMINISTRATOR, "1306"),
        ):
            actors[name] = make.make_officer(role, region, name).actor()
        db.session.commit()
        return Street(shop.id, actors)
