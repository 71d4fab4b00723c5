"""Look-ups that must not walk through whole tables."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import Flask

from tests.factories.codes import Town
from tests.factories.merchants import make_shop
from tests.factories.regions import make_street
from webapp.copies import queries
from webapp.copies.geography import cell_of
from webapp.core.db import db


def test_replaced_stickers_are_found_by_their_index(context: Flask) -> None:
    statement = queries.select_replaced_and_scanned(date(2026, 5, 1), 3)
    text = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = str(db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all())
    assert "ix_sticker_replaced" in plan
    assert "SCAN scan_day" not in plan


def test_shops_in_a_cell_within_reach(here: Town) -> None:
    posts = here.actor(here.station).posts
    near = make_shop(name="隔壁面馆", latitude=38.8622, longitude=115.4940)
    make_shop(name="另一处", latitude=38.9, longitude=115.4940)
    make_street("130602001", "竞秀区市场监管所")
    make_shop(name="别的县", latitude=38.8630, longitude=115.4940, region_code="130602001")
    shop = queries.position_of(near)
    assert shop is not None
    cell = cell_of(shop, 25)
    assert [one.name for one in queries.shops_in([cell], posts, 5, other_than=here.shop)[cell]] == [
        "隔壁面馆"
    ]
    assert queries.shops_in([cell], posts, 5, other_than=near.id)[cell][0].id == here.shop
    assert queries.shops_in([cell], (), 5, other_than=here.shop)[cell] == []
