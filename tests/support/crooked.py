"""Keys and signatures for test vectors, those too that no honest signer makes: small order, R with a torsion part."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qrservice import curve as edwards

BASE_Y = 4 * pow(5, edwards.FIELD_PRIME - 2, edwards.FIELD_PRIME) % edwards.FIELD_PRIME


@dataclass(frozen=True)
class OpenKey:
    """A key whose private half everybody may know."""

    kid: int

    @property
    def seed(self) -> bytes:
        return hashlib.sha256(f"ydym test vector key {self.kid}".encode()).digest()

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def raw(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def scalar(self) -> int:
        """The secret scalar (RFC 8032, 5.1.5)."""
        half = bytearray(hashlib.sha512(self.seed).digest()[:32])
        half[0] &= 248
        half[31] = half[31] & 63 | 64
        return int.from_bytes(half, "little")

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def compress(point: tuple[int, int, int, int]) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(point[2], edwards.FIELD_PRIME - 2, edwards.FIELD_PRIME)
    x, y = point[0] * inverse % edwards.FIELD_PRIME, point[1] * inverse % edwards.FIELD_PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point(encoded: bytes) -> tuple[int, int, int, int]:
    """The point of 32 bytes that are one."""
    found = edwards._decompress(encoded)
    assert found is not None
    return found


def small_order() -> list[bytes]:
    """The eight points whose order divides eight, the neutral one first."""
    candidate = 2
    while True:  # a point of order 8 L or 8: its L-fold has order 8
        found = edwards._decompress(candidate.to_bytes(32, "little"))
        if found is not None:
            of_eight = edwards._multiply(edwards.GROUP_ORDER, found)
            if len({compress(edwards._multiply(n, of_eight)) for n in range(8)}) == 8:
                return [compress(edwards._multiply(n, of_eight)) for n in range(8)]
        candidate += 1


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % edwards.GROUP_ORDER


def crooked(key: OpenKey, public: bytes, torsion: bytes | None, message: bytes) -> bytes:
    """A signature by the secret scalar of `key` that claims the public key `public`, R moved by `torsion`."""
    base = point(BASE_Y.to_bytes(32, "little"))
    for nonce in range(1, 1000):
        moved = edwards._multiply(nonce * 7919, base)
        if torsion is not None:
            moved = edwards._add(moved, point(torsion))
        r = compress(moved)
        k = challenge(r, public, message)
        if torsion is not None or k % 8 == 0:
            s = (nonce * 7919 + k * key.scalar) % edwards.GROUP_ORDER
            return r + s.to_bytes(32, "little")
    raise AssertionError("no nonce")


def under_small_order(key: bytes, message: bytes) -> bytes | None:
    """A signature that holds under a key of small order, made without any secret."""
    base = point(BASE_Y.to_bytes(32, "little"))
    for nonce in range(1, 400):
        r = compress(edwards._multiply(nonce, base))
        if edwards._is_neutral(edwards._multiply(challenge(r, key, message), point(key))):
            return r + nonce.to_bytes(32, "little")
    return None


def public_jwk(kid: int, raw: bytes) -> dict[str, str]:
    """A JWK as it would be published, unsafe ones too."""
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": str(kid),
        "x": x,
        "state": "active",
    }
