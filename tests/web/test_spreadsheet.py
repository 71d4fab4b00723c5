"""Tables for spreadsheets: nothing in them is run, and all of them is read back."""

from __future__ import annotations

import csv
import io

import pytest

from webapp.web import spreadsheet


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("老槐树", "老槐树"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_cells_that_a_spreadsheet_would_run(cell: str, safe: str) -> None:
    assert spreadsheet.harmless(cell) == safe


def test_a_table_is_read_back_as_it_was_written() -> None:
    rows = [["店", "说"], ["老槐树", 'he said "hm",\nthen left'], ["=1+1", ""]]
    text = "".join(spreadsheet.as_csv(rows))
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [*rows[:2], ["'=1+1", ""]]
