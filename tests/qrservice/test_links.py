"""Issuing, decoding and reading codes; nothing but the issued token of this host is accepted."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from qrservice import (
    BadSignature,
    CodeRefused,
    InvalidHost,
    InvalidPayload,
    KeyRing,
    KeyState,
    NotOurLink,
    Payload,
    PemSigner,
    UnknownKey,
    UnknownVersion,
    build_url,
    decode,
    generate_private_pem,
    human_check,
    issue,
    parse_token,
    same_human_check,
    serial_label,
)
from qrservice.curve import GROUP_ORDER
from qrservice.links import HUMAN_ALPHABET
from qrservice.payload import code_to_token, token_to_code
from qrservice.signing import message_of

HOST = "ydym.test"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SIGNER = PemSigner(3, generate_private_pem())
RING = KeyRing([SIGNER.public_key()])


@given(st.integers(0, 2**32 - 1), st.integers(1, 65535))
def test_round_trip(shop: int, serial: int) -> None:
    payload = Payload(3, shop, serial)
    token = issue(payload, HOST, SIGNER)
    assert decode(token, HOST, RING) == decode(token.encode(), HOST, RING) == payload


def test_signed_message_is_that_of_the_specification() -> None:
    assert message_of(b"1234567", HOST) == b"ydym-sticker-v1\0ydym.test\x001234567"


def test_every_bit_of_a_code_counts(token: str, ring: KeyRing) -> None:
    code = token_to_code(token)
    assert decode(token, HOST, ring) == Payload(3, 123, 4)
    stages = set()
    for bit in range(8 * len(code)):
        changed = bytearray(code)
        changed[bit // 8] ^= 0x80 >> bit % 8
        with pytest.raises(CodeRefused) as refusal:
            decode(code_to_token(bytes(changed)), HOST, ring)
        stages.add(refusal.value.stage)
    assert stages == {"version", "key", "signature", "form"}  # form: serial 4 with its one bit cleared is 0


def test_every_other_character_is_refused(token: str, ring: KeyRing) -> None:
    for place in range(len(token)):
        for character in set(ALPHABET) - {token[place]}:
            with pytest.raises(CodeRefused):
                decode(token[:place] + character + token[place + 1 :], HOST, ring)


def test_random_mutations_are_refused(token: str, ring: KeyRing) -> None:
    source = random.Random(20260101)
    characters = ALPHABET + ALPHABET.lower() + "0189=-_%/ \n\u017f\u0131\uff21é"
    accepted = 0
    for _ in range(20_000):
        letters = list(token)
        for _ in range(source.randint(1, 4)):
            place, kind = source.randrange(len(letters)), source.randrange(8)
            if kind == 0:
                letters.insert(place, source.choice(characters))
            elif kind == 1 and len(letters) > 1:
                del letters[place]
            elif kind == 2:
                letters[0], letters[place] = letters[place], letters[0]
            else:
                letters[place] = source.choice(characters)
        mutation = "".join(letters)
        if mutation == token:
            continue
        try:
            decode(mutation, HOST, ring)
        except CodeRefused:
            continue
        accepted += 1
    assert accepted == 0


def test_a_second_signature_made_by_adding_the_group_order_is_refused(token: str, ring: KeyRing) -> None:
    code = token_to_code(token)
    scalar = int.from_bytes(code[39:], "little") + GROUP_ORDER
    with pytest.raises(BadSignature):
        decode(code_to_token(code[:39] + scalar.to_bytes(32, "little")), HOST, ring)


def test_stages(token: str, ring: KeyRing, signer: PemSigner) -> None:
    for host in ("ydym.example", "ydym.test:8000", "test"):
        with pytest.raises(BadSignature) as bad:
            decode(token, host, ring)
        assert bad.value.stage == "signature"
    other = PemSigner(4, generate_private_pem())
    with pytest.raises(UnknownKey):
        decode(issue(Payload(4, 1, 1), HOST, other), HOST, ring)
    with pytest.raises(UnknownKey):
        decode(token, HOST, KeyRing([signer.public_key(KeyState.WITHDRAWN)]))
    with pytest.raises(BadSignature):
        decode(token, HOST, KeyRing([PemSigner(3, generate_private_pem()).public_key()]))
    with pytest.raises(UnknownVersion):
        decode(code_to_token(b"\x43" + token_to_code(token)[1:]), HOST, ring)
    assert decode(token, HOST, KeyRing([signer.public_key(KeyState.RETIRED)])) == Payload(3, 123, 4)


def test_the_key_number_must_be_the_signers(signer: PemSigner) -> None:
    with pytest.raises(InvalidPayload):
        issue(Payload(5, 1, 1), HOST, signer)


def test_a_signer_that_returns_nonsense_is_noticed() -> None:
    class Broken:
        kid = 1

        def sign(self, message: bytes) -> bytes:
            return message[:10]

    with pytest.raises(InvalidPayload):
        issue(Payload(1, 1, 1), HOST, Broken())


def test_openssl_agrees(tmp_path: Path, token: str, signer: PemSigner) -> None:
    """An outside verifier accepts the signature over the specified bytes, and no other bytes."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is part of every machine that this product is built on"
    code = token_to_code(token)
    key = Ed25519PublicKey.from_public_bytes(signer.public_key().raw)
    (tmp_path / "key.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(code[7:])
    (tmp_path / "message").write_bytes(b"ydym-sticker-v1\0" + HOST.encode() + b"\0" + code[:7])
    (tmp_path / "forged").write_bytes(b"ydym-sticker-v1\0" + HOST.encode() + b"\0" + code[:6] + b"\x05")
    command = [
        openssl,
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-sigfile",
        "signature",
        "-in",
    ]
    results = [
        subprocess.run([*command, name], cwd=tmp_path, capture_output=True, check=False).returncode
        for name in ("message", "forged")
    ]
    assert results[0] == 0
    assert results[1] != 0


@pytest.mark.parametrize(
    "host",
    ["", "Ydym.test", "ydym.test/", "ydym test", "ydym.tést", ".ydym", "ydym.", "-a.b", "a..b", "a:", "a:b", "a:123456",
     "a:1:2", ":80", "a\n", "a" * 254, "a:\u0661"],
)  # fmt: skip
def test_hosts_that_are_none(host: str, signer: PemSigner) -> None:
    with pytest.raises(InvalidHost):
        issue(Payload(3, 1, 1), host, signer)


def test_urls(token: str) -> None:
    assert build_url(HOST, token) == f"https://ydym.test/c/{token}"
    assert build_url("127.0.0.1:8000", token, "http") == f"http://127.0.0.1:8000/c/{token}"
    with pytest.raises(InvalidHost):
        build_url(HOST, token, "ftp")


def test_links_are_read(token: str) -> None:
    for link in (
        f"https://ydym.test/c/{token}",
        f"HTTPS://YDYM.TEST/c/{token}",
        f"http://ydym.test/c/{token}",
        f" https://ydym.test/c/{token}\n",
        f"https://ydym.test/c/{token}?from=groupmessage#top",
    ):
        assert parse_token(link, HOST) == token


@pytest.mark.parametrize(
    "link",
    [
        "",
        "{t}",
        "ydym.test/c/{t}",
        "ftp://ydym.test/c/{t}",
        "https://ydym.test.evil.example/c/{t}",
        "https://evil.example/c/{t}",
        "https://ydym.test@evil.example/c/{t}",
        "https://evil.example/https://ydym.test/c/{t}",
        "https://user@ydym.test/c/{t}",
        "https://ydym.test:443/c/{t}",
        "https://ydym.test/C/{t}",
        "https://ydym.test/c/{t}/",
        "https://ydym.test/c/{t}A",
        "https://ydym.test/c//{t}",
        "https://ydym.test/s/123",
        "https://ydym.test",
        "https://ydym.te\u017ft/c/{t}",
        "https://ydym.test\\/c/{t}",
        "https://ydym.test/c/{t}" + "?" + "a" * 3000,
    ],
)
def test_other_links_are_not_ours(token: str, link: str) -> None:
    with pytest.raises(NotOurLink) as refusal:
        parse_token(link.format(t=token), HOST)
    assert refusal.value.stage == "link"


def test_only_https_when_asked(token: str) -> None:
    with pytest.raises(NotOurLink):
        parse_token(f"http://ydym.test/c/{token}", HOST, ("https",))


def test_human_check_follows_its_documented_derivation() -> None:
    # Worked out by hand from the docstring for the code of 71 zero bytes.
    digest = hashlib.sha256(b"ydym-human-check-v1\0" + bytes(71)).digest()
    number = int.from_bytes(digest[:8], "big")
    digits = ["34679ACDEFGHJKMNPQRTUVWXY"[number // 25**power % 25] for power in range(8)]
    assert human_check("A" * 114) == "".join(digits[:4]) + " " + "".join(digits[4:])


def test_human_check_differs_between_stickers_of_a_shop() -> None:
    groups = {human_check(issue(Payload(3, 123, serial), HOST, SIGNER)) for serial in range(1, 300)}
    assert len(groups) == 299
    assert {c for group in groups for c in group} == set(HUMAN_ALPHABET) | {" "}


def test_human_check_is_for_real_tokens_only(token: str) -> None:
    with pytest.raises(CodeRefused):
        human_check(token.lower())


def test_typed_check_groups() -> None:
    assert same_human_check("7kqm-9xta", "7KQM 9XTA")
    assert same_human_check("7 K Q M 9 X T A", "7KQM 9XTA")
    for typed in ("", "7KQM", "7KQM 9XTX", "7KQM 9XTA7", "７KQM 9XTA", "7KQM 9XTA" + " " * 100):
        assert not same_human_check(typed, "7KQM 9XTA")


def test_serial_label() -> None:
    assert serial_label(Payload(3, 123, 4)) == "000123-04"
    assert serial_label(Payload(3, 4_294_967_295, 65535)) == "4294967295-65535"
