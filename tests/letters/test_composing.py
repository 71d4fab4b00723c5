"""Forms as a bureau writes them, and facts put into them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.letters.samples import FACTS, make
from webapp.letters import composing
from webapp.letters.composing import FormFault, clean, load
from webapp.letters.content import (
    Addressee,
    Content,
    Imprint,
    Note,
    Paragraph,
    Row,
    Signature,
    Signing,
    parse,
)
from webapp.letters.rules import KINDS, Form, Law

ACCEPTANCE = KINDS["acceptance"]
HEAD = "title: 通知\nmark: 通\n---\n"
BODY = "{complainant_name}{received_on}{respondent_name}{matter}{contact}{contact_phone}"


def written(folder: Path, text: str) -> Path:
    (folder / "acceptance.txt").write_text(text, "utf-8")
    return folder


def texts(content: Content) -> str:
    return "\n".join(one.text for one in content.blocks if isinstance(one, (Paragraph, Addressee)))


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_shipped_form_can_be_read_and_says_where_its_words_are_from(kind: Any, law: Law) -> None:
    sheet = load(kind, law)
    assert sheet.source
    assert sheet.seal == "（印章）"
    assert "?" not in sheet.article
    for line in sheet.lines:
        assert "?" not in composing._PLACE.sub("", line.text), "a doubt is for the source, not for print"


def test_every_fact_of_a_kind_has_a_place_in_some_form_of_it() -> None:
    for kind in KINDS.values():
        said = {place for law in kind.laws for line in load(kind, law).lines for place in line.places()}
        unsaid = {fact.name for fact in kind.facts} - {name.removesuffix("_in_characters") for name in said}
        assert unsaid == set(), kind.code


def test_law_and_article_follow_the_day_of_receipt() -> None:
    old, new = make("refusal", Law.ORDER_20), make("refusal", Law.ORDER_121)
    assert "《市场监督管理投诉举报处理暂行办法》第十五条第（三）项的规定" in texts(old)
    assert "《市场监督管理投诉举报处理办法》第十六条第一款第（三）项的规定" in texts(new)
    assert make("transfer_notice", Law.ORDER_20).title == "投诉举报转办通知书"
    assert make("transfer_notice", Law.ORDER_121).title == "投诉举报分送通知书"


def test_an_article_that_nobody_has_read_is_not_printed() -> None:
    assert "根据《市场监督管理投诉举报处理办法》的规定" in texts(make("tip_result"))


def test_a_line_without_its_optional_fact_is_left_out() -> None:
    with_it, without = (
        texts(make("acceptance")),
        texts(make("acceptance", entrusted_to=None, mediate_by=None)),
    )
    assert "委托莲池区裕华商圈消费维权服务站" in with_it
    assert "委托" not in without
    assert "终止调解" not in without
    assert "特此告知。" in without
    rows = [
        row
        for row in make("tip_registration", named=False, tipster_name=None, phone="").blocks
        if isinstance(row, Row)
    ]
    assert ("举报人姓名", "") not in [cell for row in rows for cell in row.cells]


def test_every_sort_of_block(tmp_path: Path) -> None:
    form = HEAD + BODY.join(
        [
            "# 说明\n@ {complainant_name}：\n| 甲 | {matter} | 乙 | {contact}\n",
            "\n_ 甲方： | 乙方：\n> {organisation}\n> {issued_on}\n. 注：一\n= 抄送：某局\n",
        ]
    )
    content = make("acceptance", folder=written(tmp_path, form))
    assert [type(block) for block in content.blocks] == [
        Addressee, Row, Paragraph, Signing, Signature, Note, Imprint,
    ]  # fmt: skip
    assert content.blocks[1] == Row((("甲", "食品中有异物、拒不退款"), ("乙", "李明")))
    assert content.blocks[4] == Signature(("保定市莲池区市场监督管理局", "2026年11月28日"), "（印章）")


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("title: 通知\nmark: 通\n", "must stand between head and text"),
        ("mark: 通\n---\n" + BODY, "title is missing"),
        ("title: 通知\nmark: 通\nnonsense\n---\n" + BODY, "line 3: not a head line"),
        ("title: 通知\nmark order7: 通\n---\n" + BODY, "no such law: order7"),
        (HEAD + BODY + "{made_up}", "no fact {made_up}"),
        (HEAD + BODY.replace("{contact}", ""), "not said: contact"),
        (HEAD + BODY + "{", "a brace"),
        (HEAD + BODY + "\n| 甲 | {matter} | 乙", "pairs of word and value"),
        (HEAD + BODY + "\n* {matter}", "a list stands alone"),
    ],
)
def test_a_broken_form_is_named(tmp_path: Path, form: str, why: str) -> None:
    with pytest.raises(FormFault) as fault:
        load(ACCEPTANCE, Law.ORDER_121, written(tmp_path, form))
    assert why in str(fault.value)
    assert str(fault.value).startswith("acceptance.txt")


def test_a_corrected_form_is_read_anew(tmp_path: Path) -> None:
    import os

    path = written(tmp_path, HEAD + BODY) / "acceptance.txt"
    assert load(ACCEPTANCE, Law.ORDER_121, tmp_path).title == "通知"
    path.write_text((HEAD + BODY).replace("通知", "告知"), "utf-8")
    os.utime(path, ns=(1, 1))
    assert load(ACCEPTANCE, Law.ORDER_121, tmp_path).title == "告知"


TRICKS = [
    "{organisation}",
    "| 姓名 | 伪造 |",
    "> 某某局\n> 二〇二六年",
    "---",
    "{complainant_name?}",
    "@ 你好",
    "\\{law}",
]


@pytest.mark.parametrize("typed", TRICKS)
def test_what_people_write_cannot_become_a_form(typed: str) -> None:
    content = make("complaint_registration", story=typed)
    (story,) = [
        value for row in content.blocks if isinstance(row, Row) for word, value in row.cells if "事实" in word
    ]
    assert story == typed
    assert len(content.blocks) == len(make("complaint_registration").blocks)
    plain = make("acceptance", matter=typed)
    assert [type(one) for one in plain.blocks if isinstance(one, (Row, Signature))] == [Signature]


def test_lines_of_a_fact_become_paragraphs() -> None:
    content = make("tip_result", result="一是立案。\r\n\r\n  二是责令改正。\n")
    paragraphs = [one.text for one in content.blocks if isinstance(one, Paragraph)]
    at = paragraphs.index("一是立案。")
    assert paragraphs[at + 1] == "二是责令改正。"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\tb", "a b"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("\u202e反\ufeff", "反"),
        ("\x00\x07a", "a"),
        (" a ", "a"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_signs_that_nobody_can_see_are_dropped(text: str, plain: str) -> None:
    assert clean(text) == plain


@given(st.text(max_size=60).filter(clean))
def test_content_comes_back_from_its_canonical_text(typed: str) -> None:
    content = make("acceptance", matter=typed)
    again = parse(content.canonical())
    assert again == content
    assert again.canonical() == content.canonical()
    assert again.sha256() == content.sha256()


def test_the_hash_hangs_on_every_word() -> None:
    hashes = {make("acceptance", number=number).sha256() for number in (1, 2)}
    hashes |= {make("acceptance", matter=matter).sha256() for matter in ("甲", "乙")}
    assert len(hashes) == 4


def test_all_samples_state_every_fact() -> None:
    """So that the pictures that people look at show every line."""
    for code, kind in KINDS.items():
        lacking = {fact.name for fact in kind.facts} - set(FACTS[code])
        assert lacking <= {"complainant_agent", "complainant_agent_phone"}, code
        assert not any(fact.form is Form.LIST and len(FACTS[code][fact.name]) < 1 for fact in kind.facts)
