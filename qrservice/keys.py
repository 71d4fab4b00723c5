"""Signing keys and the public ring: numbered 0..31, with states, as OKP JWKs (RFC 8037).

A code carries no date, so `not_before` and `not_after` tell when a key signed or signs, for people and for
choosing a signing key; they do not make an old sticker invalid. States: `active` signs and verifies;
`retired` only verifies; `compromised` verifies, but the caller must see that the sticker was issued before the
declared moment: its public log leaf comes before `valid_before_leaf`, or, where there is no log, the issuer's own
record of it is older than `valid_before`; `withdrawn` verifies nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from qrservice.curve import is_safe_public_key
from qrservice.errors import KeyRefused, UnknownKey
from qrservice.payload import KID_MAX, SIGNATURE_BYTES

_KIDS = {str(kid): kid for kid in range(KID_MAX + 1)}


class KeyState(StrEnum):
    """What a key may do: see above. There is no way back."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key of the ring: `raw` is its 32 bytes, times are aware instants.

    Raises KeyRefused for an unsafe point, a number outside 0..31, naive times or a backward period.
    """

    kid: int
    raw: bytes
    state: KeyState = KeyState.ACTIVE
    not_before: datetime | None = None
    not_after: datetime | None = None
    valid_before_leaf: int | None = None
    valid_before: datetime | None = None

    def __post_init__(self) -> None:
        if type(self.kid) is not int or not 0 <= self.kid <= KID_MAX:
            raise KeyRefused(f"a key number is 0..{KID_MAX}, not {self.kid!r}")
        if not is_safe_public_key(self.raw):
            raise KeyRefused(f"key {self.kid} is not a safe Ed25519 public key")
        for moment in (self.not_before, self.not_after, self.valid_before):
            if moment is not None and moment.tzinfo is None:
                raise KeyRefused(f"key {self.kid}: a time without a zone")
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise KeyRefused(f"key {self.kid} ends before it begins")
        leaf = self.valid_before_leaf
        if leaf is not None and (type(leaf) is not int or leaf < 0):
            raise KeyRefused(f"key {self.kid}: a log index is a whole number from 0")
        object.__setattr__(self, "state", KeyState(self.state))

    @property
    def needs_log_leaf(self) -> bool:
        """Whether a good signature alone is not enough (a compromised key)."""
        return self.state is KeyState.COMPROMISED

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's for `message`.

        By libsodium: it takes half the time of OpenSSL, and every scan pays for it.
        """
        if len(signature) != SIGNATURE_BYTES:  # else bytes would pass from one to the other
            return False
        try:
            crypto_sign_open(signature + message, self.raw)
        except BadSignatureError:
            return False
        return True

    def to_jwk(self) -> dict[str, Any]:
        """This key as a JSON-ready OKP JWK; times as RFC 3339 UTC, absent when not set."""
        jwk: dict[str, Any] = {
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": str(self.kid),
            "x": base64.urlsafe_b64encode(self.raw).rstrip(b"=").decode("ascii"),
            "state": self.state.value,
        }
        if self.not_before:
            jwk["not_before"] = _to_rfc3339(self.not_before)
        if self.not_after:
            jwk["not_after"] = _to_rfc3339(self.not_after)
        if self.valid_before_leaf is not None:
            jwk["valid_before_leaf"] = self.valid_before_leaf
        if self.valid_before:
            jwk["valid_before"] = _to_rfc3339(self.valid_before)
        return jwk

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PublicKey:
        """The key in a JWK made by `to_jwk`. Raises KeyRefused, also when a private part (`d`) is in it."""
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise KeyRefused("not an Ed25519 JWK")
        if "d" in jwk:
            raise KeyRefused("this JWK holds a private key: it must not be published or put in a ring")
        kid = _KIDS.get(jwk["kid"]) if isinstance(jwk.get("kid"), str) else None
        if kid is None:
            raise KeyRefused(f"a key number is 0..{KID_MAX}, not {jwk.get('kid')!r}")
        try:
            state = KeyState(jwk.get("state", KeyState.ACTIVE))
        except ValueError as error:
            raise KeyRefused(f"key {kid}: unknown state {jwk.get('state')!r}") from error
        return cls(
            kid,
            _from_base64url(jwk.get("x")),
            state,
            _from_rfc3339(jwk.get("not_before")),
            _from_rfc3339(jwk.get("not_after")),
            jwk.get("valid_before_leaf"),
            _from_rfc3339(jwk.get("valid_before")),
        )


