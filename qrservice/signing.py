"""Signing and verifying a payload for one host.

The signed message is `"ydym-sticker-v1" NUL host NUL P`. The host is signed and not carried, so that a code
cannot be moved to another site; the first part keeps these signatures apart from any other use of the key.
"""

from __future__ import annotations

import string

from qrservice.errors import BadSignature, InvalidHost, InvalidPayload
from qrservice.keys import PublicKey, Signer
from qrservice.payload import SIGNATURE_BYTES, Payload, pack

DOMAIN = b"ydym-sticker-v1"
HOST_CHARS_MAX = 253
_HOST_CHARS = frozenset(string.ascii_lowercase + string.digits + ".-:")


def check_host(host: str) -> bytes:
    """The host as bytes: lower-case ASCII letters, digits, dots, hyphens, optionally `:port`.

    Raises InvalidHost: a host is configuration, so an upper-case one is refused rather than changed.
    """
    if not host or len(host) > HOST_CHARS_MAX or not _HOST_CHARS.issuperset(host):
        raise InvalidHost(f"not a lower-case ASCII host name: {host!r}")
    name, colon, port = host.partition(":")
    if (
        name[:1] in "-."
        or name[-1:] in "-."
        or ".." in name
        or (colon and not (port.isdigit() and len(port) <= 5))
    ):
        raise InvalidHost(f"not a host name: {host!r}")
    return host.encode("ascii")


def message_of(payload_bytes: bytes, host: str) -> bytes:
    """The bytes that are signed."""
    return b"\0".join((DOMAIN, check_host(host), payload_bytes))


def sign(payload: Payload, host: str, signer: Signer) -> bytes:
    """The 64-byte signature of `payload` for `host`. Raises InvalidPayload if `signer` has another key
    number.
    """
    if payload.kid != signer.kid:
        raise InvalidPayload(f"the payload names key {payload.kid}, the signer holds key {signer.kid}")
    signature = signer.sign(message_of(pack(payload), host))
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidPayload(f"the signer returned {len(signature)} bytes instead of {SIGNATURE_BYTES}")
    return signature


def verify(payload: Payload, signature: bytes, host: str, key: PublicKey) -> None:
    """Return if `signature` is `key`'s for `payload` on `host`. Raises BadSignature."""
    if payload.kid != key.kid or not key.verify(signature, message_of(pack(payload), host)):
        raise BadSignature(f"key {key.kid}")
