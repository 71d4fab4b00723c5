"""The sticker status list: two bits a sticker, compressed, signed, for verifiers that are offline.

After the IETF's Token Status List (draft-ietf-oauth-status-list): `status_list` holds `bits` 2 and `lst`, the
zlib-compressed bit array, entry 0 in the lowest bits of the first byte. That list has one index; ours follows from shop
and serial: the stickers of the shops `first`, `first + 1`, … stand one after another, and `shops.counts` (LEB128
numbers, zlib) says how many each shop has. A list covers at most `SHOPS_PER_LIST` shop numbers, so that a change
renews a part only and a visitor needs one part only. See docs/status-list.md.
"""

from __future__ import annotations

import enum
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from qrservice.errors import StatementRefused
from qrservice.payload import SERIAL_MAX
from qrservice.statements import decode, encode

LIST_KIND = "statuslist+jwt"
INDEX_KIND = "statuslist-index+jwt"
KEYS_KIND = "ydym-keys+jwt"
SHOPS_PER_LIST = 65_536
BITS = 2
#: Bytes that a list may unpack to: far above any city's, far below what hurts a phone.
UNPACKED_MAX = 16_000_000


class StickerStatus(enum.IntEnum):
    """What a sticker is worth, its shop's code taken into account. Values 0 to 2 are those of the IETF's draft."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    REPLACED = 3


def list_number(shop_number: int) -> int:
    """The number of the list that covers a shop."""
    return shop_number // SHOPS_PER_LIST


def list_address(host: str, number: int) -> str:
    """The `sub` of a list: its address without the scheme."""
    return f"{host}/.well-known/ydym-status/{number}"


def pack_statuses(first: int, shops: Iterable[Sequence[int]]) -> dict[str, Any]:
    """The claims `shops` and `status_list`.

    `shops` gives for the shop numbers `first`, `first + 1`, … the statuses of serials 1, 2, …, empty for a shop
    without stickers.
    """
    counts, bits, filled = bytearray(), bytearray(), 0
    for statuses in shops:
        _append_number(counts, len(statuses))
        for status in statuses:
            if filled % 4 == 0:
                bits.append(0)
            bits[-1] |= int(status) << (filled % 4 * BITS)
            filled += 1
    return {
        "shops": {"first": first, "counts": encode(zlib.compress(bytes(counts), 9))},
        "status_list": {"bits": BITS, "lst": encode(zlib.compress(bytes(bits), 9))},
    }


class StatusList:
    """A list as it was read. Raises StatementRefused when its claims are not those of a list."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        shops, entries = claims.get("shops"), claims.get("status_list")
        if not isinstance(shops, Mapping) or not isinstance(entries, Mapping):
            raise StatementRefused("not a status list")
        first = shops.get("first")
        if type(first) is not int or first < 0 or entries.get("bits") != BITS:
            raise StatementRefused("not a status list of two bits")
        self.first = first
        self._ends = list(accumulate(_numbers(_unpack(shops.get("counts")))))
        self._bits = _unpack(entries.get("lst"))
        total = self._ends[-1] if self._ends else 0
        if len(self._bits) != -(-total // 4):
            raise StatementRefused("the list is not as long as its counts say")

    def __len__(self) -> int:
        """How many stickers it lists."""
        return self._ends[-1] if self._ends else 0

    def find(self, shop_number: int, serial: int) -> StickerStatus | None:
        """The status of a sticker, or None: the list does not know it (issued later, or another list's)."""
        place = shop_number - self.first
        if not 0 <= place < len(self._ends):
            return None
        start = self._ends[place - 1] if place else 0
        index = start + serial - 1
        if not start <= index < self._ends[place]:
            return None
        return StickerStatus(self._bits[index // 4] >> (index % 4 * BITS) & 3)

    def covers(self, shop_number: int) -> bool:
        """Whether stickers of that shop belong into this list."""
        return self.first <= shop_number < self.first + SHOPS_PER_LIST

    def by_shop(self) -> list[list[StickerStatus]]:
        """All statuses, shop by shop from `first`."""
        flat = [StickerStatus(byte >> shift & 3) for byte in self._bits for shift in (0, 2, 4, 6)]
        starts = [0, *self._ends[:-1]]
        return [flat[start:end] for start, end in zip(starts, self._ends, strict=True)] if self._ends else []


def _append_number(target: bytearray, number: int) -> None:
    """LEB128: seven bits a byte, lowest first, the high bit says that more follow."""
    if not 0 <= number <= SERIAL_MAX:
        raise ValueError(f"a shop has 0 to {SERIAL_MAX} stickers, not {number}")
    while number > 0x7F:
        target.append(number & 0x7F | 0x80)
        number >>= 7
    target.append(number)


def _numbers(data: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            if shift > 14:
                raise StatementRefused("a count is too large")
            continue
        numbers.append(number)
        number = shift = 0
    if shift or len(numbers) > SHOPS_PER_LIST or any(count > SERIAL_MAX for count in numbers):
        raise StatementRefused("the counts are broken")
    return numbers


def _unpack(text: object) -> bytes:
    engine = zlib.decompressobj()
    try:
        data = engine.decompress(decode(text), UNPACKED_MAX)
    except zlib.error as error:
        raise StatementRefused("not compressed by zlib") from error
    if not engine.eof or engine.unused_data:
        raise StatementRefused("the compressed part is broken")
    return data
