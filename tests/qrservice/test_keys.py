"""Keys: unsafe points, states, JWKs, PEM files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from qrservice import KeyRefused, KeyRing, KeyState, PemSigner, PublicKey, UnknownKey, generate_private_pem
from qrservice.curve import FIELD_PRIME, GROUP_ORDER, _add, _decompress, _multiply, is_safe_public_key

# The eight points of small order (RFC 7748, section 7, speaks of them), and their spellings with y >= p.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]
SOME_PEM = generate_private_pem()
BASE_POINT = "5866666666666666666666666666666666666666666666666666666666666666"


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_points_of_small_order_are_refused(encoded: str) -> None:
    point = _decompress(bytes.fromhex(encoded))
    assert point is not None
    x, y, z, _ = _multiply(8, point)
    assert (x % FIELD_PRIME, (y - z) % FIELD_PRIME) == (0, 0), "the vector itself must be of small order"
    with pytest.raises(KeyRefused):
        PublicKey(1, bytes.fromhex(encoded))


def test_why_they_are_refused() -> None:
    """Under the neutral element the signature (R = neutral, S = 0) verifies for every message."""
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(SMALL_ORDER[0])).verify(
        bytes.fromhex(SMALL_ORDER[0]) + bytes(32), b"any message"
    )


@pytest.mark.parametrize("encoded", [*NOT_CANONICAL, "", "00" * 31, "00" * 33, "02" + "00" * 31])
def test_other_spellings_and_points_off_the_curve_are_refused(encoded: str) -> None:
    assert not is_safe_public_key(bytes.fromhex(encoded))


def test_second_spellings_of_points_are_not_decoded() -> None:
    """A point with y < 19 could also be written as y + p: same point, other bytes."""
    on_curve = [y for y in range(19) if _decompress(y.to_bytes(32, "little"))]
    assert len(on_curve) > 5
    for y in on_curve:
        assert _decompress((y + FIELD_PRIME).to_bytes(32, "little")) is None


def test_a_point_of_mixed_order_is_refused() -> None:
    base, torsion = _decompress(bytes.fromhex(BASE_POINT)), _decompress(bytes.fromhex(SMALL_ORDER[1]))
    assert base is not None
    assert torsion is not None
    x, y, z, _ = _add(base, torsion)
    inverse = pow(z, FIELD_PRIME - 2, FIELD_PRIME)
    encoded = (y * inverse % FIELD_PRIME | (x * inverse % FIELD_PRIME & 1) << 255).to_bytes(32, "little")
    assert _decompress(encoded) is not None
    assert not is_safe_public_key(encoded)
    assert is_safe_public_key(bytes.fromhex(BASE_POINT))


def test_honest_keys_are_taken() -> None:
    for _ in range(20):
        assert is_safe_public_key(PemSigner(0, generate_private_pem()).public_key().raw)
    assert GROUP_ORDER.bit_length() == 253


def test_pem_with_and_without_passphrase() -> None:
    open_pem, closed_pem = generate_private_pem(), generate_private_pem(b"correct horse")
    assert b"ENCRYPTED" in closed_pem
    assert b"ENCRYPTED" not in open_pem
    assert PemSigner(1, open_pem).kid == 1
    signer = PemSigner(2, closed_pem, b"correct horse")
    assert signer.public_key().verify(signer.sign(b"m"), b"m")
    for passphrase in (b"wrong", None, b""):
        with pytest.raises(KeyRefused):
            PemSigner(2, closed_pem, passphrase)
    with pytest.raises(KeyRefused):
        PemSigner(1, open_pem, b"passphrase for a key without one")


@given(st.binary(max_size=80), st.integers(0, 511), st.integers(0, 7))
def test_what_holds_is_what_openssl_says(message: bytes, bit: int, torsion: int) -> None:
    """One bit changed anywhere, or a point of small order in R's place: two libraries give one answer."""
    signer = PemSigner(0, SOME_PEM)
    good = signer.sign(message)
    changed = (int.from_bytes(good, "big") ^ 1 << bit).to_bytes(64, "big")
    key = signer.public_key()
    openssl = Ed25519PublicKey.from_public_bytes(key.raw)
    for signature in (good, changed, bytes.fromhex(SMALL_ORDER[torsion]) + good[32:], bytes(64)):
        try:
            openssl.verify(signature, message)
            holds = True
        except InvalidSignature:
            holds = False
        assert key.verify(signature, message) is holds is (signature == good)


