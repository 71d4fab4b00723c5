"""Signals of malicious claims: which facts stand out, exhaustively around each limit."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.claims.rules import Claim, Limits, Signal, SignalKind, signals

LIMITS = Limits(days=30, shops=5, topic_claims=6, topic_percent=80, same_demand=4, picture_claims=2)
K = SignalKind


def claim(number: int, shop: int = 1, **more: Any) -> Claim:
    facts: dict[str, Any] = {
        "person": "p",
        "topic": f"topic{number}",
        "demand": "refund",
        "amount_fen": 1000 + number,
        "pictures": frozenset(),
    }
    return Claim(number, shop, **(facts | more))


def series(count: int, shops: int | None = None, **more: Any) -> list[Claim]:
    return [claim(n, 1 + (n - 1) % (shops or count), **more) for n in range(1, count + 1)]


def found(claims: list[Claim], limits: Limits = LIMITS) -> dict[SignalKind, Signal]:
    return {one.kind: one for one in signals(claims[0], claims, limits)}


@pytest.mark.parametrize("count", range(1, 9))
def test_many_shops_are_mentioned_from_the_limit_on(count: int) -> None:
    shown = found(series(count))
    assert (K.VOLUME in shown) == (count >= 5)
    if count >= 5:
        assert shown[K.VOLUME] == Signal(K.VOLUME, count, count, count)


def test_many_complaints_against_few_shops_are_no_volume() -> None:
    assert found(series(20, shops=4)) == {}


@pytest.mark.parametrize(("about", "other"), list(itertools.product(range(1, 9), range(3))))
def test_one_category_needs_number_and_share(about: int, other: int) -> None:
    claims = series(about, topic="quality")
    claims += [claim(100 + n, 1, topic="price") for n in range(other)]
    assert (K.TOPIC in found(claims)) == (about >= 6 and about * 100 >= 80 * (about + other))


def test_one_category_of_one_shop_says_nothing() -> None:
    assert K.TOPIC not in found(series(10, shops=1, topic="quality"))


@pytest.mark.parametrize("count", range(1, 7))
def test_the_same_demand_and_amount_again_and_again(count: int) -> None:
    shown = found([*series(count, amount_fen=100000), claim(50, 50, amount_fen=100000, demand="exchange")])
    assert (K.DEMAND in shown) == (count >= 4)
    if count >= 4:
        assert shown[K.DEMAND] == Signal(K.DEMAND, count, count + 1, count, "refund", 100000)


@pytest.mark.parametrize("amount", [None, 0])
def test_no_amount_is_not_the_same_amount(amount: int | None) -> None:
    assert K.DEMAND not in found(series(9, amount_fen=amount))


PICTURE = frozenset({"a" * 64})


@pytest.mark.parametrize(
    ("shop", "person", "mentioned"),
    [(2, "p", True), (1, "q", True), (2, "q", True), (1, "p", False), (2, None, True)],
)
def test_the_same_picture_elsewhere(shop: int, person: str | None, *, mentioned: bool) -> None:
    claims = [claim(1, pictures=PICTURE), claim(2, shop, person=person, pictures=PICTURE | {"b" * 64})]
    shown = signals(claims[0], claims, LIMITS)
    assert [one.kind for one in shown] == ([K.EVIDENCE] if mentioned else [])


def test_nobody_without_a_phone_is_the_same_person() -> None:
    assert found(series(30, person=None, topic="quality", amount_fen=100)) == {}


CLAIMS = st.builds(
    Claim,
    st.integers(2, 60),
    st.integers(1, 9),
    st.sampled_from([None, "p", "q"]),
    st.sampled_from(["quality", "price"]),
    st.sampled_from(["refund", "repair"]),
    st.sampled_from([None, 0, 100, 200]),
    st.sets(st.sampled_from(["a", "b"]), max_size=2).map(frozenset),
)


@given(st.lists(CLAIMS, max_size=25, unique_by=lambda one: one.id))
def test_counts_never_exceed_what_is_there_and_order_does_not_matter(lately: list[Claim]) -> None:
    own = claim(1, 1, topic="quality", amount_fen=100, pictures=frozenset({"a"}))
    shown = signals(own, lately, LIMITS)
    assert shown == signals(own, [own, *reversed(lately)], LIMITS)
    for one in shown:
        assert 1 <= one.shops <= one.count <= one.total <= len(lately) + 1
    strangers = [one for one in lately if one.person != "p" and not one.pictures & own.pictures]
    assert signals(own, strangers, LIMITS) == []
