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
from webapp.finding import folding, indexing, queries

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
    """Numbers over the whole of a large city, so that every step of PostgreSQL's way back is taken."""
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


def scan(city: list[Known], typed: str, most: int, **wanted: object) -> list[int]:
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
    return [number for tier in tiers for number in tier][:most]


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


def test_what_is_found_is_what_a_scan_finds_in_its_order(context: Flask, each_database: str) -> None:
    city = draw_city()
    with unit():
        entries = [
            indexing.Entry(one.number, one.name, "", one.address, one.region, one.category, "", one.active)
            for one in city
        ]
        indexing.write(db.session.connection(), entries, new=True)

    @settings(max_examples=80, deadline=None, database=None, derandomize=True)
    @given(TYPED, WANTED, st.sampled_from([3, 10, 40, 500]))
    def same(typed: str, wanted: dict[str, Any], most: int) -> None:
        found = queries.find(typed, most=most, **wanted)
        expected = scan(city, typed, most + 1, **wanted)
        if found.near:
            assert expected == []
            return
        assert found.ids == expected[:most]
        assert found.more == (len(expected) > most)
        page = queries.find(typed, most=most, need=5, **wanted)
        assert (page.ids[:5], len(page.ids), page.more) == (found.ids[:5], len(found.ids), found.more)

    same()
    found = queries.find("面馆", district="130606", street="130606002")
    assert found.ids == scan(city, "面馆", 500, district="130606", street="130606002") != []
