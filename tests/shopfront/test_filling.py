"""Pages with gaps: what comes out is gzip of exactly the filled page."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.shopfront.filling import Gap, fill, pack

MARKERS = {b"@@ONE@@": 1, b"@@TWO@@": 2}


@given(
    st.lists(st.one_of(st.binary(max_size=300), st.sampled_from(list(MARKERS))), max_size=12),
    st.binary(max_size=200),
    st.binary(max_size=200),
)
def test_filled_is_what_replacing_would_give(parts: list[bytes], one: bytes, two: bytes) -> None:
    body = b"".join(parts)
    pieces = pack(body, {b"@@ONE@@": Gap(1, len(one)), b"@@TWO@@": Gap(2, len(two))})
    expected = b""
    rest = body
    while rest:
        marker = next((gap for gap in MARKERS if rest.startswith(gap)), None)
        if marker is None:
            expected += rest[:1]
            rest = rest[1:]
        else:
            expected += one if MARKERS[marker] == 1 else two
            rest = rest[len(marker) :]
    assert gzip.decompress(fill(pieces, {1: one, 2: two})) == expected


def test_it_is_one_member_and_small() -> None:
    body = b"<li>the same again</li>" * 400 + b"@@ONE@@" + b"<li>the same again</li>" * 400
    filled = fill(pack(body, {b"@@ONE@@": Gap(1, 114)}), {1: b"A" * 114})
    decoder = zlib.decompressobj(31)
    assert decoder.decompress(filled).count(b"A") == 114
    assert decoder.eof
    assert decoder.unused_data == b""
    assert len(filled) < 500


def test_a_value_of_another_length_is_refused() -> None:
    packed = pack(b"a @@ONE@@", {b"@@ONE@@": Gap(1, 4)})
    with pytest.raises(ValueError, match="4 bytes"):
        fill(packed, {1: b"12345"})
