"""Breaking lines: nothing lost, nothing forbidden at either end, full lines full. Rules of GB/T 15834 5.1."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.letters.lines import Line, clusters, set_lines

FIRST_NEVER = "，。、；：！？）》」』】〉〕”’"
LAST_NEVER = "（《「『【〈〔“‘"


def width(character: str) -> float:
    """Han and full-width marks one em, the rest about half."""
    return 1.0 if character >= "\u2000" else 0.5


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_a_closing_mark_comes_back_when_its_line_can_give() -> None:
    lines = set_lines("我局、今日收到，决定予以受理。特此告知。", 7, width)
    assert texts(lines)[0] == "我局、今日收到，"
    assert lines[0].width == pytest.approx(7)
    assert lines[0].glyphs[-1].advance == pytest.approx(0.5)


def test_what_a_line_cannot_give_is_pushed_out() -> None:
    """Two full marks too many: half an em each is all that they have."""
    lines = set_lines("甲乙丙丁戊己庚？！辛壬癸子丑寅", 7, width)
    assert texts(lines)[0] == "甲乙丙丁戊己"
    assert lines[0].width == pytest.approx(7), "the line is spread to the measure"


def test_an_opening_mark_goes_along_to_the_next_line() -> None:
    assert texts(set_lines("依据的是以下《办法》的有关规定", 7, width))[0] == "依据的是以下"


def test_marks_in_a_row_share_their_blank_half() -> None:
    (line,) = set_lines("他说：“好。”", 20, width)
    assert line.width == pytest.approx(7 - 0.5 - 0.5)


def test_words_numbers_dashes_and_ellipses_stay_whole() -> None:
    lines = set_lines("单号4200002412202611208830待查——等等……完", 8, width)
    for whole in ("4200002412202611208830"[:10], "——", "……"):
        assert any(whole in text for text in texts(lines))


def test_a_word_longer_than_the_line_is_cut_and_kept() -> None:
    lines = set_lines("a" * 100, 10, width, indent=2)
    assert "".join(texts(lines)) == "a" * 100
    assert all(line.width <= 10 for line in lines)
    assert lines[0].width <= 8


def test_a_lost_character_gets_company() -> None:
    assert texts(set_lines("甲乙丙丁戊己庚辛壬癸子。", 10, width)) == ["甲乙丙丁戊己庚辛壬", "癸子。"]


def test_the_first_line_is_shorter_by_its_indent_or_longer() -> None:
    assert len(texts(set_lines("字" * 40, 10, width, indent=2))[0]) == 8
    assert len(texts(set_lines("字" * 40, 10, width, indent=-2))[0]) == 12


def test_signs_without_a_width_stay_with_their_character() -> None:
    assert clusters("葛\U000e0100城e\u0301") == ["葛\U000e0100", "城", "e\u0301"]
    assert set_lines("", 10, width) == []


ALPHABET = "字文书投诉受理，。、；：！？（）《》“”‘’——……〔〕ab1290 .,-%😀𠮷"


@given(
    text=st.text(ALPHABET, max_size=200),
    measure=st.integers(4, 28),
    indent=st.sampled_from([0.0, 2.0]),
    justify=st.booleans(),
)
def test_nothing_is_lost_and_no_line_is_too_long(
    text: str, measure: int, indent: float, *, justify: bool
) -> None:
    lines = set_lines(text, measure, width, indent=indent, justify=justify)
    assert "".join(texts(lines)) == text
    for number, line in enumerate(lines):
        room = measure - (indent if number == 0 else 0)
        blanks = len(line.text) - len(line.text.rstrip(" "))
        marks = sum(one in FIRST_NEVER + LAST_NEVER + "—…" for one in line.text)
        forced = marks >= len(line.text.strip()) - 1  # nothing but marks: there is no good place to break
        assert line.width - 0.5 * blanks <= room + 1e-6 or forced or len(line.text) <= 2


@given(st.text("字文书投诉受理" * 4 + "，。（）《》：", min_size=1, max_size=200), st.integers(8, 28))
def test_no_forbidden_mark_at_either_end(text: str, measure: int) -> None:
    lines = texts(set_lines(text, measure, width))
    for before, after in pairwise(lines):
        run = 0  # marks in a row longer than a line must be torn somewhere
        joined = before + after
        for one in joined:
            run = run + 1 if one in FIRST_NEVER + LAST_NEVER else 0
            if run >= measure - 1:
                break
        else:
            assert after[0] not in FIRST_NEVER
            assert before[-1] not in LAST_NEVER


def test_full_lines_of_chinese_fill_the_measure() -> None:
    text = (
        "我局于二〇二六年十一月二十日收到你关于老槐树面馆食品中有异物、拒不退款的投诉。经审查，符合规定。" * 5
    )
    lines = set_lines(text, 28, width, indent=2)
    assert {round(line.width, 6) for line in lines[1:-1]} == {28}
    assert round(lines[0].width, 6) == 26
