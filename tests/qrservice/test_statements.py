"""Signed statements and the packed status list: what is written is read back, and nothing else is."""

from __future__ import annotations

import contextlib
import json

import joserfc.jws
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from qrservice import KeyRing, KeyState, PemSigner
from qrservice.errors import QrServiceError, StatementRefused, UnknownKey
from qrservice.statements import canonical, decode, encode, is_current, read_statement, sign_statement
from qrservice.statuslist import LIST_KIND, StatusList, StickerStatus, pack_statuses

CLAIMS = {"sub": "ydym.test/x", "iat": 1000, "exp": 2000}


def test_an_ordinary_jose_library_reads_a_statement(signer: PemSigner, ring: KeyRing) -> None:
    text = sign_statement(LIST_KIND, CLAIMS, signer)
    key = OKPKey.import_key({**ring.to_jwks()["keys"][0], "alg": "Ed25519"})
    read = joserfc.jws.deserialize_compact(text, key, algorithms=["Ed25519"])
    assert json.loads(read.payload) == CLAIMS
    assert read.protected == {"alg": "Ed25519", "kid": "3", "typ": LIST_KIND}
    assert read_statement(text, LIST_KIND, ring) == CLAIMS


def test_every_change_of_a_letter_is_refused(signer: PemSigner, ring: KeyRing) -> None:
    text = sign_statement(LIST_KIND, CLAIMS, signer)
    for place, letter in enumerate(text):
        for other in {"A", "B", "_", ".", "é"} - {letter}:
            with pytest.raises(QrServiceError):
                read_statement(text[:place] + other + text[place + 1 :], LIST_KIND, ring)


@pytest.mark.parametrize("state", [KeyState.COMPROMISED, KeyState.WITHDRAWN])
def test_a_key_that_may_be_stolen_states_nothing(signer: PemSigner, state: KeyState) -> None:
    text = sign_statement(LIST_KIND, CLAIMS, signer)
    with pytest.raises(UnknownKey):
        read_statement(text, LIST_KIND, KeyRing([signer.public_key(state)]))
    assert read_statement(text, LIST_KIND, KeyRing([signer.public_key(KeyState.RETIRED)])) == CLAIMS


def test_another_kind_and_a_header_with_more(signer: PemSigner, ring: KeyRing) -> None:
    with pytest.raises(StatementRefused):
        read_statement(sign_statement("jwt", CLAIMS, signer), LIST_KIND, ring)
    header = encode(canonical({"alg": "Ed25519", "kid": "3", "typ": LIST_KIND, "crit": ["b64"]}))
    signed = f"{header}.{encode(canonical(CLAIMS))}"
    with pytest.raises(StatementRefused):
        read_statement(f"{signed}.{encode(signer.sign(signed.encode()))}", LIST_KIND, ring)


@given(st.text(max_size=60))
def test_whatever_the_text_a_refusal_is_orderly(text: str) -> None:
    with pytest.raises(QrServiceError):
        read_statement(text, LIST_KIND, KeyRing())


@given(st.binary(max_size=40))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = encode(data)
    assert decode(text) == data
    for letter in "AQgwB-_=":
        if text and letter != text[-1]:
            other = text[:-1] + letter
            with contextlib.suppress(StatementRefused):
                assert decode(other) != data


@pytest.mark.parametrize(
    ("now", "good"), [(699, False), (700, True), (1000, True), (1999, True), (2000, False)]
)
def test_the_time_of_a_statement(now: int, good: bool) -> None:  # noqa: FBT001
    assert is_current(CLAIMS, now) is good
    assert not is_current({"iat": 1000}, now)
    assert not is_current({"iat": 1000.0, "exp": 2000}, now)


SHOPS = st.lists(st.lists(st.sampled_from(StickerStatus), max_size=9), max_size=40)


@given(SHOPS, st.integers(0, 3).map(lambda number: number * 65_536))
def test_a_list_reads_back(shops: list[list[StickerStatus]], first: int) -> None:
    found = StatusList(json.loads(canonical(pack_statuses(first, shops))))
    assert found.by_shop() == shops
    assert len(found) == sum(map(len, shops))
    for place, statuses in enumerate(shops):
        for serial, status in enumerate(statuses, 1):
            assert found.find(first + place, serial) is status
        assert found.find(first + place, len(statuses) + 1) is None
    assert found.find(first + len(shops), 1) is None
    assert found.find(first - 1, 1) is None
    assert found.find(first, 0) is None


def test_a_shop_with_very_many_stickers() -> None:
    statuses = [StickerStatus(number % 4) for number in range(65_535)]
    found = StatusList(pack_statuses(0, [[], statuses]))
    assert found.find(1, 65_535) is statuses[-1]
    with pytest.raises(ValueError):
        pack_statuses(0, [[*statuses, StickerStatus.VALID]])


def test_broken_lists_are_refused() -> None:
    good = pack_statuses(0, [[StickerStatus.VALID] * 3])
    other = pack_statuses(0, [[StickerStatus.VALID] * 30])
    for broken in (
        {},
        {**good, "shops": None},
        {**good, "shops": {**good["shops"], "first": -1}},
        {**good, "shops": {**good["shops"], "first": True}},
        {**good, "shops": other["shops"]},
        {**good, "shops": {"first": 0, "counts": "AAAA"}},
        {**good, "shops": {"first": 0, "counts": good["shops"]["counts"][:-4]}},
        {**good, "status_list": {"bits": 1, "lst": good["status_list"]["lst"]}},
        {**good, "status_list": {"bits": 2, "lst": 7}},
    ):
        with pytest.raises(StatementRefused):
            StatusList(broken)


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    import zlib

    bomb = encode(zlib.compress(bytes(40_000_000), 9))
    with pytest.raises(StatementRefused):
        StatusList({"shops": {"first": 0, "counts": bomb}, "status_list": {"bits": 2, "lst": bomb}})
