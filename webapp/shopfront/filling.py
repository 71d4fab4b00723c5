"""Gzipped pages with gaps: compressed once, filled in by joining bytes (pure).

Most of a scanned page is the same for all stickers of a shop; only the token, the printed number and the check group
differ. The text between the gaps is deflated once, ending on a byte boundary and referring to nothing before it; a gap
is filled by a stored (uncompressed) deflate block. The whole is one ordinary gzip member (RFC 1951, 1952).

Gzip ends with a checksum of the plain page, and inflating the page to compute it would cost more than all the rest. But
CRC-32 is linear: the checksum of a whole is the sum over its parts of ``crc(part) * x^(8 n) mod p``, n being the bytes
that follow. Everything but ``crc(value)`` is known when the page is packed, and a value that fills several gaps
needs one product with the sum of their powers.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST = b"\x03\x00"  # an empty final block
_HEAD = struct.Struct(">IIB")  # checksum of the texts, plain length, number of kinds of gap
_KIND = struct.Struct(">BHI")  # gap number, length of its value, factor of its checksum
_PART = struct.Struct(">BI")
_STORED = struct.Struct("<BHH")
_POLYNOMIAL = 0xEDB88320  # bit-reversed, as in zlib: the highest bit is x^0
_ONE = 0x80000000
TEXT = 0


@dataclass(frozen=True)
class Gap:
    """A kind of gap: its number (1..255) and the length of the value that fills it."""

    number: int
    length: int


def pack(body: bytes, gaps: Mapping[bytes, Gap]) -> bytes:
    """`body` with the markers in `gaps` cut out, ready for :func:`fill`."""
    parts = _split(body, gaps)
    factors = {part: 0 for part in parts if isinstance(part, Gap)}
    crc, after, packed = 0, 0, []
    for part in reversed(parts):
        power = _power(after)
        if isinstance(part, Gap):
            factors[part] ^= power
            packed.append(_PART.pack(part.number, 0))
            after += part.length
        else:
            crc ^= _times(power, zlib.crc32(part))
            packed.append(_deflated(part))
            after += len(part)
    kinds = b"".join(_KIND.pack(gap.number, gap.length, factor) for gap, factor in factors.items())
    return _HEAD.pack(crc, after, len(factors)) + kinds + b"".join(reversed(packed))


def fill(packed: bytes, values: Mapping[int, bytes]) -> bytes:
    """The page as one gzip member. ValueError when a value has not the length that its gaps were made for."""
    crc, total, kinds = _HEAD.unpack_from(packed)
    at, blocks = _HEAD.size, {}
    for _ in range(kinds):
        number, length, factor = _KIND.unpack_from(packed, at)
        at += _KIND.size
        value = values[number]
        if len(value) != length:
            raise ValueError(f"gap {number} is {length} bytes long, the value {len(value)}")
        crc ^= _times(zlib.crc32(value), factor)
        blocks[number] = _STORED.pack(0, length, length ^ 0xFFFF) + value
    out, end = [_GZIP], len(packed)
    while at < end:
        number, length = _PART.unpack_from(packed, at)
        at += _PART.size
        out.append(packed[at : at + length] if number == TEXT else blocks[number])
        at += length
    out += [_LAST, struct.pack("<II", crc, total)]
    return b"".join(out)


def _split(body: bytes, gaps: Mapping[bytes, Gap]) -> list[bytes | Gap]:
    if not gaps:
        return [body]
    pattern = re.compile(b"|".join(re.escape(marker) for marker in gaps))
    parts: list[bytes | Gap] = []
    start = 0
    for match in pattern.finditer(body):
        parts += [body[start : match.start()], gaps[match[0]]]
        start = match.end()
    return [*parts, body[start:]]


def _deflated(text: bytes) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    data = squeezer.compress(text) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return _PART.pack(TEXT, len(data)) + data


def _times(one: int, other: int) -> int:
    """The product of two polynomials over GF(2) modulo CRC-32's."""
    product = 0
    while other:
        if other & _ONE:
            product ^= one
        other = other << 1 & 0xFFFFFFFF
        one = one >> 1 ^ _POLYNOMIAL if one & 1 else one >> 1
    return product


def _power(count: int) -> int:
    """``x ^ (8 * count)`` modulo CRC-32's polynomial."""
    result, square = _ONE, _ONE >> 8
    while count:
        if count & 1:
            result = _times(result, square)
        square = _times(square, square)
        count >>= 1
    return result
