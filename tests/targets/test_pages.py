"""The figures in the office: counted from real deeds, every number with its cases, files that run nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from tests.factories import complaints as make
from tests.factories import tips
from tests.factories.merchants import NOW
from tests.support.street import HEADER, Street
from webapp.complaints.rules import Route
from webapp.core.actor import CONSUMER, Actor
from webapp.core.transaction import unit
from webapp.merchants.queries import get_shop
from webapp.targets import queries, rules
from webapp.targets.queries import Within
from webapp.targets.rules import Figure

DAY = timedelta(days=1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
PERIOD = str(NOW.year)


def city(shop_id: int, officer: Actor) -> None:
    """Three complaints with the authority (one kept, one late, one never decided), two settled, two tips."""
    shop = get_shop(shop_id)
    merchant = make.merchant_actor(shop)
    straight = {"route": Route.AUTHORITY}
    make.move(
        make.make_complaint(shop, **straight), ("accept", officer), ("end", officer), ("serve", officer)
    )
    late = make.make_complaint(shop, **straight)
    make.move(late, ("accept", officer), now=NOW + 40 * DAY)
    make.move(late, ("end", officer), ("serve", officer), now=NOW + 41 * DAY)
    make.make_complaint(shop, **straight)
    for _ in range(2):
        make.move(make.make_complaint(shop), ("answer", merchant), ("confirm_resolved", CONSUMER))
    tips.decide(tips.make_tip(shop), officer)
    tips.make_tip(shop)


def shares(within: Within, now_days: int) -> dict[Figure, tuple[int, int]]:
    found = rules.tally(queries.matters(within, *YEAR, NOW + now_days * DAY), *YEAR)
    return {figure: (share.kept, share.counted) for figure, share in found.all.items()}


@pytest.mark.each_database
def test_the_figures_follow_the_deeds(context: Flask, each_database: str) -> None:
    with unit():
        shop = make.make_shop_with_policy()
        officer = make.make_officer().actor()
        city(shop.id, officer)
    within = Within(officer.posts, officer.posts)
    assert shares(within, 1) == {
        Figure.HANDLED: (3, 3),  # the third complaint and the second tip are still in time
        Figure.ON_TIME: (1, 2),
        Figure.VERIFIED: (1, 1),
        Figure.SELF_SETTLED: (2, 2),
    }
    assert shares(within, 60) == {
        Figure.HANDLED: (3, 5),
        Figure.ON_TIME: (1, 3),
        Figure.VERIFIED: (1, 2),
        Figure.SELF_SETTLED: (2, 2),
    }
    missed = queries.cases(within, *YEAR, NOW + 60 * DAY, Figure.ON_TIME, kept=False)
    assert [one.state for one in missed] == ["referred", "closed"]
    nobody = Within((), ())
    assert set(shares(nobody, 60).values()) == {(0, 0)}
    aside = Within(officer.posts, officer.posts, aside_from=frozenset({shop.operator_id}))
    assert set(shares(aside, 60).values()) == {(0, 0)}
    assert shares(Within(officer.posts, officer.posts, county="130606"), 60)[Figure.HANDLED] == (3, 5)
    assert shares(Within(officer.posts, officer.posts, county="130602"), 60)[Figure.HANDLED] == (0, 0)


@pytest.fixture
def served(app: Flask, client: FlaskClient, street: Street, freeze: Callable[..., object]) -> FlaskClient:
    with app.app_context(), unit():
        city(street.shop_id, street.actors["station"])
    freeze(NOW + 60 * DAY)
    return client


def as_(who: str) -> dict[str, str]:
    return {HEADER: who}


def test_the_page_and_the_cases_behind_it(served: FlaskClient) -> None:
    page = served.get(f"/office/targets?period={PERIOD}", headers=as_("bureau"))
    text = re.sub(r"<[^>]+>", " ", page.text)
    for words in (
        "60.0%",
        "33.3%",
        "100.0%",
        "目标 98%，3 件里 1 件，没有达到",
        "目标 80%，2 件里 2 件，达到",
    ):
        assert words in text, words
    links = set(re.findall(r'href="(/office/targets/cases[^"]+)"', page.text))
    assert len(links) == 4
    for link in links:
        shown = served.get(link.replace("&amp;", "&"), headers=as_("bureau"))
        assert shown.status_code == 200
    missed = served.get(
        f"/office/targets/cases?figure=verified&which=missed&period={PERIOD}", headers=as_("bureau")
    )
    assert missed.text.count('href="/office/tips/') == 1
    assert "没做到" in missed.text
    everything = served.get(f"/office/targets/cases?figure=handled&period={PERIOD}", headers=as_("bureau"))
    assert len(re.findall(r'<a href="/office/(?:tips|complaints)/\d+"', everything.text)) == 5
    assert served.get("/office/targets/cases?figure=x", headers=as_("bureau")).text.count("做到了") >= 3
    for code in ("2019", "2020", "9999"):
        assert served.get(f"/office/targets?period={code}", headers=as_("bureau")).status_code == 200
    before = served.get("/office/targets?period=2020-01&county=999999&station=x", headers=as_("bureau"))
    assert "还没有可以计入的" in before.text


@pytest.mark.parametrize(
    "address", ["", "/cases?figure=handled", "/figures.csv", "/cases.xlsx?figure=handled"]
)
def test_who_sees_them(served: FlaskClient, address: str) -> None:
    known = {
        who: served.get(f"/office/targets{address}", headers=as_(who)).status_code
        for who in ("station", "bureau", "elsewhere", "department", "admin", "merchant")
    }
    assert known == {
        "station": 200,
        "bureau": 200,
        "elsewhere": 200,
        "department": 403,
        "admin": 403,
        "merchant": 403,
    }
    assert served.get(f"/office/targets{address}").status_code in {302, 303, 401, 403}


def test_another_district_sees_nothing_of_it(served: FlaskClient) -> None:
    assert "还没有可以计入的" in served.get("/office/targets", headers=as_("elsewhere")).text
    found = served.get("/office/targets/cases?figure=handled", headers=as_("bureau")).text
    assert "老槐树面馆" in found


def test_files_run_nothing_and_say_the_same(served: FlaskClient, app: Flask, street: Street) -> None:
    with app.app_context(), unit():
        get_shop(street.shop_id).name = "=HYPERLINK(1)"
    got = served.get(f"/office/targets/cases.csv?figure=handled&period={PERIOD}", headers=as_("bureau"))
    rows = list(csv.reader(io.StringIO(got.text.removeprefix("\ufeff"))))
    assert {row[2] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert sorted(row[-1] for row in rows[1:]) == ["做到了"] * 3 + ["没做到"] * 2
    book = served.get(f"/office/targets/cases.xlsx?figure=handled&period={PERIOD}", headers=as_("bureau"))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert [[str(cell) for cell in row] for row in sheet] == rows
    assert b"<f>" not in book.data
    figures = served.get(f"/office/targets/figures.xlsx?period={PERIOD}", headers=as_("bureau"))
    table = CalamineWorkbook.from_filelike(io.BytesIO(figures.data)).get_sheet_by_index(0).to_python()
    whole = {row[2]: row[3:] for row in table if row[1] == "合计"}
    assert whole["投诉按时办结率"] == [1.0, 3.0, 33.3]
    assert got.headers["Cache-Control"] == "private, no-store"
    for secret in (make.NAME, make.PHONE[3:], tips.NAME, tips.PHONE[3:], tips.STORY):
        assert secret not in got.text
