"""What the index holds of a shop and what is asked of it. Pure.

A token is one letter for its class and what is written:

    a 老 · b 老槐    a name's first character, first two       u 槐 · n 槐树   any one, any two neighbours of the name
    v 裕             any one of address, trade, district      w 24h          letters or digits, anywhere
    x 裕华           any two neighbours of all that is said
    s laohuaisu     the name's pinyin from its beginning      p suguan        … from any syllable
    t lhs · i hs    initials likewise                         d 130602, c eat, k F5210, r 130602001
    y 0             every shop · 1 its code is active                        district, category, industry, street
    :               what other features say of a shop (`Facts.also`), by names of their own

What is typed of letters is the beginning of a word: the first two to `GROWN` letters of each are tokens of their own,
so that a beginning is one list of shops like any other. Asking for all words that begin so, and joining their lists,
is left to what is longer (classes f, g, h, j, m), of which there is little.

Of the index this knows only that a token finds shops; how it is kept is written in ``lists.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from . import folding

LONGEST: Final = 32  # characters of a token behind its class
GROWN: Final = 8
#: The class of the whole of what is longer than `GROWN`.
_WHOLE: Final = {"s": "f", "p": "g", "t": "h", "i": "j", "w": "m"}
_SHORTEST_LATIN: Final = 2
_SHORTEST_SLIP: Final = 3
_LONGEST_SLIP: Final = 8
_SHORTEST_LATIN_SLIP: Final = 5


@dataclass(frozen=True)
class Facts:
    """What is indexed of a shop: `said` is everything said of it beside its name (address, trade, district).

    `region` is the street's code of nine digits or the county's of six. `active`: its code is. `also`: tokens of other
    features, each beginning with a colon.
    """

    name: str
    branch: str
    said: Sequence[str]
    region: str
    category: str
    industry: str
    active: bool = True
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Term:
    """Shops that have `token`."""

    token: str


@dataclass(frozen=True)
class Between:
    """Shops that have a token from `first` to before `end`, by code points."""

    first: str
    end: str


@dataclass(frozen=True)
class All:
    """Shops that have every one of `parts`."""

    parts: tuple[Wanted, ...]


@dataclass(frozen=True)
class Any:
    """Shops that have at least one of `parts`."""

    parts: tuple[Wanted, ...]


Wanted = Term | Between | All | Any


def document(facts: Facts) -> list[str]:
    """The tokens of a shop, each once."""
    tokens: list[str] = []
    for place, text in enumerate((facts.name, facts.branch)):
        for run in folding.runs(folding.fold(text)):
            if folding.is_chinese(run):
                tokens += _name_tokens(run, first=place == 0 and not tokens)
            else:
                tokens += _grown("w", run)
    for text in facts.said:
        for run in folding.runs(folding.fold(text)):
            tokens += _said_tokens(run) if folding.is_chinese(run) else _grown("w", run)
    region = facts.region
    known = within(region, facts.category, facts.industry, region[:9] if len(region) > 6 else "")
    tokens += [term.token for term in known]
    tokens += [EVERY.token, ACTIVE.token] if facts.active else [EVERY.token]
    return list(dict.fromkeys([*tokens, *facts.also]))


def _grown(kind: str, word: str, least: int = _SHORTEST_LATIN) -> list[str]:
    """A word of letters or digits by its beginnings of `least` letters and more; itself when it is shorter."""
    if len(word) < least:
        return [kind + word]
    whole = [_WHOLE[kind] + word[:LONGEST]] if len(word) > GROWN else []
    return [kind + word[:many] for many in range(least, min(len(word), GROWN) + 1)] + whole


def _begin(kind: str, typed: str) -> Wanted:
    """Shops with a word that begins with `typed`: two letters or more, a sound also one ("zh" sounds like "z")."""
    if len(typed) <= GROWN:
        return Term(kind + typed)
    first = _WHOLE[kind] + typed[:LONGEST]
    return Between(first, first + "~")  # behind all letters and digits


def _sound(syllables: Sequence[str]) -> str:
    return folding.alike("".join(syllables))[:LONGEST]


def _said_tokens(run: str) -> list[str]:
    return ["v" + char for char in run] + ["x" + pair for pair in _pairs(run)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _name_tokens(run: str, *, first: bool) -> list[str]:
    tokens = ["u" + char for char in run] + [kind + pair for pair in _pairs(run) for kind in "nx"]
    if first:
        tokens += ["a" + run[0], "b" + run[:2]] if len(run) > 1 else ["a" + run[0]]
    for syllables in folding.spellings(run):
        initials = "".join(syllable[0] for syllable in syllables)
        for at in range(len(syllables)):
            tokens += _grown("p", _sound(syllables[at:]), 1)
        for at in range(len(initials) - 1):
            tokens += _grown("i", initials[at:][:LONGEST])
        if first:
            tokens += _grown("s", _sound(syllables), 1) + _grown("t", initials[:LONGEST])
    return tokens


def tiers(typed: str, synonyms: dict[str, tuple[str, ...]]) -> list[Wanted]:
    """What to ask, the best first: names that begin so, names that have it, everything that has it.

    Empty when nothing was typed that could be looked for.
    """
    asked = folding.runs(folding.fold(typed))
    if not asked:
        return []
    named = tuple(_in_name(run) for run in asked)
    begun = _begins(asked[0])
    found: list[Wanted] = [] if begun is None else [All((begun, *named))]
    return [*found, All(named), All(tuple(_anywhere(run, synonyms) for run in asked))]


def slips(typed: str) -> Wanted | None:
    """What may have been meant when nothing has what was typed: one character wrong, or another that sounds alike."""
    asked = folding.runs(folding.fold(typed))
    found = [_slip(run) for run in asked]
    return All(tuple(part for part in found if part is not None)) if asked and all(found) else None


#: All shops that may be seen; those whose code is active.
EVERY: Final = Term("y0")
ACTIVE: Final = Term("y1")


def within(district: str, category: str, industry: str, street: str = "") -> list[Term]:
    """The filters that the index answers; empty ones are left out. A district is six digits of GB/T 2260."""
    given = (("d", district[:6]), ("c", category), ("k", industry), ("r", street))
    return [Term(kind + _plain(value)) for kind, value in given if _plain(value)]


def _plain(code: str) -> str:
    return "".join(char for char in code.casefold() if char.isascii() and char.isalnum())


def _begins(run: str) -> Wanted | None:
    if folding.is_chinese(run):
        return Term("b" + run[:2]) if len(run) > 1 else Term("a" + run)
    if len(run) < _SHORTEST_LATIN:
        return None
    return Any((_begin("s", folding.alike(run)), _begin("t", run)))


def _in_name(run: str) -> Wanted:
    if folding.is_chinese(run):
        return Term("u" + run) if len(run) == 1 else _covering("n", run)
    if len(run) < _SHORTEST_LATIN:
        return Term("w" + run)
    word = _begin("w", run)
    return Any((word, _begin("p", folding.alike(run)), _begin("i", run))) if run.isalpha() else word


def _anywhere(run: str, synonyms: dict[str, tuple[str, ...]]) -> Wanted:
    if not folding.is_chinese(run):
        return _in_name(run)
    if len(run) == 1:
        return Any((Term("u" + run), Term("v" + run)))
    said = _covering("x", run)
    others = synonyms.get(run, ())
    return Any((said, *(_in_name(other) for other in others))) if others else said


def _covering(kind: str, run: str) -> All:
    """Every pair of neighbours of `run`: in a city no name has them all but not the run."""
    return All(tuple(Term(kind + pair) for pair in dict.fromkeys(_pairs(run))))


def has(tokens: AbstractSet[str], wanted: Wanted) -> bool:
    """Whether an entry of these tokens has what is wanted."""
    if isinstance(wanted, Term):
        return wanted.token in tokens
    if isinstance(wanted, Between):
        return any(wanted.first <= token < wanted.end for token in tokens)
    return (all if isinstance(wanted, All) else any)(has(tokens, part) for part in wanted.parts)


def leaves(wanted: Wanted) -> Iterator[Term | Between]:
    """The tokens that have to be looked up to answer."""
    if isinstance(wanted, Term | Between):
        yield wanted
    else:
        for part in wanted.parts:
            yield from leaves(part)


def _slip(run: str) -> Wanted | None:
    if not folding.is_chinese(run):
        return _latin_slip(run)
    parts: list[Wanted] = []
    if len(run) > 1:
        parts += [_begin("p", _sound(one)) for one in folding.spellings(run)]
    if len(run) == 2:
        parts.append(All(tuple(Term("u" + char) for char in dict.fromkeys(run))))
    if _SHORTEST_SLIP <= len(run) <= _LONGEST_SLIP:
        parts += [_without(run, at) for at in range(len(run))]
    return Any(tuple(parts)) if parts else None


def _without(run: str, at: int) -> Wanted:
    """Names that have what stands before and behind the character at `at`, wherever."""
    rest = [part for part in (run[:at], run[at + 1 :]) if part]
    return All(tuple(Term("u" + part) if len(part) == 1 else _covering("n", part) for part in rest))


def _latin_slip(run: str) -> Wanted | None:
    """Letters with two neighbours exchanged, or one too many."""
    if len(run) < _SHORTEST_LATIN_SLIP or not run.isalpha():
        return None
    changed = [run[:at] + run[at + 1] + run[at] + run[at + 2 :] for at in range(len(run) - 1)]
    changed += [run[:at] + run[at + 1 :] for at in range(len(run))]
    sounds = dict.fromkeys(folding.alike(one)[:LONGEST] for one in changed)
    return Any(tuple(_begin("p", sound) for sound in sounds))
