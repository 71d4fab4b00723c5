"""Gzipped pages with gaps: compressed once, filled in by joining bytes (pure).

Most of a scanned page is the same for all stickers of a shop; only the token, the printed number and the check group
differ. The text between the gaps is deflated once, ending on a byte boundary and referring to nothing before it; a gap
is filled by a stored (uncompressed) deflate block. The whole is one ordinary gzip member (RFC 1951, 1952).

Gzip ends with a checksum of the plain page, and inflating the page to compute it would cost more than all the rest. But
CRC-32 is linear: the checksum of a whole is the sum over its parts of ``crc(part) * x^(8 n) mod p``, n being the bytes
that follow. Everything but ``crc(value)`` is known when the page is packed, and a value that fills several gaps
needs one product with the sum of their powers.

A product of polynomials over GF(2) is a product of whole numbers whose digits do not carry: each bit is given a byte of
its own, 32 of them add up to 32 at most, and the lowest bit of each sum is the coefficient. What comes out is brought
below p by ``zlib.crc32``, which multiplies by x^32 on its way: the stored factors are divided by it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST = b"\x03\x00"  # an empty final block
_HEAD = struct.Struct(">IIBH")  # checksum of the texts, plain length, number of kinds of gap, number of gaps
_KIND = struct.Struct(
    ">BH32s"
)  # gap number, length of its value, factor of its checksum, a byte for each bit
_PLACE = struct.Struct(">IB")  # where in the deflated page a gap is, and its number
_STORED = struct.Struct("<BHH")
_END = struct.Struct("<II")
_POLYNOMIAL = 0xEDB88320  # bit-reversed, as in zlib: the highest bit is x^0
_ONE = 0x80000000
_ALL = 0xFFFFFFFF
_LOWEST = int.from_bytes(b"\1" * 63, "big")
_DIGITS = int.from_bytes(b"0" * 63, "big")


@dataclass(frozen=True)
class Gap:
    """A kind of gap: its number (1..255) and the length of the value that fills it."""

    number: int
    length: int


def pack(body: bytes, gaps: Mapping[bytes, Gap]) -> bytes:
    """`body` with the markers in `gaps` cut out, ready for :func:`fill`."""
    parts = _split(body, gaps)
    factors = {part: 0 for part in parts if isinstance(part, Gap)}
    crc, after = 0, 0
    for part in reversed(parts):
        power = _x_to(8 * after)
        if isinstance(part, Gap):
            factors[part] ^= power
            after += part.length
        else:
            crc ^= _times(power, zlib.crc32(part))
            after += len(part)
    page, places = bytearray(_GZIP), []
    for part in parts:
        if isinstance(part, Gap):
            places.append(_PLACE.pack(len(page), part.number))
        else:
            page += _deflated(part)
    kinds = [
        _KIND.pack(gap.number, gap.length, _spread(_times(factor, _X_BACK_32)).to_bytes(32, "big"))
        for gap, factor in factors.items()
    ]
    return b"".join((_HEAD.pack(crc, after, len(kinds), len(places)), *kinds, *places, page, _LAST))


def fill(packed: bytes, values: Mapping[int, bytes]) -> bytes:
    """The page as one gzip member. ValueError when a value has not the length that its gaps were made for."""
    crc, total, kinds, gaps = _HEAD.unpack_from(packed)
    at = _HEAD.size + kinds * _KIND.size
    product, blocks = 0, {}
    for number, length, factor in _KIND.iter_unpack(packed[_HEAD.size : at]):
        value = values[number]
        if len(value) != length:
            raise ValueError(f"gap {number} is {length} bytes long, the value {len(value)}")
        product ^= _spread(zlib.crc32(value)) * int.from_bytes(factor, "big") & _LOWEST
        blocks[number] = _STORED.pack(0, length, length ^ 0xFFFF) + value
    page = packed[at + gaps * _PLACE.size :]
    out: list[bytes] = []
    done = 0
    for place, number in _PLACE.iter_unpack(packed[at : len(packed) - len(page)]):
        out += (page[done:place], blocks[number])
        done = place
    out += (page[done:], _END.pack(crc ^ _reduced(product), total))
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
    return squeezer.compress(text) + squeezer.flush(zlib.Z_FULL_FLUSH)


def _spread(polynomial: int) -> int:
    """Each of the 32 bits in the lowest bit of a byte of its own ("0" is 48, "1" is 49)."""
    return int.from_bytes(f"{polynomial:032b}".encode(), "big") & _LOWEST


def _reduced(product: int) -> int:
    """The product of two spread polynomials, times x^32, modulo CRC-32's polynomial."""
    bits = int((product | _DIGITS).to_bytes(63, "big"), 2)
    return zlib.crc32((bits << 1).to_bytes(8, "little"), _ALL) ^ _ALL


def _times(one: int, other: int) -> int:
    """The product of two polynomials over GF(2) modulo CRC-32's."""
    product = 0
    while other:
        if other & _ONE:
            product ^= one
        other = other << 1 & _ALL
        one = one >> 1 ^ _POLYNOMIAL if one & 1 else one >> 1
    return product


def _x_to(count: int) -> int:
    """``x ^ count`` modulo CRC-32's polynomial."""
    result, square = _ONE, _ONE >> 1
    while count:
        if count & 1:
            result = _times(result, square)
        square = _times(square, square)
        count >>= 1
    return result


#: The polynomial is primitive, so x^(2^32 - 1) is one.
_X_BACK_32 = _x_to(_ALL - 32)
