"""A newcomer finds operators to apply with, whatever the seed and size of the city."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

from flask import Flask
from PIL import Image

from webapp.core import clock
from webapp.core.db import db
from webapp.core.identifiers import check_uscc
from webapp.core.transaction import unit
from webapp.demo import newcomers
from webapp.merchants.models import Operator

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)


def test_one_shop_of_each_category_in_the_first_officers_district() -> None:
    shops = newcomers.newcomers(TODAY)
    assert [shop.category for shop in shops] == ["eat", "shop", "play"]
    assert all(shop.region_code.startswith("130602") for shop in shops)
    assert all(shop.operator.status == "active" for shop in shops)
    assert all(check_uscc(shop.operator.uscc).ok for shop in shops)


def test_no_paper_runs_out_while_somebody_tries() -> None:
    for day in (TODAY, date(2027, 6, 1), date(2030, 2, 28)):
        papers = [paper for shop in newcomers.newcomers(day) for paper in shop.licences]
        assert papers
        assert all(paper.valid_until is None or paper.valid_until > day for paper in papers)


def test_offered_until_claimed(context: Flask) -> None:
    with clock.use(NOW):
        assert newcomers.unclaimed() == []
        with unit():
            newcomers.write(NOW)
        offered = newcomers.unclaimed()
        assert offered == list(newcomers.newcomers(TODAY))
        facts = newcomers.record(offered[0].operator, NOW)
        row = {
            key: facts[key] for key in ("uscc", "name", "kind", "legal_representative", "registered_address")
        }
        with unit():
            db.session.add(Operator(**row, authority=facts["authority"], created_at=NOW))
        assert newcomers.unclaimed() == offered[1:]


def test_pictures_of_the_front_and_of_every_paper() -> None:
    shop = newcomers.newcomers(TODAY)[0]
    for kind in ("front", *(paper.kind for paper in shop.licences)):
        data = newcomers.picture(shop, kind)
        assert data is not None
        with Image.open(BytesIO(data)) as image:
            assert image.format == "WEBP"
    assert newcomers.picture(shop, "tobacco") is None
