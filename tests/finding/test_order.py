"""What the index answers, and in which order, against a scan of everything that knows no token."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.finding import folding, indexing, merging, queries

pytestmark = pytest.mark.each_database

BRANDS = ("老槐", "小槐", "重庆", "裕华", "新柳", "柳", "张记", "老张")
TRADES = ("面馆", "面店", "火锅", "槐树面馆", "宾馆", "馆")
ROADS = ("裕华东路", "东风路", "新柳街", "老槐里")
DISTRICTS = ("130602", "130606001", "130606002")


@dataclass(frozen=True)
class Known:
    number: int
    name: str
    address: str
    region: str
    category: str
    active: bool


def draw_city() -> list[Known]:
    """Numbers over the whole of a large city: bitmaps of several containers."""
    source = random.Random(7)
    numbers = [*range(1, 40), *source.sample(range(40, 1_100_000), 120), *range(1_190_000, 1_190_040)]
    return [
        Known(
            number,
            source.choice(BRANDS) + source.choice(TRADES),
            f"{source.choice(ROADS)}{source.randrange(1, 30)}号",
            source.choice(DISTRICTS),
            source.choice(("eat", "stay")),
            source.random() < 0.8,
        )
        for number in numbers
    ]


def is_said(part: str, text: str) -> bool:
    """Whether `text` has what was typed, letter for letter or as it sounds."""
    if not part.isascii():
        return part in text
    words = [run for run in folding.runs(folding.fold(text)) if not folding.is_chinese(run)]
    if any(word == part or (len(part) > 1 and word.startswith(part)) for word in words):
        return True
    if len(part) < 2 or not part.isalpha():
        return False
    sound = folding.alike(part)
    for run in filter(folding.is_chinese, folding.runs(folding.fold(text))):
        for syllables in folding.spellings(run):
            first = "".join(one[0] for one in syllables)
            tails = range(len(syllables))
            if any(folding.alike("".join(syllables[at:])).startswith(sound) for at in tails):
                return True
            if any(first[at:].startswith(part) for at in tails[:-1]):
                return True
    return False


def begins(part: str, name: str) -> bool:
    if not part.isascii():
        return name.startswith(part)
    spelt = folding.spellings(name)
    return len(part) > 1 and any(
        folding.alike("".join(one)).startswith(folding.alike(part))
        or "".join(syllable[0] for syllable in one).startswith(part)
        for one in spelt
    )


def scan(city: list[Known], typed: str, **wanted: object) -> list[int]:
    """Every shop read and asked, best and newest first."""
    tiers: list[list[int]] = [[], [], []]
    others = queries.synonyms()
    parts = typed.split()
    for one in sorted(city, key=lambda one: -one.number):
        if (
            not one.region.startswith(str(wanted.get("district", "")))
            or wanted.get("street", one.region) != one.region
            or wanted.get("category", one.category) != one.category
            or (wanted.get("trusted") and not one.active)
        ):
            continue
        in_name = all(is_said(part, one.name) for part in parts)
        said = (one.name, one.address)
        anywhere = all(
            any(is_said(part, text) for text in (said if not part.isascii() else said[:1]))
            or (part.isascii() and any(is_said(part, run) for run in digits(one.address)))
            or any(is_said(other, one.name) for other in others.get(part, ()))
            for part in parts
        )
        if in_name and begins(parts[0], one.name):
            tiers[0].append(one.number)
        elif in_name or (all(part.isascii() for part in parts) and anywhere):
            tiers[1].append(one.number)
        elif anywhere:
            tiers[2].append(one.number)
    return [number for tier in tiers for number in tier]


def digits(address: str) -> list[str]:
    return [run for run in folding.runs(address) if not folding.is_chinese(run)]


CHINESE = st.sampled_from(
    ["老槐", "面馆", "槐树", "火锅", "裕华", "新柳", "庆火", "华东", "东路", "面店", "张记", "槐里", "宾馆"]
)
LATIN = st.sampled_from(
    [
        "lao",
        "laohuai",
        "laoh",
        "mian",
        "mianguan",
        "xinliubinguan",
        "zhang",
        "zang",
        "lh",
        "hsmg",
        "cq",
        "12",
        "2",
    ]
)
TYPED = st.one_of(CHINESE, LATIN, st.tuples(CHINESE, st.one_of(CHINESE, LATIN)).map(" ".join))
WANTED = st.fixed_dictionaries(
    {},
    optional={
        "district": st.sampled_from(["130602", "130606"]),
        "category": st.sampled_from(["eat", "stay"]),
        "trusted": st.booleans(),
    },
)


@pytest.mark.parametrize("listed", ["none", "some", "all"])
def test_what_is_found_is_what_a_scan_finds_in_its_order(
    context: Flask, each_database: str, listed: str
) -> None:
    """Whether the lists have none, some or all of the entries; with some, those that they have are written anew."""
    city = draw_city()
    former = random.Random(3).sample(city, len(city) // 2) if listed == "some" else []
    with unit():
        connection = db.session.connection()
        indexing.write(connection, [entry(one, name="从前的店") for one in former])
        merging.merge(connection)
        indexing.write(connection, [entry(one) for one in city])
        if listed == "all":
            merging.merge(connection, most=50)
            merging.merge(connection)

    @settings(max_examples=40, deadline=None, database=None, derandomize=True)
    @given(TYPED, WANTED, st.sampled_from([3, 10, 40, 500]), st.sampled_from([0, 2, 50]))
    def same(typed: str, wanted: dict[str, Any], most: int, start: int) -> None:
        found = queries.find(typed, **wanted)
        expected = scan(city, typed, **wanted)
        if found.near:
            assert expected == []
            return
        assert found.ids(most, start) == expected[start : start + most]
        assert len(found) == len(expected)
        assert sorted(found.all()) == sorted(expected)

    same()
    found = queries.find("面馆", district="130606", street="130606002")
    assert found.ids(500) == scan(city, "面馆", district="130606", street="130606002") != []
    assert queries.find("从前").ids(5) == []


def entry(one: Known, name: str = "") -> indexing.Entry:
    return indexing.Entry(
        one.number, name or one.name, "", one.address, one.region, one.category, "", one.active
    )
