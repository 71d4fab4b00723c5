"""The seven signed bytes of a sticker and the one way to spell a code.

    P  (7 bytes, big-endian)   b0 = version (3 bits) | kid (5 bits)
                               b1..b4 = shop number, u32      b5..b6 = sticker serial, u16, 1..65535
    code = P || S, S a 64-byte Ed25519 signature              71 bytes
    token = base32 (RFC 4648 alphabet, upper case, no padding) of the code, 114 characters

114 characters carry 570 bits for 568: four tokens decode to the same 71 bytes, and lower case would decode
too. `token_to_code` accepts only the printed spelling, so that a code has no alias.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

from qrservice.errors import InvalidPayload, Malformed, NotCanonical, UnknownVersion

VERSION_ED25519 = 1
PAYLOAD_BYTES = 7
SIGNATURE_BYTES = 64
CODE_BYTES = PAYLOAD_BYTES + SIGNATURE_BYTES
TOKEN_CHARS = 114
KID_MAX = 31
SHOP_NUMBER_MAX = 0xFFFF_FFFF
SERIAL_MAX = 0xFFFF

_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE32_EITHER_CASE = _BASE32 + b"abcdefghijklmnopqrstuvwxyz"
#: The same five bits as a digit that int() reads in base 32: a tenth of what base64.b32decode takes.
_DIGITS = bytes.maketrans(_BASE32, b"0123456789abcdefghijklmnopqrstuv")
_SPARE_BITS = 5 * TOKEN_CHARS - 8 * CODE_BYTES
_FIELDS = struct.Struct(">BIH")


@dataclass(frozen=True, slots=True)
class Payload:
    """What a sticker says: signed with key `kid` (0..31) for `shop_number` (u32), printed copy `serial`.

    Raises InvalidPayload if a number does not fit its field.
    """

    kid: int
    shop_number: int
    serial: int

    def __post_init__(self) -> None:
        for name, low, high in (
            ("kid", 0, KID_MAX),
            ("shop_number", 0, SHOP_NUMBER_MAX),
            ("serial", 1, SERIAL_MAX),
        ):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise InvalidPayload(f"{name} must be a whole number from {low} to {high}, not {value!r}")


def pack(payload: Payload) -> bytes:
    """The seven bytes of a version 1 payload."""
    return _FIELDS.pack(VERSION_ED25519 << 5 | payload.kid, payload.shop_number, payload.serial)


def unpack(data: bytes) -> Payload:
    """The payload in seven bytes. Raises Malformed (length, serial 0) or UnknownVersion."""
    if len(data) != PAYLOAD_BYTES:
        raise Malformed(f"a payload has {PAYLOAD_BYTES} bytes, not {len(data)}")
    head, shop_number, serial = _FIELDS.unpack(data)
    if head >> 5 != VERSION_ED25519:
        raise UnknownVersion(f"payload version {head >> 5}")
    if serial == 0:
        raise Malformed("serial 0 is never issued")
    return Payload(head & KID_MAX, shop_number, serial)


def code_to_token(code: bytes) -> str:
    """The printed spelling of the 71 bytes payload || signature. Raises InvalidPayload on a wrong length."""
    if len(code) != CODE_BYTES:
        raise InvalidPayload(f"a code has {CODE_BYTES} bytes, not {len(code)}")
    return base64.b32encode(code)[:TOKEN_CHARS].decode("ascii")


def token_to_code(token: str | bytes) -> bytes:
    """The 71 bytes behind a token, refusing everything but the printed spelling.

    The length is looked at first, before any conversion: a long input costs nothing, and characters outside
    ASCII whose upper case is ASCII (such as U+017F) never reach a case change. Raises Malformed,
    NotCanonical.
    """
    if len(token) != TOKEN_CHARS:
        raise Malformed(f"a token has {TOKEN_CHARS} characters, not {len(token)}")
    if isinstance(token, str):
        if not token.isascii():
            raise Malformed("a token is ASCII")
        raw = token.encode("ascii")
    else:
        raw = bytes(token)
    if raw.translate(None, _BASE32):
        if raw.translate(None, _BASE32_EITHER_CASE):
            raise Malformed("a token is base32")
        raise NotCanonical("not the printed spelling of this code: it is upper case")
    number = int(raw.translate(_DIGITS), 32)
    if number & (1 << _SPARE_BITS) - 1:
        raise NotCanonical("not the printed spelling of this code: a spare bit is set")
    return (number >> _SPARE_BITS).to_bytes(CODE_BYTES, "big")
