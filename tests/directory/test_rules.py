"""Reading a search and making whole percents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.directory import rules


@pytest.mark.parametrize(
    ("typed", "terms", "number"),
    [
        ("", (), None),
        ("  \t\n ", (), None),
        ("老槐树", ("老槐树",), None),
        ("老槐树 面馆 老槐树", ("老槐树", "面馆"), None),
        ("老槐树（裕华路店）", ("老槐树", "裕华路店"), None),
        ("１２８号", ("128号",), None),
        ("42", ("42",), 42),
        ("№42", ("No42",), 42),
        ("No.000042-01", ("No.000042-01",), 42),
        ("000042", ("000042",), 42),
        ("0", ("0",), None),
        ("4294967295", ("4294967295",), 4294967295),
        ("4294967296", ("4294967296",), None),
        ("٤٢", ("٤٢",), None),
        ("a b c d e f", ("a", "b", "c", "d"), None),
    ],
)
def test_queries(typed: str, terms: tuple[str, ...], number: int | None) -> None:
    query = rules.read_query(typed)
    assert (query.terms, query.number) == (terms, number)


@given(st.text(max_size=300))
def test_any_text_is_read(typed: str) -> None:
    query = rules.read_query(typed)
    assert len(query.text) <= rules.QUERY_LONGEST
    assert len(query.terms) <= rules.TERMS_MOST
    assert all(term and term.isprintable() and not any(c.isspace() for c in term) for term in query.terms)
    assert query.number is None or 1 <= query.number <= rules.NUMBER_MOST


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("河北省保定市莲池区裕华东路128号", "裕华东路128号"),
        ("保定市莲池区裕华东路", "裕华东路"),
        ("裕华东路128号", "裕华东路128号"),
        ("涿州市保定市路1号", "涿州市保定市路1号"),
    ],
)
def test_addresses_beside_their_county(address: str, shown: str) -> None:
    assert rules.without_region(address, ["河北省", "保定市", "莲池区"]) == shown
