"""The published vectors: made anew they are the same, and every verifier at hand says what they say of every stage."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nacl.exceptions
import nacl.signing
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from qrservice import CodeRefused, KeyRefused, KeyRing, PublicKey
from qrservice.examination import STAGES, examine
from qrservice.payload import PAYLOAD_BYTES, token_to_code, unpack
from qrservice.signing import message_of
from tests.support import vectors
from tests.support.databases import ROOT

CODES: dict[str, Any] = json.loads(vectors.CODES.read_text("ascii"))
KEYS: dict[str, Any] = json.loads(vectors.KEYS.read_text("ascii"))
VECTORS: list[dict[str, Any]] = CODES["vectors"]
#: What stands before the 32 bytes of an Ed25519 public key in its DER form (RFC 8410).
SPKI = bytes.fromhex("302a300506032b6570032100")


@pytest.fixture(scope="module")
def page_says(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's own script answers under Node, by WebCrypto and by TweetNaCl."""
    done = subprocess.run(
        ["node", str(ROOT / "tests/support/examine.js"), str(vectors.CODES), str(vectors.KEYS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def ring_of(vector: dict[str, Any]) -> KeyRing:
    """The ring for a vector: a key that must not be loaded is not in it."""
    ring = KeyRing.from_jwks(CODES)
    if "extra_key" in vector:
        with pytest.raises(KeyRefused):
            PublicKey.from_jwk(vector["extra_key"])
    return ring


def answer(outcome: str, stage: str | None, reason: str | None) -> tuple[Any, ...]:
    return outcome, "length" if stage == "form" else stage, reason


def wanted(vector: dict[str, Any]) -> tuple[Any, ...]:
    return vector["outcome"], vector["refused_at"], vector["reason"]


def with_signature() -> list[tuple[dict[str, Any], bytes, bytes, bytes]]:
    """(vector, public key, signature, message) of all codes that come as far as the signature."""
    found = []
    for vector in VECTORS:
        if vector["expect"]["key"] == "pass":
            token = vector["text"].strip()
            token = token[token.index("/c/") + 3 :][:114] if "/c/" in token else token
            code = token_to_code(token)
            payload = unpack(code[:PAYLOAD_BYTES])
            key = KeyRing.from_jwks(CODES).get_verifying(payload.kid)
            message = message_of(code[:PAYLOAD_BYTES], CODES["host"])
            found.append((vector, key.raw, code[PAYLOAD_BYTES:], message))
    return found


def test_there_are_enough_and_each_stage_refuses_some() -> None:
    assert len(VECTORS) >= 200
    assert sum(vector["outcome"] != "genuine" for vector in VECTORS) >= 120
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS)
    stages = ["link", "length", "canonical", "version", "key", "signature"]
    assert {vector["refused_at"] for vector in VECTORS} == {None, *stages}
    statuses = {vector["expect"]["status"] for vector in VECTORS}
    assert statuses == {
        *("valid", "invalid", "suspended", "replaced"),
        *("stale", "unlisted", "no_list", "compromised", None),
    }


def test_they_are_what_the_generator_makes() -> None:
    assert vectors.CODES.read_text("ascii") == vectors.written(vectors.codes())
    assert vectors.KEYS.read_text("ascii") == vectors.written(vectors.keys())


def test_our_decoder() -> None:
    lists = CODES["lists"]
    for vector in VECTORS:
        said = examine(
            vector["text"],
            CODES["host"],
            ring_of(vector),
            [lists[name] for name in vector["lists"]],
            CODES["now"],
        )
        assert answer(said.outcome.value, said.stage, said.reason) == wanted(vector), vector["id"]
        for stage in STAGES[:-1]:
            passed = {"pass": True, "fail": False, None: None}[
                vector["expect"]["length" if stage == "form" else stage]
            ]
            assert said.reached(stage) is passed, vector["id"]


@pytest.mark.parametrize("way", ["webcrypto", "pure"])
def test_the_pages_script(page_says: dict[str, Any], way: str) -> None:
    said = page_says[way]["answers"]
    assert len(said) == len(VECTORS)
    for vector in VECTORS:
        mine = said[vector["id"]]
        assert answer(mine["outcome"], mine["stage"], mine["reason"]) == wanted(vector), vector["id"]
    assert page_says[way]["safe"] == [vector["safe"] for vector in KEYS["vectors"]]


def test_our_keys() -> None:
    for vector in KEYS["vectors"]:
        try:
            PublicKey.from_jwk(vector["jwk"])
            safe = True
        except KeyRefused:
            safe = False
        assert safe is vector["safe"], vector["note"]


def test_the_check_group_is_the_same_in_the_page(page_says: dict[str, Any]) -> None:
    from qrservice import human_check

    for vector in VECTORS:
        if vector["refused_at"] is None and vector["text"].startswith("https://"):
            token = vector["text"].partition("/c/")[2][:114]
            assert page_says["webcrypto"]["answers"][vector["id"]]["check"] == human_check(token)


def test_pynacl() -> None:
    checked = with_signature()
    assert len(checked) > 100
    for vector, raw, signature, message in checked:
        try:
            nacl.signing.VerifyKey(raw).verify(message, signature)
            said = "pass"
        except nacl.exceptions.BadSignatureError:
            said = "fail"
        assert said == vector["expect"]["signature"], vector["id"]


def test_openssl(tmp_path: Path) -> None:
    key_file, message_file, signature_file = (tmp_path / name for name in ("key", "message", "signature"))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(key_file)]
    command += ["-rawin", "-in", str(message_file), "-sigfile", str(signature_file)]
    for vector, raw, signature, message in with_signature():
        key_file.write_bytes(SPKI + raw)
        message_file.write_bytes(message)
        signature_file.write_bytes(signature)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ("Signature Verified Successfully" in done.stdout) is (done.returncode == 0)
        said = "pass" if done.returncode == 0 else "fail"
        assert said == vector["expect"]["signature"], vector["id"]


def test_the_traps_are_real() -> None:
    """A verifier that loads any key accepts these: they would not be worth a vector otherwise."""
    trapped = 0
    for vector in VECTORS:
        if "extra_key" not in vector:
            continue
        code = token_to_code(vector["text"].partition("/c/")[2])
        raw = vectors.decoded(vector["extra_key"]["x"])
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(code[7:], message_of(code[:7], CODES["host"]))
            trapped += 1
        except InvalidSignature:
            assert not vector["naive"]
    assert trapped >= 5


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if vector["id"].startswith("alias")][:3])
def test_aliases_are_the_same_bytes(vector: dict[str, Any]) -> None:
    """As base32 they are the code itself: only the spelling tells them apart."""
    import base64

    token = vector["text"].partition("/c/")[2]
    assert token_to_code(token[:-1] + base64.b32encode(base64.b32decode(token + "======"))[113:114].decode())
    with pytest.raises(CodeRefused):
        token_to_code(token)