def test_bytes_do_not_pass_from_the_signature_to_the_message(signer: PemSigner) -> None:
    key, message = signer.public_key(), b"message"
    good = signer.sign(message)
    assert key.verify(good, message)
    assert not key.verify(good + message[:3], message[3:])
    assert not key.verify(good[:-1], good[-1:] + message)
    assert not key.verify(b"", good + message)


def test_other_files_are_refused() -> None:
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for pem in (other, b"", b"not a key", generate_private_pem()[:60]):
        with pytest.raises(KeyRefused):
            PemSigner(1, pem)
    with pytest.raises(KeyRefused):
        PemSigner(32, generate_private_pem())


def test_ring_states(signer: PemSigner) -> None:
    for state in (KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED):
        key = KeyRing([signer.public_key(state)]).get_verifying(3)
        assert key.needs_log_leaf == (state is KeyState.COMPROMISED)
    for ring in (KeyRing([signer.public_key(KeyState.WITHDRAWN)]), KeyRing()):
        with pytest.raises(UnknownKey) as refusal:
            ring.get_verifying(3)
        assert refusal.value.stage == "key"
    assert KeyRing().find(-1) is None
    assert KeyRing().find(32) is None
    with pytest.raises(KeyRefused):
        KeyRing([signer.public_key(), signer.public_key()])


def test_key_set_round_trip(signer: PemSigner) -> None:
    china = timezone(timedelta(hours=8))
    other = PemSigner(0, generate_private_pem()).public_key()
    ring = KeyRing(
        [
            signer.public_key(
                KeyState.RETIRED, datetime(2026, 1, 1, tzinfo=china), datetime(2027, 1, 1, tzinfo=UTC)
            ),
            PublicKey(
                0,
                other.raw,
                KeyState.COMPROMISED,
                valid_before_leaf=4711,
                valid_before=datetime(2026, 6, 1, tzinfo=china),
            ),
        ]
    )
    document = json.loads(json.dumps(ring.to_jwks()))
    first, second = document["keys"]
    assert (first["kid"], first["state"], first["valid_before_leaf"]) == ("0", "compromised", 4711)
    assert first["valid_before"] == "2026-05-31T16:00:00Z"
    assert (second["kid"], second["not_before"]) == ("3", "2025-12-31T16:00:00Z")
    assert {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig"}.items() <= second.items()
    assert list(KeyRing.from_jwks(document)) == list(ring)
    assert len(ring) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "EC"},
        {"crv": "X25519"},
        {"kid": "32"},
        {"kid": "03"},
        {"kid": "\u0663"},
        {"kid": 3},
        {"kid": None},
        {"state": "fine"},
        {"x": None},
        {"x": "AQ"},
        {"x": "A" * 43 + "="},
        {"x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},  # the neutral element
        {"x": "!" * 43},
        {"not_before": "yesterday"},
        {"not_before": 5},
        {"not_before": "2026-01-01T00:00:00"},
        {"not_before": "2026-01-02T00:00:00Z", "not_after": "2026-01-01T00:00:00Z"},
        {"valid_before_leaf": -1},
        {"valid_before_leaf": "7"},
        {"valid_before": "2026-01-01T00:00:00"},
        {"valid_before": 7},
        {"d": "secret"},
    ],
)
def test_broken_jwks_are_refused(signer: PemSigner, change: dict[str, object]) -> None:
    PublicKey.from_jwk(signer.public_key().to_jwk())
    with pytest.raises(KeyRefused):
        PublicKey.from_jwk(signer.public_key().to_jwk() | change)


def test_a_second_spelling_of_x_is_refused(signer: PemSigner) -> None:
    jwk = signer.public_key().to_jwk()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    alias = jwk["x"][:-1] + alphabet[alphabet.index(jwk["x"][-1]) + 1]
    with pytest.raises(KeyRefused):
        PublicKey.from_jwk(jwk | {"x": alias})


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": ["x"]}])
def test_broken_key_sets_are_refused(document: dict[str, object]) -> None:
    with pytest.raises(KeyRefused):
        KeyRing.from_jwks(document)