class KeyRing:
    """The public keys that codes are checked with, at most one per number. Immutable."""

    def __init__(self, keys: Iterable[PublicKey] = ()) -> None:
        slots: list[PublicKey | None] = [None] * (KID_MAX + 1)
        for key in keys:
            if slots[key.kid] is not None:
                raise KeyRefused(f"two keys have number {key.kid}")
            slots[key.kid] = key
        self._slots = tuple(slots)

    def __iter__(self) -> Iterator[PublicKey]:
        return (key for key in self._slots if key is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def find(self, kid: int) -> PublicKey | None:
        """The key of that number in any state, or None."""
        return self._slots[kid] if 0 <= kid <= KID_MAX else None

    def get_verifying(self, kid: int) -> PublicKey:
        """The key to check a code with. Raises UnknownKey if there is none or it was withdrawn."""
        key = self.find(kid)
        if key is None or key.state is KeyState.WITHDRAWN:
            raise UnknownKey(f"key {kid}")
        return key

    def to_jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The document for `/.well-known/ydym-keys.json`."""
        return {"keys": [key.to_jwk() for key in self]}

    @classmethod
    def from_jwks(cls, document: Mapping[str, Any]) -> KeyRing:
        """The ring in a document made by `to_jwks`. Raises KeyRefused."""
        keys = document.get("keys")
        if not isinstance(keys, list) or not all(isinstance(jwk, Mapping) for jwk in keys):
            raise KeyRefused("a key set is an object with a list named keys")
        return cls(PublicKey.from_jwk(jwk) for jwk in keys)


class Signer(Protocol):
    """Whatever can sign with one numbered key: a PEM file here, a hardware module elsewhere."""

    @property
    def kid(self) -> int:
        """The number of the key, 0..31."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message`."""
        ...


class PemSigner:
    """A signer over an Ed25519 private key in PKCS #8 PEM.

    Raises KeyRefused for a broken PEM, another kind of key, or a wrong or missing passphrase.
    """

    def __init__(self, kid: int, pem: bytes, passphrase: bytes | None = None) -> None:
        try:
            key = load_pem_private_key(pem, password=passphrase or None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyRefused(f"the private key cannot be read: {error}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused("the private key is not an Ed25519 key")
        self._key = key
        self._kid = kid
        self.public_key(KeyState.ACTIVE)

    @property
    def kid(self) -> int:
        """The number of the key, 0..31."""
        return self._kid

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message` (RFC 8032)."""
        return self._key.sign(message)

    def public_key(
        self,
        state: KeyState = KeyState.ACTIVE,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> PublicKey:
        """The public half, for the ring."""
        return PublicKey(self._kid, self._key.public_key().public_bytes_raw(), state, not_before, not_after)


def generate_private_pem(passphrase: bytes | None = None) -> bytes:
    """A new Ed25519 private key as PKCS #8 PEM, encrypted when a passphrase is given."""
    protection: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    )
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)


def _to_rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _from_rfc3339(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise KeyRefused(f"not a time: {text!r}") from error


def _from_base64url(text: object) -> bytes:
    if not isinstance(text, str) or len(text) != 43 or not text.isascii():
        raise KeyRefused("x must be 32 bytes as base64url without padding")
    try:
        raw = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise KeyRefused("x must be 32 bytes as base64url without padding") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
        raise KeyRefused("x is not the canonical base64url of its bytes")
    return raw
