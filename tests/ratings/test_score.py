"""The ranking: its properties, and that anybody gets the same bytes from the published rows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import complaints as people
from tests.factories import ratings as make
from tests.factories.merchants import NOW
from webapp.core import clock
from webapp.core.db import db, may_write
from webapp.merchants.models import Category, Shop
from webapp.ratings import opendata, score
from webapp.ratings.models import Origin, RatingScore
from webapp.ratings.score import COLUMNS, HEARTS, WHOLE, Numbers, scores, weight

NUMBERS = Numbers(half_life=180, prior=8, other=50)
DAY = date(2026, 11, 28)


def row(shop: str, mark: int, age: int = 0, origin: str = "scan", category: str = "eat") -> dict[str, str]:
    on = (DAY - timedelta(days=age)).isoformat()
    known = {"shop": shop, "category": category, "rated_on": on, "origin": origin, "removed": ""}
    return known | dict.fromkeys(HEARTS, str(mark))


def scored(rows: list[dict[str, str]]) -> dict[str, int]:
    return {shop: found["score"] for shop, found in scores(rows, DAY, NUMBERS)["shops"].items()}


@pytest.mark.parametrize(("age", "of"), [(0, 1), (180, 2), (360, 4), (540, 8), (-3, 1)])
def test_a_rating_halves_with_each_half_life(age: int, of: int) -> None:
    assert weight(age, "scan", NUMBERS) == WHOLE // of
    assert weight(age, "other", NUMBERS) == WHOLE // of // 2


@given(st.integers(0, 20_000), st.integers(1, 2000))
def test_weights_fall_day_by_day_and_never_vanish(age: int, half_life: int) -> None:
    numbers = Numbers(half_life, 8, 100)
    assert weight(age, "scan", numbers) >= weight(age + 1, "scan", numbers) >= 1


marks = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 900), st.sampled_from(["scan", "other"])), max_size=12
)


@given(marks, marks)
def test_the_score_is_the_formula(one: list[tuple[int, int, str]], other: list[tuple[int, int, str]]) -> None:
    """Reckoned again in fractions, from the words on the page."""
    rows = [row(shop, *rest) for shop, many in (("1", one), ("2", other)) for rest in many]
    found = scores(rows, DAY, NUMBERS)
    if not rows:
        assert found["shops"] == {}
        return
    weighed = [
        (r["shop"], Fraction(weight(age, origin, NUMBERS), WHOLE), mark)
        for r, (mark, age, origin) in zip(rows, [*one, *other], strict=True)
    ]
    mean = sum(w * m for _, w, m in weighed) / sum(w for _, w, _ in weighed)
    assert abs(found["categories"]["eat"] - 1000 * mean) <= Fraction(1, 2)
    for shop, result in found["shops"].items():
        mine = [(w, m) for number, w, m in weighed if number == shop]
        exact = (8 * mean + sum(w * m for w, m in mine)) / (8 + sum(w for w, _ in mine))
        assert abs(result["score"] - 1000 * exact) <= 1
        assert 1000 <= result["score"] <= 5000


def test_few_lie_near_the_mean_old_ones_weigh_less_and_sure_ones_more() -> None:
    crowd = [row("0", 4) for _ in range(400)]
    few, many = scored([*crowd, row("1", 5)]), scored([*crowd, *[row("1", 5) for _ in range(60)]])
    assert few["0"] < few["1"] < 4200
    assert many["1"] > 4800
    aged = scored([*crowd, *[row("1", 5, age=720) for _ in range(20)], *[row("2", 5) for _ in range(20)]])
    assert aged["1"] < aged["2"]
    loose = scored(
        [*crowd, *[row("1", 5, origin="other") for _ in range(9)], *[row("2", 5) for _ in range(9)]]
    )
    assert loose["1"] < loose["2"]
    gone = {"removed": "privacy"} | dict.fromkeys(HEARTS, "")
    assert scored([*crowd, row("1", 1) | gone]) == scored(crowd)


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield people.make_shop_with_policy()
    may_write.reset(token)


def test_the_published_scores_are_recomputed_byte_for_byte(shop: Shop, tmp_path: Path) -> None:
    other = people.make_shop_with_policy("别家")
    other.category = Category.SHOP
    for place in range(6):
        make.make_rating(shop, 1 + place % 5, text="秘密", now=NOW - timedelta(days=40 * place + 1))
    make.make_rating(other, 5, origin=Origin.OTHER, now=NOW - timedelta(days=2))
    make.make_rating(other, 1, now=NOW)  # of the present day: tomorrow
    gone = make.make_rating(other, 2, now=NOW - timedelta(days=3))
    gone.removed_at, gone.removed_ground = NOW, "privacy"
    made = opendata.make(NOW)
    db.session.flush()
    rows, published = opendata.file_of(made.day, "csv"), opendata.file_of(made.day, "scores")
    assert rows.decode().splitlines()[0] == ",".join(COLUMNS)
    assert "秘密" not in rows.decode()
    assert f"{other.id},shop,{clock.day_of(gone.created_at)},scan,,,,,,privacy" in rows.decode()
    assert made.rows == 8
    document = json.loads(published)
    assert document["shops"][str(other.id)]["count"] == 1
    assert db.session.get_one(RatingScore, shop.id).score == document["shops"][str(shop.id)]["score"]

    target = tmp_path / "ratings.csv"
    target.write_bytes(rows)
    numbers = document["numbers"]
    alone = subprocess.run(
        [
            sys.executable,
            "-I",
            score.__file__,
            str(target),
            "--day",
            document["day"],
            "--half-life",
            str(numbers["half_life"]),
            "--prior",
            str(numbers["prior"]),
            "--other",
            str(numbers["other"]),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert alone.stdout == published
    assert opendata.make_due(NOW) == 0
    assert opendata.make(NOW).scores_sha256 == made.scores_sha256
    with pytest.raises(ValueError):
        score.recompute(b"a,b\n1,2\n", DAY, NUMBERS)
