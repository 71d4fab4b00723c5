"""Codes as addresses: issue one, read one, and the short group that a person compares.

Decoding order (each step cheaper than the next, no input or output anywhere): length and ASCII, base32,
canonical spelling, version, key known and not withdrawn, signature. Only then may a caller touch its
database.
"""

from __future__ import annotations

import hashlib

from qrservice.errors import InvalidHost, NotOurLink
from qrservice.keys import KeyRing, Signer
from qrservice.payload import PAYLOAD_BYTES, TOKEN_CHARS, Payload, code_to_token, pack, token_to_code, unpack
from qrservice.signing import check_host, sign, verify

PATH = "/c/"
SCHEMES = ("https", "http")

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B: no two of the rest look alike in small or worn print.
HUMAN_ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
_HUMAN_DOMAIN = b"ydym-human-check-v1\0"
_HUMAN_CHARS = 8
_LINK_CHARS_MAX = 2048


def issue(payload: Payload, host: str, signer: Signer) -> str:
    """A new token: 114 characters of base32."""
    return code_to_token(pack(payload) + sign(payload, host, signer))


def decode(token: str | bytes, host: str, ring: KeyRing) -> Payload:
    """What a genuine token of `host` says.

    Raises Malformed, NotCanonical, UnknownVersion, UnknownKey or BadSignature, all CodeRefused with
    `.stage`. A signature proves issue, integrity, shop and serial; not that the serial is still valid, nor
    on which door the paper hangs. Where `ring.find(payload.kid).needs_log_leaf`, the log has to be asked
    too.
    """
    code = token_to_code(token)
    payload = unpack(code[:PAYLOAD_BYTES])
    verify(payload, code[PAYLOAD_BYTES:], host, ring.get_verifying(payload.kid))
    return payload


def build_url(host: str, token: str, scheme: str = "https") -> str:
    """The address that the symbol carries. Raises InvalidHost for a bad host or another scheme than
    http(s).
    """
    check_host(host)
    if scheme not in SCHEMES:
        raise InvalidHost(f"not a scheme for stickers: {scheme!r}")
    return f"{scheme}://{host}{PATH}{token}"


def parse_token(url: str, host: str, schemes: tuple[str, ...] = SCHEMES) -> str:
    """The token in a sticker address of `host`, unverified. Raises NotOurLink.

    Scheme and host are compared without case (RFC 3986, 6.2.2.1); a query or fragment that a messenger
    added is dropped; surrounding ASCII blanks of a pasted text are dropped.
    """
    text = url.strip(" \t\r\n") if len(url) <= _LINK_CHARS_MAX else ""
    if not text.isascii():
        raise NotOurLink("not an ASCII address")
    scheme, separator, rest = text.partition("://")
    authority, slash, path = rest.partition("/")
    if not separator or scheme.lower() not in schemes or authority.lower() != host or not slash:
        raise NotOurLink("not an address of this host")
    path = slash + path.partition("#")[0].partition("?")[0]
    token = path[len(PATH) :]
    if not path.startswith(PATH) or len(token) != TOKEN_CHARS:
        raise NotOurLink("not a sticker address")
    return token


def human_check(token: str) -> str:
    """The two groups of four characters printed under the symbol, such as `7KQM 9XTA`.

    Derivation: n = first 8 bytes, big-endian, of SHA-256("ydym-human-check-v1" NUL P || S); its eight
    base-25 digits, least significant first, in HUMAN_ALPHABET. 37 bits that depend on the whole signature,
    so a person comparing paper and page sees a difference without special tools. It is a help for the eye,
    not a proof. Raises Malformed or NotCanonical.
    """
    return human_check_of(token_to_code(token))


def human_check_of(code: bytes) -> str:
    """The same from the 71 bytes of a code."""
    digest = hashlib.sha256(_HUMAN_DOMAIN + code).digest()
    number = int.from_bytes(digest[:8], "big")
    characters = ""
    for _ in range(_HUMAN_CHARS):
        number, digit = divmod(number, len(HUMAN_ALPHABET))
        characters += HUMAN_ALPHABET[digit]
    return f"{characters[:4]} {characters[4:]}"


def same_human_check(typed: str, expected: str) -> bool:
    """Whether a person typed this check group: case, blanks and hyphens do not count."""
    if len(typed) > 4 * _HUMAN_CHARS or not typed.isascii():
        return False
    return "".join(c for c in typed if c not in " -\t").upper() == expected.replace(" ", "")


def serial_label(payload: Payload) -> str:
    """The printed number of a sticker: shop, then serial, such as `000123-04`."""
    return f"{payload.shop_number:06d}-{payload.serial:02d}"
