"""A shop with an active code and two stickers, its merchant, officers, a browser for each; orders of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.factories.codes import Town
from tests.factories.merchants import NOW
from tests.factories.stickers import make_sticker
from tests.support.town import browser, town
from webapp.core.actor import Role
from webapp.core.db import db
from webapp.merchants.queries import get_shop
from webapp.printing import drawing, operations
from webapp.printing.models import PrintJob
from webapp.printing.queries import Reach
from webapp.printing.rules import Make, Wanted
from webapp.stickers.models import StickerPlace

__all__ = ["Order", "browser", "here", "order", "papers", "town"]

Order = Callable[..., PrintJob]
ANY, DOORS = Wanted(), Make()


@pytest.fixture
def here(app: Flask, town: Town) -> Iterator[Town]:
    """The town with a context pushed, for operations."""
    with app.app_context():
        yield town
        db.session.rollback()


@pytest.fixture
def papers(app: Flask, town: Town) -> list[str]:
    """The tokens of the town's door and till stickers, committed."""
    with app.app_context():
        shop = get_shop(town.shop)
        made = [make_sticker(shop, place).token for place in (StickerPlace.DOOR, StickerPlace.TILL)]
        db.session.commit()
    return made


@pytest.fixture
def order() -> Order:
    """``order(town, account_id, wanted=…, make=…)``: ordered and committed, for a merchant or by a post."""

    def place(
        town: Town, account: int, wanted: Wanted = ANY, make: Make = DOORS, key: str | None = None
    ) -> PrintJob:
        actor = town.actor(account)
        if actor.role is Role.MERCHANT:
            reach = Reach(operator_id=get_shop(town.shop).operator_id)
        else:
            reach = Reach(post=actor.posts[0])
        job = operations.order(wanted, make, reach, drawing.face_facts(), actor, NOW, key)
        db.session.commit()
        return job

    return place
