"""Asking the index: which shops fit, the best first, and how many they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyroaring import BitMap

from . import terms
from .lists import Lists
from .terms import All, Wanted


@dataclass(frozen=True)
class Found:
    """The shops that fit. `tiers`: the best first, no shop in two of them; in each the newest, whose numbers are the
    greatest, are first. `near`: no shop at all has what was typed, these have something like it."""

    tiers: Sequence[BitMap] = field(default_factory=tuple)
    near: bool = False

    def __len__(self) -> int:
        """How many there are."""
        return sum(map(len, self.tiers))

    def ids(self, most: int, start: int = 0) -> list[int]:
        """The numbers of at most so many, in order, after the first `start`."""
        found: list[int] = []
        for tier in self.tiers:
            here = len(tier)
            if start < here and len(found) < most:
                end = here - start
                found += reversed(list(tier[max(0, end - (most - len(found))) : end]))
            start = max(0, start - here)
        return found

    def all(self) -> BitMap:
        """The numbers of all of them, in no order."""
        return BitMap.union(*self.tiers, BitMap())


def find(
    typed: str,
    *,
    district: str = "",
    category: str = "",
    industry: str = "",
    street: str = "",
    trusted: bool = False,
    number: int | None = None,
    within: Sequence[Wanted] = (),
) -> Found:
    """The shops for what was typed, within the filters; all of them when nothing was typed. `number` is the shop's own:
    it comes first. `within`: tokens of other features.

    What was typed but holds nothing that could be looked for finds nothing.
    """
    filters = [*terms.within(district, category, industry, street), *within]
    filters += [terms.ACTIVE] if trusted else []
    allowed = All(tuple(filters)) if filters else terms.EVERY
    tiers = terms.tiers(typed, synonyms()) if typed else [terms.EVERY]
    lists = Lists([*tiers, allowed])
    seen = lists.shops(allowed)
    own = BitMap() if number is None else BitMap([number]) & seen
    found = list(_apart((lists.shops(tier) & seen for tier in tiers), own))
    if any(found):
        return Found(found)
    meant = terms.slips(typed)
    if meant is None or any(map(lists.shops, tiers)):  # it is somewhere, only not within the filters
        return Found()
    lists.read([meant])
    near = lists.shops(meant) & seen
    return Found([near], near=True) if near else Found()


def matching(typed: str) -> BitMap:
    """All public shops that have what was typed, none that merely has something like it."""
    tiers = terms.tiers(typed, synonyms())
    return Lists(tiers[-1:]).shops(tiers[-1]) if tiers else BitMap()


def _apart(tiers: Iterable[BitMap], first: BitMap) -> Iterator[BitMap]:
    """What is `first`, then each tier without what is better."""
    yield first
    better = first
    for tier in tiers:
        yield tier - better
        better = better | tier


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """By word: the others of its line in ``synonyms.csv``, words for the same trade."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (Path(__file__).parent / "synonyms.csv").read_text("utf-8").splitlines()[1:]:
        words = line.split()
        for word in words:
            found[word] = (*found.get(word, ()), *(other for other in words if other != word))
    return found
