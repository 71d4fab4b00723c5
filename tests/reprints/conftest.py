"""A vouched shop with two papers on its walls, its merchant and officers; the clock stands at NOW."""

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
from webapp.merchants.queries import get_shop
from webapp.stickers.models import StickerPlace

__all__ = ["browser", "here", "papers", "town"]


@pytest.fixture
def papers(app: Flask, town: Town, freeze: Callable[[datetime], datetime]) -> Town:
    """The town with a door and a till sticker, committed; no context is pushed afterwards."""
    freeze(NOW)
    with app.app_context():
        for place in (StickerPlace.DOOR, StickerPlace.TILL):
            make_sticker(get_shop(town.shop), place)
        db.session.commit()
    return town


@pytest.fixture
def here(app: Flask, papers: Town) -> Iterator[Town]:
    """The same with a context pushed, for operations."""
    with app.app_context():
        yield papers
        db.session.rollback()
