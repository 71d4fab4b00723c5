"""Documents as PDF: what is read out of them by an independent reader (PDFium) and by a symbol reader (ZXing)."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import re
import subprocess
import sys
import unicodedata
import zlib
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.letters.samples import CHECK_URL, CODE, FACTS, WORDS, draw, make
from webapp.letters import drawing, faces, layout
from webapp.letters.content import Content, Imprint, Row, Signature, Signing
from webapp.letters.drawing import SealUnusable
from webapp.letters.rules import KINDS
from webapp.letters.setting import Setter
from webapp.settings import ROOT

CLOSING = "，。、；：！？）》」』】〉〕”’"


def opened(data: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(data)


def text_of(data: bytes) -> str:
    document = opened(data)
    return "".join(page.get_textpage().get_text_bounded() for page in document)


def bare(text: str) -> str:
    """Without blanks and line ends; PDFium gives hyphens at line ends as U+FFFE or U+0002."""
    return re.sub(r"[\s\u3000\ufffe\x02]+", "", text).replace("\xad", "-")


def said(content: Content) -> list[str]:
    """Every text of the content."""
    texts = [content.organisation, content.title, content.number]
    for block in content.blocks:
        if isinstance(block, Row):
            texts += [text for cell in block.cells for text in cell]
        elif isinstance(block, (Signature, Imprint)):
            texts += block.lines
        elif isinstance(block, Signing):
            texts += block.places
        else:
            texts.append(block.text)
    return texts


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Content, drawing.Drawn]]:
    """Each kind's sample, drawn once."""
    made = {kind: make(kind) for kind in KINDS}
    return {kind: (content, draw(content)) for kind, content in made.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_everything_said_is_in_the_file_and_can_be_searched(
    kind: str, drawn: dict[str, tuple[Content, drawing.Drawn]]
) -> None:
    content, made = drawn[kind]
    found = bare(text_of(made.data))
    for text in said(content):
        for part in re.split(r"\s+", text):
            assert sorted(bare(part)) == sorted(one for one in bare(part) if one in found), part
    for text in said(content):  # short texts stand in one piece
        if len(text) < 14:
            assert bare(text) in found, text
    assert made.missing == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_carries_a_symbol_that_reads_and_says_which_page_it_is(
    kind: str, drawn: dict[str, tuple[Content, drawing.Drawn]]
) -> None:
    content, made = drawn[kind]
    document = opened(made.data)
    assert len(document) == made.pages
    for number, page in enumerate(document, 1):
        assert [round(side) for side in page.get_size()] == [595, 842]
        picture = page.render(scale=120 / 72).to_pil()
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"{CHECK_URL}/{CODE}"]
        text = bare(page.get_textpage().get_text_bounded())
        assert f"第{number}页，共{made.pages}页" in text
        assert "k3vq7-h2mxw-z5rjd-4ptab" in text
        assert content.number in text


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaves_the_type_area(kind: str, drawn: dict[str, tuple[Content, drawing.Drawn]]) -> None:
    """GB/T 9704-2012: 156 mm × 225 mm between margins of 28 mm at the left and 37 mm above."""
    setter = plain_setter()
    assert (round(layout.WIDTH / layout.MM), round(layout.HEIGHT / layout.MM)) == (156, 225)
    for page in setter.pages(drawn[kind][0]):
        for item in page.items:
            if isinstance(item, layout.Text) and not item.angle:
                assert item.x >= layout.LEFT - 0.1
                assert item.x + item.line.width * item.size <= layout.LEFT + layout.WIDTH + 0.6
                assert layout.TOP < item.y < layout.PAGE_HEIGHT - 5 * layout.MM


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_begins_with_a_closing_mark(
    kind: str, drawn: dict[str, tuple[Content, drawing.Drawn]]
) -> None:
    for page in opened(drawn[kind][1].data):
        for line in page.get_textpage().get_text_bounded().splitlines():
            assert not line or line[0] not in CLOSING, line


