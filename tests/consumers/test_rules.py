"""Two lists become one, two accounts become one or stay two, the last way in stays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.consumers import rules
from webapp.consumers.rules import Kept, Link, Way, Ways

NOW = 1_795_852_800
KEPT = st.builds(Kept, st.just("店"), st.just("莲池区"), st.integers(1, 6), st.booleans())
LISTS = st.dictionaries(st.integers(1, 5), KEPT)


@given(LISTS, LISTS)
def test_of_each_shop_the_newer_entry_counts_and_it_does_not_matter_how_often(
    mine: dict[int, Kept], theirs: dict[int, Kept]
) -> None:
    both = rules.merged(mine, theirs)
    assert both.keys() == mine.keys() | theirs.keys()
    for number, entry in both.items():
        known = [side[number] for side in (mine, theirs) if number in side]
        assert entry in known
        assert entry.at == max(one.at for one in known)
    assert rules.merged(both, theirs) == both
    assert rules.merged(both, mine) == both


def test_the_newest_two_hundred_stay() -> None:
    mine = {number: Kept("店", "", number) for number in range(1, 151)}
    theirs = {number: Kept("店", "", number) for number in range(151, 301)}
    assert sorted(rules.merged(mine, theirs)) == list(range(101, 301))


def test_a_list_is_read_as_the_device_writes_it() -> None:
    data = {
        "v": 1,
        "shops": {
            "17": {"n": " 老槐树 面馆 ", "p": "莲池区", "at": NOW - 5, "gone": 0},
            "18": {"n": "书店", "at": NOW - 9.5, "gone": 1},
        },
    }
    read = rules.read_device(data, NOW)
    assert read == {17: Kept("老槐树 面馆", "莲池区", NOW - 5), 18: Kept("书店", "", NOW - 10, gone=True)}
    assert read[17].as_device() == {"n": "老槐树 面馆", "p": "莲池区", "at": NOW - 5, "gone": 0}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"v": 2, "shops": {"1": {"n": "x", "at": NOW}}},
        {"v": 1, "shops": []},
        {
            "v": 1,
            "shops": {"0": {"n": "x", "at": NOW}, "01": {"n": "x", "at": NOW}, "１": {"n": "x", "at": NOW}},
        },
        {
            "v": 1,
            "shops": {"1": "x", "2": {"n": "x"}, "3": {"n": "x", "at": True}, "4": {"n": "x", "at": -1}},
        },
        {"v": 1, "shops": {"1": {"n": "x", "at": float("inf")}, "2": {"n": "x", "at": float("nan")}}},
        {"v": 1, "shops": {"1": {"n": "x", "at": 2**60}}},
    ],
)
def test_what_is_not_in_its_shape_is_left_out(data: Any) -> None:
    assert rules.read_device(data, NOW) == {}


def test_a_list_has_an_end_and_names_are_cut() -> None:
    shops = {str(number): {"n": "名" * 500, "p": 7, "at": NOW} for number in range(1, 900)}
    read = rules.read_device({"v": 1, "shops": shops}, NOW)
    assert len(read) == rules.MOST_KEPT
    assert {(len(kept.name), kept.place) for kept in read.values()} == {(rules.NAME_MAX, "")}


def test_a_clock_that_is_far_ahead_does_not_win_for_ever() -> None:
    data = {"v": 1, "shops": {"1": {"n": "a", "at": NOW + 86400}, "2": {"n": "b", "at": NOW + 60}}}
    assert [kept.at for kept in rules.read_device(data, NOW).values()] == [NOW, NOW + 60]


def ways(who: str, *, phone: bool, wechat: bool) -> Ways:
    return Ways(f"{who} phone" if phone else None, f"{who} wechat" if wechat else None)


def test_what_becomes_of_a_proved_way_is_decided_for_every_pair_of_accounts() -> None:
    """Told in other words than the rule: what each account would hold afterwards must fit into one."""
    kinds = [(True, False), (False, True), (True, True)]
    for way, (phone, wechat) in itertools.product(Way, kinds):
        mine = ways("my", phone=phone, wechat=wechat)
        if mine.of(way):
            assert rules.link(mine, way, str(mine.of(way)), None) is Link.ALREADY
        for found in (None, *(ways("their", phone=p, wechat=w) for p, w in kinds)):
            proved = (found.of(way) if found else None) or "proved"
            if found is not None and found.of(way) is None:
                continue  # it would not have been found by it
            held = {one for one in (mine.phone, found and found.phone) if one}
            held_wechat = {one for one in (mine.wechat, found and found.wechat) if one}
            got = rules.link(mine, way, proved, found)
            if mine.of(way) is not None:
                assert got is Link.ANOTHER
            elif found is None:
                assert got is Link.ADD
            else:
                assert got is (Link.MERGE if len(held) < 2 and len(held_wechat) < 2 else Link.TAKEN)


@pytest.mark.parametrize(
    ("mine", "may"),
    [(Ways("p", None), set()), (Ways(None, "w"), set()), (Ways("p", "w"), set(Way)), (Ways(), set())],
)
def test_the_last_way_in_stays(mine: Ways, may: set[Way]) -> None:
    assert {way for way in Way if rules.may_unlink(mine, way)} == may


def test_a_name_that_no_database_takes_is_made_fit() -> None:
    shops = {"1": {"n": "\ud800店\x00名", "p": "\udfff", "at": NOW, "gone": 0}}
    kept = rules.read_device({"v": 1, "shops": shops}, NOW)[1]
    assert (kept.name, kept.place) == ("店名", "")
