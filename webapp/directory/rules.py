"""Reading what was typed into the search of shops, and addresses as a list shows them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

QUERY_LONGEST: Final = 60
TERMS_MOST: Final = 4
#: Largest shop number that a code can carry (u32).
NUMBER_MOST: Final = 0xFFFFFFFF
#: A branch is written in brackets behind the name; here the two are looked for apart.
_BRACKETS: Final = frozenset("()[]【】「」")
#: A shop's number alone or as printed on a sticker with its serial: 1024, No.00001024-2.
_NUMBER: Final = re.compile(r"(?:NO\.?)?0*([0-9]{1,10})(?:-[0-9]{1,5})?")


@dataclass(frozen=True)
class Query:
    """What is looked for: all of `terms` in name, branch or address; or the shop `number` (None: it is none)."""

    text: str
    terms: tuple[str, ...]
    number: int | None


def read_query(typed: str) -> Query:
    """The query of a text as typed: full-width letters are read as plain ones; brackets and control characters part."""
    plain = unicodedata.normalize("NFKC", typed)
    plain = "".join(char if char.isprintable() and char not in _BRACKETS else " " for char in plain)
    plain = plain[:QUERY_LONGEST]
    terms = tuple(dict.fromkeys(plain.split()))[:TERMS_MOST]
    match = _NUMBER.fullmatch("".join(plain.split()).upper())
    number = int(match[1]) if match else 0
    return Query(" ".join(plain.split()), terms, number if 1 <= number <= NUMBER_MOST else None)


def without_region(address: str, names: Iterable[str]) -> str:
    """An address without the province, city and county that it begins with: the county stands beside it."""
    for name in names:
        address = address.removeprefix(name)
    return address
