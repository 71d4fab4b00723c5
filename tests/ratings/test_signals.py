"""Bursts, rings and self-praise: what raises a signal, what does not, and what officers do with it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import complaints as people
from tests.factories import ratings as make
from tests.factories.merchants import NOW
from tests.support.rated_city import limits
from webapp.core.actor import CONSUMER, Actor
from webapp.core.db import db, may_write
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.merchants.models import Shop
from webapp.merchants.queries import figures_of
from webapp.ratings import signals, watching
from webapp.ratings.models import Origin, RatingSignal
from webapp.ratings.signals import Seen, SignalKind, SignalState, burst, rings, self_praise

LIMITS = limits()
HOUR = timedelta(hours=1)
_SHARED = "老板实在东西新鲜分量足，价格公道，下次带朋友一起来"


def seen(
    *totals: int, shop: int = 1, start: datetime = NOW, first: int = 1, step: timedelta = HOUR
) -> list[Seen]:
    return [Seen(first + place, shop, start + step * place, total) for place, total in enumerate(totals)]


@pytest.mark.parametrize(
    ("totals", "found"),
    [
        ([25] * 6, True),
        ([25] * 5, False),  # too few
        ([5] * 7, True),
        ([25] * 6 + [15], True),  # 6 of 7 is 85 percent and more
        ([25] * 5 + [5] * 2, False),  # a dispute about the shop goes both ways
        ([20] * 12, False),  # many, and neither praise nor damning: a busy day
    ],
)
def test_a_burst_is_many_one_way(totals: list[int], found: bool) -> None:  # noqa: FBT001
    now = NOW + 24 * HOUR
    finding = burst(seen(*totals), now, LIMITS)
    assert (finding is not None) == found
    if finding is not None:
        assert (finding.facts["count"], finding.facts["before"]) == (len(totals), 0)


def test_what_is_usual_at_a_shop_is_no_burst_there() -> None:
    busy = seen(*[24, 25] * 60, start=NOW - timedelta(days=59), step=12 * HOUR)  # two a day, always
    festive = seen(*[25] * 9, first=500, start=NOW)
    assert burst(busy + festive, NOW + 12 * HOUR, LIMITS) is None
    quiet = burst(busy[::10] + festive, NOW + 12 * HOUR, LIMITS)
    assert quiet is not None
    assert set(quiet.ratings) >= {one.id for one in festive}
    assert burst(busy[::10] + festive, NOW + timedelta(days=30), LIMITS) is None  # long ago


def ring(devices: int, shops: int, total: int = 25) -> list[Seen]:
    return [
        Seen(100 * device + shop, shop, NOW + device * HOUR, total, mark=f"m{device}")
        for device in range(devices)
        for shop in range(shops)
    ]


@pytest.mark.parametrize(
    ("devices", "shops", "found"), [(3, 3, 3), (2, 3, 0), (3, 2, 0), (5, 4, 4), (2, 9, 0)]
)
def test_a_ring_is_the_same_phones_at_the_same_shops(devices: int, shops: int, found: int) -> None:
    assert len(rings(ring(devices, shops), LIMITS)) == found


def test_rings_go_one_way_and_strangers_are_left_out() -> None:
    mixed = [replace(one, total=25 if one.mark == "m0" else 5) for one in ring(3, 3)]
    assert rings(mixed, LIMITS) == []
    assert rings([replace(one, mark=None) for one in ring(4, 4)], LIMITS) == []
    assert rings(ring(3, 3, total=15), LIMITS) == []
    strangers = [Seen(900 + n, n % 3, NOW, 25, mark=f"s{n}") for n in range(30)]
    (one, *_) = rings(ring(3, 3, total=5) + strangers, LIMITS)
    assert (one.facts["devices"], one.facts["shops"], one.facts["way"]) == (3, [0, 1, 2], "damning")
    assert all(number < 900 for number in one.ratings)


def test_self_praise_by_hand_or_by_words() -> None:
    now = NOW + 24 * HOUR
    assert self_praise(seen(25, 25), now, LIMITS) is None
    (own,) = [replace(one, own=True) for one in seen(25)]
    found = self_praise([own], now, LIMITS)
    assert found is not None
    assert found.facts == {"own": 1, "alike": 0}
    assert self_praise([replace(own, total=10)], now, LIMITS) is None  # nobody praises with two hearts
    said = [replace(one, text=_SHARED + "！" * place) for place, one in enumerate(seen(25, 25, 20))]
    alike = self_praise(said, now, LIMITS)
    assert alike is not None
    assert alike.facts == {"own": 0, "alike": 3}
    assert self_praise(said[:2], now, LIMITS) is None
    assert self_praise([replace(one, text="很好吃，下次还来") for one in said], now, LIMITS) is None  # short
    others = [
        "面条筋道汤头鲜，老板还送了一碟小菜",
        "周末人多要排队，不过上菜快味道也好",
        "停车方便，孩子喜欢他家的糖火烧",
    ]
    assert (
        self_praise([replace(one, text=text) for one, text in zip(said, others, strict=True)], now, LIMITS)
        is None
    )


WORDS = st.text("店好吃快", min_size=11, max_size=14)


@given(st.lists(WORDS, max_size=12), st.sampled_from([40, 60, 75, 100]))
def test_texts_that_are_alike_are_found_without_comparing_all(texts: list[str], percent: int) -> None:
    sets = list({frozenset(text[place : place + 2] for place in range(len(text) - 1)) for text in texts})
    near = [[other for other in sets if 100 * len(one & other) >= percent * len(one | other)] for one in sets]
    assert list(signals._near(sets, percent)) == near


@given(
    st.lists(st.sets(st.integers(0, 7), min_size=1, max_size=8), max_size=8),
    st.integers(2, 4),
)
def test_devices_are_tied_as_if_each_were_compared_with_each(rated: list[set[int]], least: int) -> None:
    busy = {
        (f"m{number}", 1): {shop: Seen(0, shop, NOW, 25) for shop in shops}
        for number, shops in enumerate(rated)
        if len(shops) >= least
    }
    tied = {who: {who} for who in busy}
    for one, other in itertools.combinations(busy, 2):
        if len(busy[one].keys() & busy[other].keys()) >= least:
            together = tied[one] | tied[other]
            tied.update(dict.fromkeys(together, together))
    expected = {frozenset(group) for group in tied.values() if len(group) > 1}
    assert {frozenset(group) for group in signals._tied(busy, least)} == expected


def test_a_ring_that_rated_very_many_shops_is_found() -> None:
    assert len(rings(ring(4, 30), LIMITS)) == 30


# --- in the database --------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(context: Flask) -> Iterator[Shop]:
    token = may_write.set(True)
    yield people.make_shop_with_policy()
    may_write.reset(token)


def found() -> list[RatingSignal]:
    return list(db.session.scalars(sa.select(RatingSignal).order_by(RatingSignal.id)))


def test_the_watch_opens_one_task_and_changes_no_rating(shop: Shop) -> None:
    shops = [shop, *(people.make_shop_with_policy(name) for name in ("二店", "三店"))]
    for device in "abc":
        for one in shops:
            make.make_rating(one, 5, origin=Origin.OTHER, device=device)
    make.make_rating(shop, 5, own_hand=True)
    assert watching.watch(NOW + HOUR) == 4
    assert [(one.kind, one.shop_id) for one in found()] == [
        *((SignalKind.RING, one.id) for one in shops),
        (SignalKind.SELF, shop.id),
    ]
    assert watching.watch(NOW + HOUR) == 0  # the same again is the same task
    assert figures_of(shop.id).ratings == 4
    make.make_rating(shop, 5, own_hand=True, now=NOW + HOUR)
    assert watching.watch(NOW + 2 * HOUR) == 1
    (own,) = [one for one in found() if one.kind is SignalKind.SELF]
    assert len(own.rating_ids) == 2
    assert own.facts["own"] == 2


def test_what_officers_judged_is_not_raised_again(shop: Shop) -> None:
    rating = make.make_rating(shop, 5, own_hand=True)
    watching.watch(NOW + HOUR)
    (signal,) = found()
    officer = people.make_officer().actor()

    def decide(action: str, actor: Actor, reason: str = "问过了") -> RatingSignal:
        return watching.decide(signal.id, action, reason, actor, NOW + HOUR, signal.version)

    for actor in (CONSUMER, people.make_merchant(shop).actor()):
        with pytest.raises(Forbidden):
            decide("dismiss", actor)
    with pytest.raises(Invalid):
        decide("dismiss", officer, " ")
    stale = signal.version
    decide("dismiss", officer)
    assert signal.state is SignalState.DISMISSED
    with pytest.raises(Conflict):
        watching.decide(signal.id, "handle", "x", officer, NOW, stale)
    assert watching.watch(NOW + 2 * HOUR) == 0
    assert not rating.is_removed
    decide("reopen", officer)
    assert (signal.state, signal.ended_at, signal.reason) == (SignalState.OPEN, None, None)
    decide("handle", officer)
    make.make_rating(shop, 5, own_hand=True, now=NOW + HOUR)
    assert watching.watch(NOW + 3 * HOUR) == 1  # newer evidence is a new task
    assert len(found()) == 2
    with pytest.raises(Conflict, match="rating_signal_open"):
        decide("reopen", officer)
