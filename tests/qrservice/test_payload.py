"""The seven bytes and the one spelling of a code."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qrservice import InvalidPayload, Malformed, NotCanonical, Payload, UnknownVersion
from qrservice.payload import code_to_token, pack, token_to_code, unpack

KIDS, SHOPS, SERIALS = st.integers(0, 31), st.integers(0, 2**32 - 1), st.integers(1, 65535)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def test_bytes_are_those_of_the_specification() -> None:
    assert pack(Payload(kid=3, shop_number=0x01020304, serial=0x0506)).hex() == "23010203040506"
    assert pack(Payload(kid=31, shop_number=2**32 - 1, serial=65535)).hex() == "3fffffffffffff"


@given(KIDS, SHOPS, SERIALS)
def test_round_trip(kid: int, shop: int, serial: int) -> None:
    payload = Payload(kid, shop, serial)
    assert unpack(pack(payload)) == payload


@pytest.mark.parametrize(
    "numbers",
    [
        (-1, 1, 1),
        (32, 1, 1),
        (0, -1, 1),
        (0, 2**32, 1),
        (0, 1, 0),
        (0, 1, 65536),
        (True, 1, 1),
        (0, "1", 1),
        (0, 1, 1.0),
    ],
)
def test_numbers_that_do_not_fit_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidPayload):
        Payload(*numbers)


@pytest.mark.parametrize("version", [0, 2, 3, 4, 5, 6, 7])
def test_other_versions_are_unknown(version: int) -> None:
    with pytest.raises(UnknownVersion) as refusal:
        unpack(bytes([version << 5 | 3]) + bytes(5) + b"\x01")
    assert refusal.value.stage == "version"


@pytest.mark.parametrize("data", [b"", b"\x23" * 6, b"\x23" * 8, bytes.fromhex("23000000010000")])
def test_wrong_length_and_serial_zero_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        unpack(data)


@given(st.binary(min_size=71, max_size=71))
def test_every_code_has_one_spelling(code: bytes) -> None:
    token = code_to_token(code)
    assert len(token) == 114
    assert token == base64.b32encode(code).decode().rstrip("=")
    assert token_to_code(token) == token_to_code(token.encode()) == code
    last = ALPHABET.index(token[-1])
    assert last % 4 == 0
    for alias in (token[:-1] + ALPHABET[last + spare] for spare in (1, 2, 3)):
        assert base64.b32decode(alias + "=" * 6) == code, "the alias would decode to the same bytes"
        with pytest.raises(NotCanonical):
            token_to_code(alias)


def test_lower_case_is_not_the_printed_spelling() -> None:
    token = code_to_token(bytes(range(71)))
    for spelling in (token.lower(), token.swapcase(), token[:1].lower() + token[1:], token.lower().encode()):
        with pytest.raises(NotCanonical) as refusal:
            token_to_code(spelling)
        assert refusal.value.stage == "canonical"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:0],
        lambda t: t[:-1],
        lambda t: t + "A",
        lambda t: t + "======",
        lambda t: t + "\n",
        lambda t: t[:-1] + "\n",
        lambda t: t[:-1] + "=",
        lambda t: t[:-6] + "======",
        lambda t: " " + t[1:],
        lambda t: "0" + t[1:],
        lambda t: "1" + t[1:],
        lambda t: "8" + t[1:],
        lambda t: "\u017f" + t[1:],  # long s, whose upper case is S
        lambda t: "\u0131" + t[1:],  # dotless i, whose upper case is I
        lambda t: "\uff21" + t[1:],  # full-width A
        lambda t: t[1:] + "\u0662",  # an Arabic digit that int() and \d accept
        lambda t: "\ufb01" + t[1:-1],  # one character whose upper case is two
        lambda t: "\0" + t[1:],
        lambda t: (t[:-1] + "é").encode("latin-1"),
        lambda t: t * 10_000,
    ],
)
def test_anything_else_is_malformed(change: object) -> None:
    token = code_to_token(bytes(range(71)))
    with pytest.raises(Malformed) as refusal:
        token_to_code(change(token))  # type: ignore[operator]
    assert refusal.value.stage == "form"


def test_a_code_of_another_length_has_no_token() -> None:
    with pytest.raises(InvalidPayload):
        code_to_token(bytes(70))
