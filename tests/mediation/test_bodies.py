"""Whom a body serves, the history of its corrections, and what the shops' pages are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import complaints as make
from tests.factories import mediation as mediations
from tests.factories.merchants import NOW, make_shop
from tests.factories.regions import make_street
from webapp.audit import queries as audit
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.feed.models import Change
from webapp.mediation import bodies, serving
from webapp.mediation.areas import Names
from webapp.mediation.bodies import BodyFacts
from webapp.mediation.rules import Area, MediatorKind
from webapp.merchants.models import Mall, MallTenant, Shop
from webapp.regions.models import Region

FACTS = BodyFacts(
    "station", "裕华路消费维权服务站", "130606", "裕华路12号", 38.87, 115.49, "0312-2012315", "赵站长"
)


def make_regions() -> None:
    """Two counties of the city; one of them with two streets."""
    make_street()
    db.session.add(Region(code="130602", parent="1306", level="county", name="竞秀区"))
    db.session.add(Region(code="130606001", parent="130606", level="street", name="先锋街道"))
    db.session.flush()


@pytest.fixture
def city(app_on: Flask) -> Iterator[Actor]:
    """The city's bureau, in a transaction that is rolled back."""
    with app_on.app_context():
        make_regions()
        yield make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
        db.session.rollback()


def a_mall(name: str = "万博广场", region: str = "130606") -> Mall:
    mall = Mall(name=name, region_code=region, opened_by_id=1, opened_at=NOW)
    db.session.add(mall)
    db.session.flush()
    return mall


def area(*regions: str, malls: tuple[int, ...] = ()) -> Area:
    return Area(frozenset(regions), frozenset(malls))


def test_an_area_is_read_and_written_by_names(city: Actor) -> None:
    mall = a_mall()
    a_mall("老广场"), a_mall("老广场", "130602")
    names = Names()
    streets = [code for code in names.regions if len(code) == 9 and code.startswith("130606")]
    street = names.regions[streets[0]]
    for typed, meant in (
        ("", area()),
        ("莲池区", area("130606")),
        ("130602；莲池区", area("130602", "130606")),
        ("全市", area("1306")),
        (f"{street}，万博广场", area(streets[0], malls=(mall.id,))),
        (f"莲池区{street}", area(streets[0])),
    ):
        assert names.read(typed, "130606") == meant
        assert names.read(names.text(meant), "130602") == meant
    for typed, code in (
        ("火星", "area_unknown"),
        ("老广场", "area_ambiguous"),
        ("、".join(["莲池区"] * 61), "area_too_many"),
    ):
        with pytest.raises(Invalid, match=code):
            names.read(typed, "130608")
    assert names.read("老广场", "130602") == names.read("竞秀区老广场", "130606")


def test_without_an_area_it_serves_its_county(city: Actor) -> None:
    body = bodies.add(replace(FACTS, region_code="130606001"[:6]), city, NOW)
    assert body.area == area("130606")


def test_every_field_that_was_corrected_is_in_the_history_with_both_values(city: Actor) -> None:
    body = bodies.add(FACTS, city, NOW)
    changed = replace(
        FACTS,
        kind="odr",
        name="裕华路在线调解",
        region_code="130602",
        address="",
        latitude=None,
        longitude=None,
        phone="0312-5900000",
        contact="钱站长",
        opening_hours={"1": [["09:00", "17:00"]]},
        area=area("130602", "130606"),
    )
    bodies.edit(body.id, changed, city, NOW, body.version)
    (edit, added) = audit.history(bodies.SUBJECT, body.id)
    assert set(edit.old or {}) == set(edit.new or {}) == set(bodies.FIELDS)
    assert (edit.old or {})["phone"] == "0312-2012315"
    assert (edit.new or {})["phone"] == "0312-5900000"
    assert (edit.new or {})["area"] == "竞秀区、莲池区"
    assert (edit.new or {})["opening_hours"] == "周一 09:00-17:00；周二至周日 休息"
    assert (added.new or {})["name"] == FACTS.name
    version = body.version
    bodies.edit(body.id, changed, city, NOW, version)
    assert len(audit.history(bodies.SUBJECT, body.id)) == 2, "the same once more is no correction"
    bodies.edit(body.id, replace(changed, area=area("130602")), city, NOW, version)
    assert list(audit.history(bodies.SUBJECT, body.id)[0].new or {}) == ["area"]
    with pytest.raises(Conflict, match="changed_meanwhile"):
        bodies.edit(body.id, FACTS, city, NOW, version)