def test_the_same_content_gives_the_same_bytes(drawn: dict[str, tuple[Content, drawing.Drawn]]) -> None:
    for kind in ("acceptance", "complaint_registration"):
        content, made = drawn[kind]
        assert draw(content).data == made.data
    faces.let_go()  # and when the faces are opened anew
    assert draw(drawn["acceptance"][0]).data == drawn["acceptance"][1].data
    assert draw(make("acceptance", number=13)).data != drawn["acceptance"][1].data


def test_another_process_gives_the_same_bytes(drawn: dict[str, tuple[Content, drawing.Drawn]]) -> None:
    """A file that got lost is drawn again by whichever worker is asked for it."""
    told = (
        "import hashlib; from tests.letters.samples import draw, make;"
        " print(hashlib.sha256(draw(make('refusal')).data).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", told],
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "America/New_York"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == hashlib.sha256(drawn["refusal"][1].data).hexdigest()


def test_what_a_reader_program_is_told(drawn: dict[str, tuple[Content, drawing.Drawn]]) -> None:
    content, made = drawn["acceptance"]
    told = opened(made.data).get_metadata_dict()
    assert told["Title"] == f"{content.title} {content.number}"
    assert told["Author"] == content.organisation
    assert b"/Lang (zh-CN)" in made.data
    assert b"/DisplayDocTitle true" in made.data
    assert made.data.count(b"/FontFile2") >= 2
    assert b"/Helvetica" not in made.data, "every face is embedded"


def test_ten_thousand_characters_run_over_pages_and_none_is_lost() -> None:
    signs = "".join(chr(0x4E00 + at) for at in range(3000))
    story = "\n".join(f"第{at}段，" + signs[at * 25 : at * 25 + 80] + "。" for at in range(115))
    assert len(story) > 9_900
    for kind, fact in (("complaint_registration", "story"), ("tip_result", "explanation")):
        made = draw(make(kind, **{fact: story}))
        assert made.pages > 8
        assert bare(text_of(made.data)).count("段，") == 115
        lost = set(bare(story)) - set(bare(text_of(made.data)))
        assert lost == set()


def plain_setter() -> Setter:
    """Sets without faces: Han characters one em, others half."""
    return Setter(lambda one, _face: 1.0 if one >= "\u2000" else 0.5, lambda _one: True, WORDS)


def test_a_signature_never_stands_alone() -> None:
    """However long the text, at least two of its lines are on the page of the signature."""
    pages_seen = set()
    for lines in range(40):
        pages = plain_setter().pages(make("tip_result", explanation="查" * (26 + 28 * lines)))
        body = [one for one in pages[-1].items if isinstance(one, layout.Text) and one.size == layout.SIZE]
        (signed,) = [one.y for one in body if one.line.text == "保定市莲池区市场监督管理局"]
        assert sum(one.y < signed for one in body) >= 2, lines
        pages_seen.add(len(pages))
    assert pages_seen == {1, 2, 3}


ODD = "😀👨\u200d👩\u200d👧🇨🇳𠮷𫚈䶮㛃עבריתعربية\u0301e\u0301葛\U000e0100™①㎡〇□—…"


def test_a_character_without_glyph_is_a_box_is_counted_and_can_still_be_copied() -> None:
    made = draw(make("acceptance", complainant_name=f"王{ODD}燕"))
    text = text_of(made.data)
    lacking = ["😀", "👨", "👩", "👧", "🇨", "🇳", "𠮷", "𫚈", *"עברית", *"ةعربي"]
    assert made.missing >= len(set(lacking))
    streams = page_streams(made.data)
    for one in [*lacking, "䶮", "㛃", "①", "㎡", "〇", "™"]:
        # PDFium gives no character beyond the basic plane out of an ActualText; other readers do.
        assert one in text or f"<FEFF{one.encode('utf-16-be').hex().upper()}" in streams, f"U+{ord(one):04X}"
    assert f"本文书有{made.missing}个字符没有字形，印作“□”：U+1F600、" in bare(text)


def page_streams(data: bytes) -> str:
    """What the pages' content streams say."""
    found = []
    for packed in re.findall(
        rb"/FlateDecode \] /Length \d+\s*>>\s*stream\r?\n(.*?)endstream", data, re.DOTALL
    ):
        try:
            found.append(zlib.decompressobj().decompress(packed))
        except zlib.error:
            continue
    return b"".join(found).decode("latin-1")


