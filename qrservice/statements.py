"""Signed statements: small JSON documents that the platform publishes for verifiers (keys, sticker statuses).

A statement is a compact JWS (RFC 7515) with `alg` Ed25519 (RFC 9864): what is signed are the bytes that are sent, so
that nobody has to write JSON canonically to check one. The header names its kind (`typ`) and its key (`kid`); it
holds nothing else, and a header with more is refused. The claims name the address (`sub`), the instants from and
until which it may be believed (`iat`, `exp`, seconds since 1970) and how long a copy may be kept (`ttl`, seconds).

The signed bytes begin with `eyJ` and a sticker's with `ydym-sticker-v1`, so that neither signature serves as the other.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from qrservice.errors import StatementRefused, UnknownKey
from qrservice.keys import KeyRing, KeyState, Signer

ALGORITHM = "Ed25519"
#: A clock that is this many seconds slow does not make a new statement one from the future.
CLOCK_SKEW = 300
#: Nothing longer is looked at. A list of 65,536 shops with twenty stickers each stays below.
CHARS_MAX = 4_000_000

_KIDS = frozenset(map(str, range(32)))
#: A compromised key signs no statements that are believed: whoever stole it could say anything.
_MAY_STATE = {KeyState.ACTIVE, KeyState.RETIRED}


def sign_statement(kind: str, claims: Mapping[str, Any], signer: Signer) -> str:
    """The statement: three parts of base64url with dots between. `kind` is the media type without `application/`."""
    header = {"alg": ALGORITHM, "kid": str(signer.kid), "typ": kind}
    signed = f"{_encode_json(header)}.{_encode_json(claims)}"
    return f"{signed}.{encode(signer.sign(signed.encode('ascii')))}"


def read_statement(text: str, kind: str, ring: KeyRing) -> dict[str, Any]:
    """The claims of a statement of that kind, signed by a key of `ring` that may make statements.

    Says nothing about the time: see :func:`is_current`. Raises StatementRefused, UnknownKey.
    """
    parts = text.split(".") if len(text) <= CHARS_MAX and text.isascii() else []
    if len(parts) != 3:
        raise StatementRefused("a statement has three parts")
    header, signature = _decode_json(parts[0]), decode(parts[2])
    if header.keys() != {"alg", "kid", "typ"} or header["alg"] != ALGORITHM or header["typ"] != kind:
        raise StatementRefused(f"not a statement of kind {kind}")
    kid = header["kid"]
    key = ring.find(int(kid)) if isinstance(kid, str) and kid in _KIDS else None
    if key is None or key.state not in _MAY_STATE:
        raise UnknownKey(f"key {kid}")
    if not key.verify(signature, f"{parts[0]}.{parts[1]}".encode("ascii")):
        raise StatementRefused("the signature is not the key's")
    return _decode_json(parts[1])


def is_current(claims: Mapping[str, Any], now: int) -> bool:
    """Whether a statement may be believed at `now` (seconds since 1970): not expired, not from the future."""
    issued, expires = claims.get("iat"), claims.get("exp")
    if type(issued) is not int or type(expires) is not int:
        return False
    return issued - CLOCK_SKEW <= now < expires


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted names, no blanks, ASCII only: the same facts are always the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def encode(data: bytes) -> str:
    """base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: object) -> bytes:
    """The bytes of base64url without padding. Raises StatementRefused, also for a second spelling of the same bytes."""
    if not isinstance(text, str) or not text.isascii():
        raise StatementRefused("not base64url")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise StatementRefused("not base64url") from error
    if encode(data) != text:
        raise StatementRefused("not the canonical base64url of its bytes")
    return data


def _encode_json(document: Mapping[str, Any]) -> str:
    return encode(canonical(document))


def _decode_json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(decode(text))
    except (ValueError, RecursionError) as error:
        raise StatementRefused("not JSON") from error
    if not isinstance(document, dict):
        raise StatementRefused("not a JSON object")
    return document
