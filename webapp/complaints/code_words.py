"""Code words: four common words that open a record together with its number; easy to say on the phone.

They follow from the receipt, so whoever has the receipt can be told them again, and nothing is kept in clear. 28 bits:
guesses are counted for each number.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from webapp.core.identifiers import normalise
from webapp.core.secrets import keyed_hash

COUNT = 4


@cache
def words() -> tuple[str, ...]:
    """The list: 128 words of two characters, all different."""
    return tuple(Path(__file__).with_name("code_words.txt").read_text(encoding="utf-8").split())


def of_receipt(receipt: str) -> str:
    """The code word that belongs to a receipt: 豆浆-青山-小桥-月亮."""
    number = int(keyed_hash("code-word-of-receipt", receipt)[:16], 16)
    chosen = []
    for _ in range(COUNT):
        number, place = divmod(number, len(words()))
        chosen.append(words()[place])
    return "-".join(chosen)


def tidy(typed: str) -> str:
    """A code word as typed, in its kept form; blanks, hyphens and commas between the words do not count."""
    letters = [letter for letter in normalise(typed)[:40] if "\u4e00" <= letter <= "\u9fff"]
    return "-".join("".join(letters[place : place + 2]) for place in range(0, len(letters), 2))


def digest(word: str) -> str:
    """What is kept of a code word."""
    return keyed_hash("code-word", tidy(word))
