"""A vouched shop, its owner, and officers of its station, of the bureau and of another district."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import codes, files, regions
from tests.factories.codes import Town
from webapp.core import policy
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.files.operations import attach
from webapp.merchants.models import Shop, ShopPhoto

#: A street of another district of the same city.
AWAY = "130602001"


def build() -> Town:
    """The town, with a photo of its shop, a second industry and another district to move to."""
    town = codes.build()
    policy.sync()
    shop = db.session.get_one(Shop, town.shop)
    photo = files.make_file(data=files.picture(colour="#204060"))
    attach([photo.id], "operator", shop.operator_id)
    shop.photos.append(ShopPhoto(file_id=photo.id, position=0))
    regions.make_street(AWAY, "竞秀区市场监管所")
    regions.make_street("130606001", "莲池区另一所")
    regions.make_industry("6110", "stay", "market_supervision")
    db.session.flush()
    return town


@pytest.fixture
def town(context: Flask) -> Town:
    """For tests of operations: the context stays pushed, nothing is committed."""
    return build()


@pytest.fixture
def site(app: Flask) -> Town:
    """For tests of views: the rows are committed, no context is pushed (visitors would share it)."""
    with app.app_context(), unit():
        return build()