def visible(text: str) -> set[str]:
    return {one for one in text if faces.drawn(one) not in {None, " "} and one not in "\n\u3000\ufffd"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    typed=st.text(
        st.one_of(
            st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
            st.sampled_from("，。、；：！？（）《》“”——……abc 123-/.\n"),
            st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Mn", "Me", "Mc", "Zl", "Zp"]),
        ),
        min_size=1,
        max_size=400,
    ).filter(str.strip)
)
def test_no_character_is_lost(typed: str) -> None:
    from webapp.letters.composing import clean

    content = make("tip_result", explanation=typed)
    made = draw(content)
    found, streams = set(bare(text_of(made.data))), page_streams(made.data)
    for one in visible(clean(typed)):
        # PDFium takes some signs apart (U+FB01 becomes fi) and leaves out others: then the file's own words decide.
        forms = {one, *unicodedata.normalize("NFKD", one)}
        assert forms & found or f"FEFF{one.encode('utf-16-be').hex().upper()}" in streams, f"U+{ord(one):04X}"


def test_a_proof_says_so_and_has_no_symbol() -> None:
    from dataclasses import replace

    made = draw(replace(make("acceptance", number=1), code="", number="（编号待定）"))
    text = bare(text_of(made.data))
    assert "预览稿" in text
    assert "不作凭证" in text
    picture = opened(made.data)[0].render(scale=2).to_pil()
    assert zxingcpp.read_barcodes(picture) == []


def seal_png(side: int = 300, height: int | None = None) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (side, height or side), (200, 30, 30, 120)).save(out, "PNG")
    return out.getvalue()


def test_the_bureaus_own_seal_stands_in_the_place_of_the_frame() -> None:
    content = make("acceptance")
    sealed = drawing.draw(content, WORDS, None, seal_png()).data
    assert "（印章）" not in text_of(sealed)
    assert "（印章）" in text_of(draw(content).data)
    picture = opened(sealed)[0].render(scale=1).to_pil().convert("RGB")
    data = picture.tobytes()
    reds = sum(
        r > 180 and g < 170 and b < 170 for r, g, b in zip(data[::3], data[1::3], data[2::3], strict=True)
    )
    assert reds > 8_000


@pytest.mark.parametrize("wrong", [b"no picture", seal_png(300, 200), seal_png(2001)])
def test_a_seal_that_cannot_be_printed_is_refused(wrong: bytes) -> None:
    with pytest.raises(SealUnusable):
        drawing.draw(make("acceptance"), WORDS, None, wrong)


def test_a_bureaus_own_face_is_taken(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "body.ttf").write_bytes((faces.SHIPPED / "NotoSansSC-Regular.ttf").read_bytes())
    data = draw(make("acceptance"), tmp_path).data
    assert b"NotoSansSC" in data
    assert b"NotoSerifSC" in data, "the title's face stays the shipped one"


def test_the_faces_are_let_go() -> None:
    """Each takes some 27 MB: a worker that issues nothing must not hold them."""
    from reportlab.pdfbase.ttfonts import TTFont

    draw(make("acceptance"))
    faces.let_go()
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, TTFont)] == []


def test_missing_fonts_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(faces, "SHIPPED", tmp_path)
    with pytest.raises(faces.FontsMissing) as error:
        draw(make("acceptance"))
    assert error.value.details["folder"] == str(tmp_path)


def test_a_very_long_organisation_name_fits() -> None:
    from dataclasses import replace

    content = replace(make("acceptance"), organisation="保定市" * 20 + "市场监督管理局")
    assert draw(content).pages >= 1


def test_every_table_row_keeps_its_words_beside_its_value() -> None:
    made = draw(make("complaint_registration", story="甲" * 3000))
    assert made.pages > 2
    assert bare(text_of(made.data)).count("甲") == 3000
    assert all(
        FACTS["complaint_registration"][name] in bare(text_of(made.data)) for name in ("phone", "id_number")
    )
