"""What the index holds of a shop and what is asked of it. Pure.

A token is one letter for its class and what is written:

    a 老 · b 老槐    a name's first character, first two       u 槐 · n 槐树   any one, any two neighbours of the name
    v 裕             any one of address, trade, district      w 24h          letters or digits, anywhere
    x 裕华           any two neighbours of all that is said
    s laohuaisu     the name's pinyin from its beginning      p suguan        … from any syllable
    t lhs · i hs    initials likewise                         d 130602, c eat, k F5210   district, category, industry
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from . import folding

LONGEST: Final = 32  # characters of a token behind its class
_SHORTEST_LATIN: Final = 2
_SHORTEST_SLIP: Final = 3
_LONGEST_SLIP: Final = 8
_SHORTEST_LATIN_SLIP: Final = 5


@dataclass(frozen=True)
class Facts:
    """What is indexed of a shop: `said` is everything said of it beside its name (address, trade, district)."""

    name: str
    branch: str
    said: Sequence[str]
    district: str
    category: str
    industry: str


@dataclass(frozen=True)
class Term:
    """Shops that have `token`, or with `begins` one that begins with it."""

    token: str
    begins: bool = False


@dataclass(frozen=True)
class All:
    """Shops that have every one of `parts`."""

    parts: tuple[Wanted, ...]


@dataclass(frozen=True)
class Any:
    """Shops that have at least one of `parts`."""

    parts: tuple[Wanted, ...]


Wanted = Term | All | Any


def document(facts: Facts) -> list[str]:
    """The tokens of a shop, each once."""
    tokens: list[str] = []
    for place, text in enumerate((facts.name, facts.branch)):
        for run in folding.runs(folding.fold(text)):
            if folding.is_chinese(run):
                tokens += _name_tokens(run, first=place == 0 and not tokens)
            else:
                tokens.append("w" + run[:LONGEST])
    for text in facts.said:
        for run in folding.runs(folding.fold(text)):
            tokens += _said_tokens(run) if folding.is_chinese(run) else ["w" + run[:LONGEST]]
    tokens += [term.token for term in within(facts.district, facts.category, facts.industry)]
    return list(dict.fromkeys(tokens))


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
        tokens += ["p" + _sound(syllables[at:]) for at in range(len(syllables))]
        tokens += ["i" + initials[at:][:LONGEST] for at in range(len(initials) - 1)]
        if first:
            tokens += ["s" + _sound(syllables), "t" + initials[:LONGEST]]
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


def within(district: str, category: str, industry: str) -> list[Term]:
    """The filters that the index answers; empty ones are left out. A district is six digits of GB/T 2260."""
    given = (("d", district[:6]), ("c", category), ("k", industry))
    return [Term(kind + _plain(value)) for kind, value in given if _plain(value)]


def _plain(code: str) -> str:
    return "".join(char for char in code.casefold() if char.isascii() and char.isalnum())


def _begins(run: str) -> Wanted | None:
    if folding.is_chinese(run):
        return Term("b" + run[:2]) if len(run) > 1 else Term("a" + run)
    if len(run) < _SHORTEST_LATIN:
        return None
    return Any(
        (Term("s" + folding.alike(run)[:LONGEST], begins=True), Term("t" + run[:LONGEST], begins=True))
    )


def _in_name(run: str) -> Wanted:
    if folding.is_chinese(run):
        return Term("u" + run) if len(run) == 1 else _covering("n", run)
    word = Term("w" + run[:LONGEST], begins=len(run) >= _SHORTEST_LATIN)
    if len(run) < _SHORTEST_LATIN or not run.isalpha():
        return word
    sound = folding.alike(run)[:LONGEST]
    return Any((word, Term("p" + sound, begins=True), Term("i" + run[:LONGEST], begins=True)))


def _anywhere(run: str, synonyms: dict[str, tuple[str, ...]]) -> Wanted:
    if not folding.is_chinese(run):
        return _in_name(run)
    if len(run) == 1:
        return Any((Term("u" + run), Term("v" + run)))
    said = _covering("x", run)
    others = synonyms.get(run, ())
    return Any((said, *(_in_name(other) for other in others))) if others else said


def _covering(kind: str, run: str) -> All:
    """Pairs that hold every character of `run` once, the last two overlapping where its length is odd.

    Half as many lists to go through as with every pair, and in a city no name has the pairs but not the run.
    """
    pairs = _pairs(run)
    chosen = dict.fromkeys([*pairs[::2], pairs[-1]])
    return All(tuple(Term(kind + pair) for pair in chosen))


def _slip(run: str) -> Wanted | None:
    if not folding.is_chinese(run):
        return _latin_slip(run)
    parts: list[Wanted] = []
    if len(run) > 1:
        parts += [Term("p" + _sound(one), begins=True) for one in folding.spellings(run)]
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
    return Any(tuple(Term("p" + sound, begins=True) for sound in sounds))


def fts5(wanted: Wanted) -> str:
    """`wanted` in the language of SQLite's FTS5. Tokens are letters, digits and characters only: nothing to escape."""
    if isinstance(wanted, Term):
        return f'"{wanted.token}"' + ("*" if wanted.begins else "")
    sign = " AND " if isinstance(wanted, All) else " OR "
    return "(" + sign.join(fts5(part) for part in wanted.parts) + ")"


def tsquery(wanted: Wanted) -> str:
    """`wanted` as PostgreSQL reads a tsquery."""
    if isinstance(wanted, Term):
        return f"'{wanted.token}'" + (":*" if wanted.begins else "")
    sign = " & " if isinstance(wanted, All) else " | "
    return "(" + sign.join(tsquery(part) for part in wanted.parts) + ")"
