"""Gzipped pages with gaps: compressed once, filled in by joining bytes (pure).

Most of a scanned page is the same for all stickers of a shop; only the token, the printed number and the check group
differ. The text between the gaps is deflated once, ending on a byte boundary and referring to nothing before it; a gap
is filled by a stored (uncompressed) deflate block. The whole is one ordinary gzip member (RFC 1951, 1952).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST = b"\x03\x00"  # an empty final block
_PART = struct.Struct(">BI")
_STORED = struct.Struct("<BHH")
TEXT = 0


def pack(body: bytes, gaps: Mapping[bytes, int]) -> bytes:
    """`body` with the markers in `gaps` (marker → number 1..255) cut out, ready for :func:`fill`."""
    if not gaps:
        return _text(body)
    pattern = re.compile(b"|".join(re.escape(marker) for marker in gaps))
    packed, start = b"", 0
    for match in pattern.finditer(body):
        packed += _text(body[start : match.start()]) + _PART.pack(gaps[match[0]], 0)
        start = match.end()
    return packed + _text(body[start:])


def fill(packed: bytes, values: Mapping[int, bytes]) -> bytes:
    """The page as one gzip member with the gaps filled (each value at most 65535 bytes)."""
    out, crc, total, at = [_HEAD], 0, 0, 0
    while at < len(packed):
        kind, length = _PART.unpack_from(packed, at)
        at += _PART.size
        if kind == TEXT:
            chunk = packed[at : at + length]
            at += length
            plain = zlib.decompressobj(-15).decompress(chunk)
            out.append(chunk)
        else:
            plain = values[kind]
            out += [_STORED.pack(0, len(plain), len(plain) ^ 0xFFFF), plain]
        crc = zlib.crc32(plain, crc)
        total += len(plain)
    out += [_LAST, struct.pack("<II", crc, total & 0xFFFFFFFF)]
    return b"".join(out)


def _text(text: bytes) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    data = squeezer.compress(text) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return _PART.pack(TEXT, len(data)) + data