def test_nobody_gives_a_body_what_lies_outside_of_the_own_reach(city: Actor) -> None:
    county = make.make_officer(Role.BUREAU_OFFICER, "130606", "区里").actor()
    mall = a_mall(region="130602")
    for wide in (area("1306"), area("130606", "130602"), area("130606", malls=(mall.id,))):
        with pytest.raises(Invalid, match="area_out_of_reach"):
            bodies.add(replace(FACTS, area=wide), county, NOW)
    body = bodies.add(replace(FACTS, area=area("130606", "130602")), city, NOW)
    kept = replace(FACTS, phone="0312-5900000", area=body.area)
    bodies.edit(body.id, kept, county, NOW)  # what somebody else gave it stays
    with pytest.raises(Invalid, match="area_out_of_reach"):
        bodies.edit(body.id, replace(kept, area=area("130606")), county, NOW)


def a_shop(region: str = "130606", at: tuple[float, float] | None = (38.87, 115.49)) -> Shop:
    shop = make_shop()
    shop.region_code, (shop.latitude, shop.longitude) = region, at or (None, None)
    db.session.flush()
    return shop


def serving_name(shop: Shop, kind: MediatorKind = MediatorKind.STATION) -> str:
    found = serving.of_shop(shop.id, kind)
    return "" if found is None else found.name


def test_the_nearest_body_whose_area_covers_the_shop_serves_it(city: Actor) -> None:
    shop = a_shop()
    street = next(code for code in Names().regions if code.startswith("130606") and len(code) == 9)
    assert serving_name(shop) == ""
    mediations.make_body("别区的", "130602", latitude=38.87, longitude=115.49)
    mediations.make_body("人民调解", kind=MediatorKind.PEOPLE, latitude=38.87, longitude=115.49)
    assert serving_name(shop) == ""
    placeless = mediations.make_body("没有位置的")
    assert serving_name(shop) == "没有位置的"
    mediations.make_body("全市的远站", "130602", area=area("1306"), latitude=38.95, longitude=115.49)
    assert serving_name(shop) == "全市的远站", "who has a position comes first"
    # 0.05 degrees of longitude are nearer here than 0.045 of latitude
    mediations.make_body("北边的", latitude=38.915, longitude=115.49)
    assert serving_name(shop) == "北边的"
    mediations.make_body("东边的", latitude=38.87, longitude=115.54)
    assert serving_name(shop) == "东边的"
    mediations.make_body("别的街道的", area=area(street), latitude=38.87, longitude=115.49)
    assert serving_name(shop) == "东边的"
    shop.region_code = street
    db.session.flush()
    assert serving_name(shop) == "别的街道的"
    placeless.latitude = placeless.longitude = None
    lost = a_shop(street, None)
    assert serving_name(lost) == "别的街道的", "without a place the narrower area wins"
    mall = a_mall()
    mediations.make_body("商场的", area=area(malls=(mall.id,)), latitude=38.8701, longitude=115.49)
    assert serving_name(lost) == "别的街道的"
    db.session.add(MallTenant(shop_id=lost.id, mall_id=mall.id, since=NOW, by_id=1))
    db.session.flush()
    assert serving_name(lost) == "商场的"
    assert serving_name(lost, MediatorKind.ODR) == ""
    assert {
        one: found.name for one, found in serving.for_receipts([shop.id, lost.id, 4_000_000]).items()
    } == {
        shop.id: "别的街道的",
        lost.id: "商场的",
    }
    assert serving.for_receipts([]) == {}


def told() -> list[int | None]:
    db.session.flush()
    db.session.commit()
    rows = db.session.scalars(
        sa.select(Change).where(Change.kind == "mediation_body.changed").order_by(Change.seq)
    ).all()
    found = [row.shop_id for row in rows]
    db.session.execute(sa.delete(Change).where(Change.kind == "mediation_body.changed"))
    db.session.commit()
    return found


def test_the_shops_that_it_serves_or_served_are_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch, freeze: Callable[..., Any]
) -> None:
    with app.app_context():
        make_regions()
        city = make.make_officer(Role.BUREAU_OFFICER, "1306").actor()
        here, there = a_shop(), a_shop("130602")
        ids = [here.id, there.id]
        body = bodies.add(FACTS, city, NOW)
        assert told() == [ids[0]]
        bodies.edit(body.id, replace(FACTS, area=area("130602")), city, NOW)
        assert set(told()) == set(ids), "those that it served, and those that it serves"
        bodies.edit(body.id, replace(FACTS, area=area("130602")), city, NOW)
        assert told() == [], "nothing was different"
        bodies.close(body.id, city, NOW)
        assert told() == [ids[1]]
        bodies.close(body.id, city, NOW)
        assert told() == []
        bodies.reopen(body.id, city, NOW)
        bodies.reopen(body.id, city, NOW)
        assert told() == [ids[1]]
        monkeypatch.setattr(bodies, "SHOWN_ONE_BY_ONE", 1)
        bodies.edit(body.id, replace(FACTS, area=area("1306")), city, NOW)
        assert told() == [None], "many: all pages at once"
        bodies.add(replace(FACTS, kind="people", name="人民调解委员会"), city, NOW)
        assert told() == [], "shops' pages name no people's mediation"
