"""How much of what is planted the scrub finds, and how much of what it takes out was planted.

Found: every character of the planted data is taken out. Right: what was taken out is of the planted kind and holds at
most SPILL characters beside it. Both are counted strictly: a phone that goes as a bank card is taken out, and wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from webapp.disclosure import scrub

from .scrub_corpus import Sentence, sentences

SPILL = 3


@dataclass
class Measured:
    """Counts by kind; `missed` and `wrong` hold the first sentences of each with the words concerned."""

    sentences: int = 0
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def recall(self, kind: str = "") -> float:
        """Of one kind, or of all."""
        return self._share(self.found, self.planted, kind)

    def precision(self, kind: str = "") -> float:
        """Of one kind, or of all."""
        return self._share(self.right, self.taken, kind)

    def _share(self, part: Counter[str], whole: Counter[str], kind: str) -> float:
        total = whole[kind] if kind else whole.total()
        return (part[kind] if kind else part.total()) / total if total else 1.0

    def table(self) -> list[str]:
        """Lines to print."""
        lines = [f"{'kind':10} {'planted':>8} {'recall':>8} {'taken':>8} {'precision':>10}"]
        for kind in (*scrub.KINDS, ""):
            planted = self.planted[kind] if kind else self.planted.total()
            taken = self.taken[kind] if kind else self.taken.total()
            lines.append(
                f"{kind or 'all':10} {planted:8} {self.recall(kind):8.4f} {taken:8} {self.precision(kind):10.4f}"
            )
        return lines


def measure(part: str, most: int | None = None) -> Measured:
    """Measure the scrub on (the first `most` sentences of) a part of the corpus."""
    result = Measured()
    for number, sentence in enumerate(sentences(part)):
        if number == most:
            break
        _look(sentence, result)
    return result


def _look(sentence: Sentence, result: Measured) -> None:
    result.sentences += 1
    found = scrub.find(sentence.text, sentence.public)
    spans = [(one.kind, one.start, one.end - len(one.keep)) for one in found]
    gone = {place for _kind, start, end in spans for place in range(start, end)}
    for one in sentence.planted:
        result.planted[one.kind] += 1
        if gone.issuperset(range(one.start, one.end)):
            result.found[one.kind] += 1
        else:
            result.missed.append((one.kind, sentence.text[one.start : one.end], sentence.text))
    for kind, start, end in spans:
        result.taken[kind] += 1
        same = {p for one in sentence.planted if one.kind == kind for p in range(one.start, one.end)}
        here = set(range(start, end))
        if here & same and len(here - same) <= SPILL:
            result.right[kind] += 1
        else:
            result.wrong.append((kind, sentence.text[start:end], sentence.text))
