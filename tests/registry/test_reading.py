"""Files as they come: encodings, quotes, headings, rubbish."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.registry import mapping as mappings
from webapp.registry import reading
from webapp.registry.reading import Broken, Record, Unreadable

MAP = mappings.load("baoding_export")
HEAD = "统一社会信用代码,名称,登记状态\n"


def records(text: str | bytes, encoding: str = "utf-8") -> list[Record | Broken]:
    data = text.encode(encoding) if isinstance(text, str) else text
    return list(reading.read(io.BytesIO(data), MAP))


def names(found: list[Record | Broken]) -> list[object]:
    return [entry.cells["名称"] if isinstance(entry, Record) else entry.reason for entry in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_are_found_out(encoding: str) -> None:
    assert names(records(HEAD + "x,裕华面馆,存续\n", encoding)) == ["裕华面馆"]


def test_a_rare_character_of_gb18030_and_a_late_chinese_one_are_read() -> None:
    rows = "".join(f"x{number},plain,ok\n" for number in range(40_000))
    found = records(HEAD + rows + "y,𬭚字店,存续\n", "gb18030")
    assert names(found)[-1] == "𬭚字店"
    assert len(found) == 40_001


def test_a_few_unreadable_bytes_spoil_their_rows_only() -> None:
    data = (HEAD + "a,好店,存续\n").encode() + b"b,\xff\xfe,ok\n" + "c,好店,存续\n".encode()
    found = records(data)
    assert [entry.line for entry in found] == [2, 3, 4]
    assert "\ufffd" in str(names(found)[1])


def test_a_named_encoding_is_believed_and_an_unknown_one_refused() -> None:
    assert reading.encoding_of(io.BytesIO(b"abc"), "GBK") == "gb18030"
    with pytest.raises(Unreadable, match="encoding_unknown"):
        reading.encoding_of(io.BytesIO(b"abc"), "klingon")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_and_titles_before_the_heading(delimiter: str) -> None:
    text = ("\n登记数据导出表\n导出人：王\n" + HEAD + "a,好店,存续\n").replace(",", delimiter)
    found = records(text)
    assert (found[0].line, names(found)) == (5, ["好店"])


def test_lines_are_counted_as_an_editor_does() -> None:
    found = records(HEAD.replace("\n", "\r\n") + "\r\na,好店,存续\r\n\r\nb\r\n")
    assert [entry.line for entry in found] == [3, 5]


@pytest.mark.parametrize("text", ["", "\n \n", "a,b,c\n1,2,3\n", "统一社会信用代码,名称\nx,y\n", "[1]\n"])
def test_a_file_without_the_needed_columns_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        records(text)
    assert caught.value.reason in {"empty", "columns_missing"}


def test_quotes_hold_delimiters_and_line_ends() -> None:
    found = records(HEAD + 'a,"好店,\n二楼 ""东""",存续\nb,下家,存续\n')
    assert names(found) == ['好店,\n二楼 "东"', "下家"]
    assert [entry.line for entry in found] == [2, 4]


def test_a_stray_quote_costs_its_own_line_at_most() -> None:
    rows = [f"r{number},店{number},存续" for number in range(30)]
    rows[3] = 'r3,"店3,存续'  # opened, never closed
    rows[9] = 'r9,5"烧饼,存续'  # inside a cell: harmless
    rows[20] = '"r20,店20,存续'
    found = records(HEAD + "\n".join(rows) + "\n")
    assert len(found) == 30
    assert [entry.line for entry in found if isinstance(entry, Broken)] == [5, 22]
    assert names(found)[9] == '5"烧饼'


def test_too_few_and_too_many_cells_are_refused_and_empty_ones_at_the_end_forgiven() -> None:
    found = records(HEAD + "a,b\na,b,c,d\na,好店,c,,\n,,\n")
    assert names(found) == ["columns_wrong", "columns_wrong", "好店"]


def test_an_endless_line_is_one_broken_line() -> None:
    found = records(HEAD + "x" * 3_000_000 + "\nb,好店,存续\n")
    assert names(found) == ["line_too_long", "好店"]
    assert found[1].line == 3


def test_json_lines() -> None:
    text = '{"名称": "好店", "深": {"a": 1}}\n\nnot json\n[1]\n{"名称": "二店"}\n' + "[" * 100_000 + "\n"
    found = records(text)
    assert names(found) == ["好店", "json_broken", "json_no_object", "二店", "json_broken"]
    assert [entry.line for entry in found] == [1, 3, 4, 5, 6]


def test_progress_is_told() -> None:
    told: list[int] = []
    data = (HEAD + "a,b,c\n" * 2500).encode()
    list(reading.read(io.BytesIO(data), MAP, told.append))
    assert len(told) == 2
    assert told == sorted(told)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_rubbish_is_records_or_refusals_or_an_unreadable_file(data: bytes) -> None:
    for entry in reading.read(io.BytesIO(HEAD.encode() + data), MAP):
        assert isinstance(entry, Record | Broken)
        assert entry.line >= 2
    outcome = "read"
    try:
        list(reading.read(io.BytesIO(data), MAP))
    except Unreadable as error:
        outcome = error.reason
    assert outcome in {"read", "empty", "columns_missing"}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12)), max_size=20))
def test_whatever_a_csv_writer_wrote_comes_back_line_by_line(rows: list[tuple[str, str, str]]) -> None:
    text = HEAD + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )
    found = records(text.encode("utf-8", "replace"))
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    breaks = any(c in cell for row in rows for cell in row for c in "\r")
    if not breaks:
        assert [entry for entry in found if isinstance(entry, Broken)] == []
        assert len(found) == len(kept)
