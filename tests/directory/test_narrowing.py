"""The filters that the list, the map and what lies near share; what is open; distances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.commitments import make_commitment, make_template
from tests.factories.merchants import NOW, make_account
from tests.factories.regions import make_street
from tests.factories.shopfront import make_vouched
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.directory import nearby, queries
from webapp.directory.rules import read_query
from webapp.directory.wanted import Wanted
from webapp.merchants import opening_weeks
from webapp.merchants.models import Mall, MallTenant, Shop, ShopFigures
from webapp.merchants.rules import is_open
from webapp.ratings.models import RatingScore, RatingSnapshot

VIEW = "zoom=9&box=38,115,39.5,116.5"
#: China is eight hours ahead: a Friday, 23:30; Saturday 01:59 and 02:00; Saturday 13:00, within the noon break.
FRIDAY_NIGHT = datetime(2026, 5, 8, 15, 30, tzinfo=UTC)
LATE, TOO_LATE = datetime(2026, 5, 8, 17, 59, tzinfo=UTC), datetime(2026, 5, 8, 18, 0, tzinfo=UTC)
NOON = datetime(2026, 5, 9, 5, 0, tzinfo=UTC)
WEEKS: dict[str, dict[str, list[list[str]]]] = {
    "夜市": {str(day): [["17:00", "02:00"]] for day in range(1, 6)},
    "诊所": {str(day): [["08:00", "12:00"], ["14:00", "18:00"]] for day in range(1, 8)},
    "便利店": {str(day): [["00:00", "23:59"]] for day in range(1, 8)},
    "不说时间": {},
}


def put(name: str, **more: Any) -> Shop:
    shop_id = make_vouched(1, name, **more).shop_id
    return db.session.get_one(Shop, shop_id)


def names(text: str = "", **more: Any) -> set[str]:
    listed = queries.listed(Wanted(read_query(text), **more), 1, 50)
    assert listed.page.total == len(listed.page.items)
    return {shop.name for shop in listed.page.items}


@pytest.mark.each_database
def test_open_now_is_what_the_rule_says(
    context: Flask, each_database: str, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    for name, hours in WEEKS.items():
        put(f"{name}东店", opening_hours=hours)
    for moment, expected in (
        (FRIDAY_NIGHT, {"夜市东店", "便利店东店"}),
        (LATE, {"夜市东店", "便利店东店"}),
        (TOO_LATE, {"便利店东店"}),
        (NOON, {"便利店东店"}),
    ):
        freeze(moment)
        assert names(open_now=True) == names("东店", open_now=True) == expected, moment
        assert {f"{name}东店" for name, hours in WEEKS.items() if is_open(hours, moment)} == expected
    assert names("夜市", open_now=True) == set()


@pytest.mark.each_database
def test_street_mall_promise_and_hearts(
    context: Flask, each_database: str, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(NOW)
    with unit():
        make_street("130606002", "莲池区东关市场监管所")
    plain, other = put("小张面馆"), put("小李面馆", region_code="130606002")
    with unit():
        mall = Mall(name="裕华商场", region_code="130606", opened_by_id=1, opened_at=NOW)
        db.session.add(mall)
        db.session.flush()
        db.session.add(MallTenant(shop_id=plain.id, mall_id=mall.id, since=NOW, by_id=1))
        make_commitment(plain, make_template("answer_24h"), make_account())
        for shop, hearts in ((plain, 4), (other, 3)):
            figures = db.session.get(ShopFigures, shop.id) or ShopFigures(shop_id=shop.id)
            db.session.add(figures)
            figures.ratings = 2
            for heart in ("environment", "quality", "price", "service", "redress"):
                setattr(figures, f"hearts_{heart}", 2 * hearts)
        mall_id = mall.id
    for text in ("", "面馆"):
        assert names(text, street="130606002", district="130606") == {"小李面馆"}
        assert names(text, mall=mall_id) == {"小张面馆"}
        assert names(text, promise="answer_24h") == {"小张面馆"}
        assert names(text, hearts=4) == {"小张面馆"}
        assert names(text, hearts=3) == {"小张面馆", "小李面馆"}
        assert names(text, returns=True) == set()
    with unit():
        db.session.get_one(Mall, mall_id).closed_at = NOW
    assert names(mall=mall_id) == set()


def test_the_list_and_the_map_say_the_same(
    app: Flask, client: FlaskClient, freeze: Callable[[datetime], datetime]
) -> None:
    freeze(FRIDAY_NIGHT)
    with app.app_context():
        with unit():
            make_street()
        put("夜市摊", opening_hours=WEEKS["夜市"], latitude=38.87, longitude=115.46)
        put("白天诊所", opening_hours=WEEKS["诊所"], latitude=38.88, longitude=115.47)
    page = client.get("/shops?open=1&district=130606").text
    assert "夜市摊" in page
    assert "白天诊所" not in page
    assert "营业中" in page
    assert "法定节假日以店家告示为准" in page
    assert 'href="/shops/map?district=130606&amp;open=1"' in page
    assert 'name="street"' in page
    shown = client.get(f"/shops/map/cells?open=1&{VIEW}").get_json()
    assert [one["name"] for one in shown["shops"]] == ["夜市摊"]
    other = client.get("/shops/map?open=1&district=130606").text
    assert 'href="/shops?district=130606&amp;open=1"' in other
    assert "休息中" in client.get("/shops").text
    nonsense = client.get("/shops?street=999999999&mall=x&promise=nothing&hearts=77&open=yes").text
    assert "白天诊所" in nonsense


@pytest.mark.each_database
def test_near_is_by_distance(context: Flask, each_database: str) -> None:
    put("远店", latitude=38.90, longitude=115.46)
    put("近店", latitude=38.872, longitude=115.46)
    put("别城的店", latitude=36.0, longitude=115.46)
    put("没有位置", latitude=None, longitude=None)
    found = nearby.near(Wanted(read_query("")), (38.87, 115.46))
    assert [(shop.name, metres) for shop, metres in found.shops] == [("近店", 200), ("远店", 3300)]
    assert [shop.name for shop, _ in nearby.near(Wanted(read_query("远店")), (38.87, 115.46)).shops] == [
        "远店"
    ]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        (("38.87654", "115.46543"), (38.877, 115.465)),
        (("", ""), None),
        (("nan", "1"), None),
        (("inf", "1"), None),
        (("86", "1"), None),
        (("1", "181"), None),
    ],
)
def test_a_place_is_read_coarsely(typed: tuple[str, str], place: tuple[float, float] | None) -> None:
    assert nearby.read_place(*typed) == place


@pytest.mark.parametrize(
    ("distance", "said"), [(3, 100), (149, 100), (151, 200), (9_940, 9_900), (12_400, 12_000)]
)
def test_distances_are_said_roughly(distance: float, said: int) -> None:
    assert nearby.rounded(distance) == said


def test_a_degree_of_latitude() -> None:
    assert nearby.metres((38.0, 115.0), (39.0, 115.0)) == pytest.approx(111_195, abs=5)


def test_the_place_stands_in_no_address_and_no_log(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        put("近店", latitude=38.872, longitude=115.461)
    posted = {"latitude": "38.871", "longitude": "115.462", "trusted": "1"}
    with caplog.at_level("DEBUG"):
        answer = client.post("/shops/near", data=posted, headers={"Sec-Fetch-Site": "same-origin"})
    assert "近店" in answer.text
    assert "约 100 米" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "38.871" not in answer.text + caplog.text
    assert "Location" not in answer.headers
    assert 'href="/shops?trusted=1&amp;open=1"' in answer.text
    again = client.get("/shops/near?trusted=1")
    assert (again.status_code, again.headers["Location"]) == (302, "/shops?trusted=1")
    for nowhere in ({"latitude": "x", "longitude": "y"}, {"latitude": "10", "longitude": "10"}):
        empty = client.post("/shops/near", data=nowhere, headers={"Sec-Fetch-Site": "same-origin"})
        assert empty.status_code == 200
        assert "选区县和街道" in empty.text
    foreign = client.post("/shops/near", data=posted, headers={"Sec-Fetch-Site": "cross-site"})
    assert "近店" not in foreign.text


@pytest.mark.each_database
def test_a_week_of_hours_is_kept_with_the_shop(context: Flask, each_database: str) -> None:
    first, second = put("早店", opening_hours={"1": [["08:00", "12:00"]]}), put("晚店", opening_hours={})
    assert set(opening_weeks.known()) == {'{"1": [["08:00", "12:00"]]}', "{}"}
    with unit():
        db.session.get_one(Shop, first.id).opening_hours = {"2": [["09:00", "12:00"]]}
        db.session.get_one(Shop, second.id).opening_hours = {"2": [["09:00", "12:00"]]}
    assert '{"2": [["09:00", "12:00"]]}' in opening_weeks.known()
    with unit():
        opening_weeks.rebuild()
    assert opening_weeks.known() == ['{"2": [["09:00", "12:00"]]}']


@pytest.mark.each_database
def test_among_many_the_best_by_hearts_come_first(
    context: Flask, each_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of all, kept until the next morning's, gives the same pages as the scores of a few read one by one."""
    ids = [put(f"小{name}面馆").id for name in "张李王赵钱孙"]
    with unit():
        db.session.add(snapshot(date(2026, 5, 8)))
        scores = (4100, 4300, 4100, 3900, 4800)
        db.session.add_all(
            RatingScore(shop_id=shop_id, score=score, count=9)
            for shop_id, score in zip(ids, scores, strict=False)
        )
    expected = [ids[4], ids[1], ids[2], ids[0], ids[3]]
    for most in (queries.SORTED_MOST, 0):
        monkeypatch.setattr(queries, "SORTED_MOST", most)
        assert by_stars(1, 9) == (expected, 5)
        assert by_stars(2, 2) == (expected[2:4], 5)
        assert by_stars(9, 2) == (expected[4:], 5)  # the last page
        assert by_stars(1, 9, "小李") == ([ids[1]], 1)
    with unit():
        db.session.add(snapshot(date(2026, 5, 9)))
        db.session.get_one(RatingScore, ids[3]).score = 5000
    assert by_stars(1, 1) == ([ids[3]], 5)


def by_stars(number: int, size: int, text: str = "") -> tuple[list[int], int]:
    page = queries.listed(Wanted(read_query(text), by_stars=True), number, size).page
    return [shop.id for shop in page.items], page.total


def snapshot(day: date) -> RatingSnapshot:
    made_at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    return RatingSnapshot(
        day=day, made_at=made_at, rows=0, csv=b"", scores=b"", csv_sha256="0" * 64, scores_sha256="1" * 64
    )
