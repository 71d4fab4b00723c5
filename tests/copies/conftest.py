"""A shop with an active code and a door sticker, its merchant, officers; the clock stands at NOW."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support.town import browser, town
from webapp.core.db import db
from webapp.merchants.models import Shop
from webapp.merchants.queries import get_shop
from webapp.stickers.models import Sticker
from webapp.stickers.queries import get

__all__ = ["browser", "here", "paper", "shop", "sticker", "town"]


@pytest.fixture
def paper(app: Flask, town: Town, freeze: Callable[[datetime], datetime]) -> str:
    """The token of the shop's door sticker, committed; no context is pushed afterwards."""
    freeze(NOW)
    with app.app_context():
        token = make_sticker(get_shop(town.shop)).token
        db.session.commit()
    return token


@pytest.fixture
def here(app: Flask, town: Town, paper: str) -> Iterator[Town]:
    """The town with a context pushed, for operations."""
    with app.app_context():
        yield town
        db.session.rollback()


@pytest.fixture
def sticker(here: Town) -> Sticker:
    """The door sticker, in the pushed context."""
    return get(here.shop, 1)


@pytest.fixture
def shop(here: Town) -> Shop:
    """The shop, in the pushed context."""
    return get_shop(here.shop)
