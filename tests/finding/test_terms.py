"""What is indexed and what is asked agree, for every way of typing a name. No database: `has` reads the tokens."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.finding import folding, terms
from webapp.finding.queries import synonyms
from webapp.finding.terms import All, Any, Between, Facts, Term

NOODLES = Facts("老槐树面馆", "裕华路店", ("裕华东路128号", "莲池区", "正餐服务"), "130606", "eat", "6210")
HOTPOT = Facts("重庆德庄火锅", "", ("东风路7号", "竞秀区"), "130602", "eat", "6210")
TEA = Facts("ABC Café 24H", "", ("朝阳大街9号",), "130602", "eat", "6231")
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)


def tier(facts: Facts, typed: str) -> int | None:
    """0 the name begins so, 1 the name has it, 2 something has it, 9 something like it, None not found."""
    tokens = set(terms.document(facts))
    for number, wanted in enumerate(terms.tiers(typed, synonyms()), start=3 - len(terms.tiers(typed, {}))):
        if terms.has(tokens, wanted):
            return number
    meant = terms.slips(typed)
    return 9 if meant is not None and terms.has(tokens, meant) else None


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("老槐树面馆", 0),
        ("老槐", 0),
        ("老", 0),
        ("面馆", 1),
        ("槐", 1),
        ("裕华路店", 1),
        ("老槐树 裕华", 0),
        ("裕华东路", 2),
        ("裕华东路128号", 2),
        ("莲池", 2),
        ("正餐", 2),
        ("面店", 2),  # a synonym of 面馆
        ("老槐樹麵館", 0),  # traditional
        ("麵館", 1),
        ("laohuai", 0),
        ("LaoHuaiShu", 0),
        ("laohuaisu", 0),  # the tongue flat
        ("mianguan", 1),
        ("miang", 1),
        ("lhsmg", 0),
        ("hsm", 1),
        ("ｌｈｓ", 0),  # full width
        ("老淮树", 9),  # sounds alike
        ("老怀数面管", 9),
        ("老槐术面馆", 9),
        ("老大树面馆", 9),  # one character wrong
        ("老馆", 9),  # two of its characters, not neighbours
        ("laohuaishh", 9),  # one letter too many
        ("laohauishu", 9),  # two exchanged
        ("火锅", None),
        ("xyz", None),
        ("", None),
        ("%_*\"'", None),
    ],
)
def test_ways_of_typing_a_name(typed: str, where: int | None) -> None:
    assert tier(NOODLES, typed) == where


@pytest.mark.parametrize(("typed", "where"), [("zhongqing", 0), ("chongqing", 0), ("cqdz", 0), ("涮锅", 2)])
def test_characters_of_several_readings_and_synonyms(typed: str, where: int) -> None:
    assert tier(HOTPOT, typed) == where


@pytest.mark.parametrize("typed", ["abc", "cafe", "CAFÉ", "24h", "24", "ca"])
def test_letters_and_digits(typed: str) -> None:
    assert tier(TEA, typed) in {1, 2}


def test_filters() -> None:
    tokens = set(terms.document(NOODLES))
    assert all(terms.has(tokens, one) for one in terms.within("130606", "eat", "6210"))
    assert not any(terms.has(tokens, one) for one in terms.within("130602", "stay", "6231"))
    assert terms.within("", "", "") == []
    assert [one.token for one in terms.within("13 OR", 'e"at', "F-6.1")] == ["d13or", "ceat", "kf61"]


@given(CHINESE, st.data())
def test_any_two_neighbours_of_a_name_find_it(name: str, data: st.DataObject) -> None:
    folded = folding.runs(folding.fold(name))
    facts = Facts(name, "", (), "", "", "")
    run = data.draw(st.sampled_from([one for one in folded if len(one) > 1] or [""]))
    at = data.draw(st.integers(0, max(0, len(run) - 2)))
    assert not run or tier(facts, run[at : at + 2]) in {0, 1}


@given(st.text(max_size=60))
def test_nothing_typed_is_taken_for_another_token(typed: str) -> None:
    """What people type never names a class of tokens: no filter and no fact of another feature can be typed."""
    asked = [*terms.tiers(typed, synonyms())]
    meant = terms.slips(typed)
    for wanted in [*asked, *([] if meant is None else [meant])]:
        for leaf in terms.leaves(wanted):
            token = leaf.token if isinstance(leaf, Term) else leaf.first
            assert re.fullmatch(r"[abfghijmnpstuvwx][^\W_]+", token)


def test_the_leaves_and_the_answer_of_a_question() -> None:
    wanted = All((Term("n老槐"), Any((Between("gmian", "gmian~"), Term("u面")))))
    assert list(terms.leaves(wanted)) == [Term("n老槐"), Between("gmian", "gmian~"), Term("u面")]
    assert terms.has({"n老槐", "gmianguanzi"}, wanted)
    assert terms.has({"n老槐", "u面"}, wanted)
    assert not terms.has({"n老槐", "gmia", "gmib"}, wanted)
    assert not terms.has({"gmianguanzi", "u面"}, wanted)


def test_what_other_features_say_is_in_the_entry_once() -> None:
    facts = Facts("老槐树面馆", "", (), "130606", "eat", "", active=False, also=(":hearts:3", ":hearts:3"))
    tokens = terms.document(facts)
    assert tokens.count(":hearts:3") == tokens.count("y0") == 1
    assert "y1" not in tokens
