"""The demo city: the same for the same seed, and every fact in it well formed."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import webapp
from webapp.complaints.models import Demand
from webapp.complaints.rules import TOPICS, ComplaintState
from webapp.core.identifiers import check_food_licence, check_phone, check_uscc, operator_kind
from webapp.demo import words
from webapp.demo.city import BLOCK, CHAIN_FROM, DemoShop, generate, make_shop
from webapp.demo.complaints import complaints_for
from webapp.demo.names import trades
from webapp.demo.places import streets
from webapp.demo.ratings import HEARTS, ratings_for
from webapp.demo.reminders import reminders
from webapp.ratings.models import Origin
from webapp.registry.rules import RegistryStatus

WEBAPP = Path(webapp.__file__).parent
TODAY = date(2026, 3, 15)
SEED = 20260315
COUNT = 2000
# What has happened in each state: answered, referred, accepted, ended.
SET_IN_STATE = {
    "settling": [False, False, False, False],
    "answered": [True, False, False, False],
    "resolved": [True, False, False, True],
    "referred": [True, True, False, False],
    "mediating": [True, True, True, False],
    "closed": [True, True, True, True],
}


@pytest.fixture(scope="module")
def city() -> list[DemoShop]:
    return list(generate(SEED, COUNT, TODAY))


def rows_of(name: str) -> list[dict[str, str]]:
    with (WEBAPP / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def digest(shops: list[DemoShop]) -> str:
    return hashlib.sha256(repr(shops).encode()).hexdigest()


def test_same_seed_same_city(city: list[DemoShop]) -> None:
    assert digest(city) == digest(list(generate(SEED, COUNT, TODAY)))
    assert digest(city[:50]) != digest(list(generate(SEED + 1, 50, TODAY)))


def test_a_shop_can_be_made_alone_and_in_chunks(city: list[DemoShop]) -> None:
    assert make_shop(SEED, 1234, TODAY) == city[1234]
    assert list(generate(SEED, 40, TODAY, start=700)) == city[700:740]


def test_far_shops_are_made_without_the_ones_before() -> None:
    assert make_shop(SEED, 999_999, TODAY).index == 999_999


def test_every_credit_code_is_valid_and_one_operator_has_one(city: list[DemoShop]) -> None:
    by_code: dict[str, DemoShop] = {}
    for shop in city:
        operator = shop.operator
        check = check_uscc(operator.uscc)
        assert check.ok
        assert check.kind == operator.kind == operator_kind(operator.uscc)
        assert operator.uscc[2:8] == operator.region_code
        first = by_code.setdefault(operator.uscc, shop)
        assert shop.is_first_of_operator == (first is shop)
        assert first.operator == operator
    assert set(Counter(shop.operator.kind for shop in city)) == {"enterprise", "self_employed", "cooperative"}


def test_chains_share_brand_and_trade_and_are_enterprises(city: list[DemoShop]) -> None:
    chains = [city[at : at + BLOCK - CHAIN_FROM] for at in range(CHAIN_FROM, COUNT, BLOCK)]
    real = [shops for shops in chains if shops[0].operator == shops[1].operator]
    assert 10 < len(real) < len(chains) / 2
    for shops in real:
        assert len({(shop.operator.uscc, shop.name, shop.trade.key) for shop in shops}) == 1
        assert shops[0].operator.kind == "enterprise"
        assert all(shop.branch for shop in shops)
    alone = [shop for shop in city if shop.index % BLOCK < CHAIN_FROM]
    assert not any(shop.branch for shop in alone)


def test_every_licence_is_well_formed(city: list[DemoShop]) -> None:
    food = 0
    for shop in city:
        assert [licence.kind for licence in shop.licences] == ["business_licence", *shop.trade.licences]
        assert shop.licences[0].number == shop.operator.uscc
        assert len({licence.number for licence in shop.licences}) == len(shop.licences)
        for licence in shop.licences:
            assert "{" not in licence.number + licence.authority
            assert shop.operator.established_on <= licence.valid_from <= TODAY
            assert licence.valid_until is None or licence.valid_from < licence.valid_until
            if licence.kind.startswith("food_"):
                food += 1
                check = check_food_licence(licence.number)
                assert check.ok
                assert check.region == shop.region_code[:6]
                assert check.form == ("filing" if licence.kind == "food_filing" else "licence")
    assert food > COUNT / 3


def test_some_licences_are_over_and_some_nearly(city: list[DemoShop]) -> None:
    ends = [licence.valid_until - TODAY for shop in city for licence in shop.licences if licence.valid_until]
    over = sum(left < timedelta(0) for left in ends) / len(ends)
    soon = sum(timedelta(0) <= left <= timedelta(30) for left in ends) / len(ends)
    assert 0 < over < 0.05
    assert 0 < soon < 0.1


def test_register_status_mix(city: list[DemoShop]) -> None:
    statuses = Counter(shop.operator.status for shop in city)
    assert set(statuses) == set(RegistryStatus)
    assert statuses["active"] > 0.9 * COUNT
    abnormal = [shop.operator for shop in city if shop.operator.abnormal_on]
    assert 0 < len(abnormal) < 0.1 * COUNT
    for operator in abnormal:
        assert operator.status == "active"
        assert operator.abnormal_ground
        assert operator.abnormal_on is not None
        assert operator.established_on <= operator.abnormal_on < TODAY
    assert all(shop.operator.established_on < TODAY for shop in city)


def test_street_county_address_and_position_agree(city: list[DemoShop]) -> None:
    known = {street.code: street for street in streets()}
    for shop in city:
        street = known[shop.region_code]
        assert street.code[:6] == street.county_code
        assert street.name in shop.address
        assert street.county in shop.address
        assert street.station.startswith(street.county)
        north = (shop.latitude - street.latitude) * 111_320
        east = (shop.longitude - street.longitude) * 111_320 * 0.78
        assert (north**2 + east**2) ** 0.5 <= street.radius_m * 1.02
    assert len({shop.region_code[:6] for shop in city}) == 24


def test_words_that_a_page_shows_are_filled_in(city: list[DemoShop]) -> None:
    for shop in city:
        assert check_phone(shop.phone).kind == "mobile"
        assert set(shop.opening_hours) == set("1234567")
        for text in (
            shop.name,
            shop.address,
            shop.operator.name,
            shop.operator.scope,
            shop.operator.authority,
        ):
            assert text
            assert "{" not in text
    assert {shop.category for shop in city} == {"eat", "stay", "tour", "shop", "play"}
    assert {shop.trade.key for shop in city} == {trade.key for trade in trades()}


def test_ratings_are_in_range_and_past(city: list[DemoShop]) -> None:
    start = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    count = 0
    for shop in city:
        ratings = ratings_for(SEED, shop, TODAY)
        assert ratings == ratings_for(SEED, shop, TODAY)
        assert all(one.created_at <= other.created_at for one, other in pairwise(ratings))
        for rating in ratings:
            count += 1
            assert all(getattr(rating, heart) in range(1, 6) for heart in HEARTS)
            assert rating.origin in set(Origin)
            assert start - timedelta(days=367) < rating.created_at < start
            assert (rating.reply is None) == (rating.replied_at is None)
            assert rating.replied_at is None or rating.created_at < rating.replied_at < start
    assert count > COUNT


def test_complaints_tell_one_story(city: list[DemoShop]) -> None:
    start = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    states: Counter[str] = Counter()
    for shop in city:
        complaints = complaints_for(SEED, shop, TODAY)
        assert complaints == complaints_for(SEED, shop, TODAY)
        for complaint in complaints:
            states[complaint.state] += 1
            assert complaint.topic in TOPICS
            assert complaint.demand in set(Demand)
            assert "{" not in complaint.text + (complaint.answer or "")
            assert complaint.amount_fen is None or complaint.amount_fen > 0
            assert check_phone(complaint.consumer_phone).ok
            steps = [complaint.answered_at, complaint.referred_at, complaint.accepted_at, complaint.ended_at]
            done = [complaint.received_at, *(step for step in steps if step), start]
            assert all(one < other for one, other in pairwise(done))
            assert (complaint.answer is None) == (complaint.answered_at is None)
            assert (complaint.referral_reason is None) == (complaint.referred_at is None)
            assert (complaint.ending is None) == (complaint.accepted_at is None or complaint.ended_at is None)
            assert (complaint.handling_stars is None) == (complaint.ended_at is None)
            assert SET_IN_STATE[complaint.state] == [bool(step) for step in steps] or (
                complaint.state == "resolved" and all(steps)
            )
    assert set(states) == set(SET_IN_STATE) <= set(ComplaintState)
    assert states["resolved"] > sum(states.values()) / 2


def test_the_city_speaks_the_application_s_codes() -> None:
    with (WEBAPP / "commitments" / "catalogue.toml").open("rb") as stream:
        catalogue = {entry["code"]: entry for entry in tomllib.load(stream)["commitment"]}
    for row in words.table("commitments.csv"):
        entry = catalogue[row["code"]]
        assert row["categories"].split() == entry["categories"]
        assert (row["permille"] == "1000") == entry["required"]
    assert {code for code, entry in catalogue.items() if entry["required"]} <= {
        row["code"] for row in words.table("commitments.csv")
    }
    industries = {row["code"]: row for row in rows_of("regions/industries.csv")}
    kinds = {row["code"]: row for row in rows_of("licences/licence_kinds.csv")}
    required = [row for row in rows_of("licences/requirements.csv") if row["required"] == "yes"]
    for trade in trades():
        assert industries[trade.industry_code]["category"] == trade.category
        assert industries[trade.industry_code]["name"] == trade.industry_name
        needed = {row["kind"] for row in required if row["industry"] in ("*", trade.industry_code)}
        assert needed <= {"business_licence", *trade.licences} <= set(kinds)
    for row in words.table("licences.csv"):
        assert row["per_shop"] == kinds[row["kind"]]["per_shop"]


def test_papers_of_the_operator_are_the_same_in_all_its_shops() -> None:
    seen: dict[tuple[str, str], set[str]] = {}
    for shop in generate(SEED + 1, 12_000, TODAY):
        for licence in shop.licences:
            if not licence.per_shop:
                seen.setdefault((shop.operator.uscc, licence.kind), set()).add(licence.number)
    assert any(kind == "travel_agency" for _, kind in seen)
    assert all(len(numbers) == 1 for numbers in seen.values())


def test_every_trade_can_be_complained_about_and_answered() -> None:
    seen = set()
    for shop in generate(SEED + 3, 6000, TODAY):
        if complaints_for(SEED + 3, shop, TODAY):
            seen.add(shop.trade.key)
    assert seen == {trade.key for trade in trades()}


def test_reminders_newest_first() -> None:
    made = reminders(TODAY)
    assert len(made) >= 10
    assert all(one.published_on >= other.published_on for one, other in pairwise(made))
    assert {reminder.kind for reminder in made} == {"reminder", "warning"}


def test_credit_codes_do_not_repeat_over_a_large_city() -> None:
    codes = {
        shop.operator.uscc
        for shop in generate(SEED, 12_000, TODAY, start=500_000)
        if shop.is_first_of_operator
    }
    assert len(codes) == sum(
        shop.is_first_of_operator for shop in generate(SEED, 12_000, TODAY, start=500_000)
    )
