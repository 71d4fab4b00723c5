"""One spelling for what is written in many: widths, letter case, traditional characters, pinyin. No database."""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any, Final

#: Readings of one character that are looked at, and spellings of one text.
_READINGS: Final = 2
_SPELLINGS: Final = 4
#: What southern and northern speakers type for each other: the tongue flat or curled, the nose in front or behind.
_ALIKE: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
#: Runs of Chinese characters, as far as SQLite's tokenizer knows them (Unicode 6.1), and runs of letters and digits.
_HAN: Final = r"\u3400-\u4db5\u4e00-\u9fcc\uf900-\ufad9\U00020000-\U0002a6d6\U0002a700-\U0002b81d"
_RUN: Final = re.compile(rf"[{_HAN}]+|[0-9a-z]+")


@cache
def _simplifier() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are not needed before somebody searches

    return OpenCC("t2s")


@cache
def _speller() -> Any:
    # Without its dictionary of phrases (45 MB a worker): a character of several readings is spelt in each.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    import pypinyin  # noqa: PLC0415

    return pypinyin


def fold(text: str) -> str:
    """`text` in simplified characters, narrow letters without accents, lower case (NFKC, OpenCC t2s)."""
    parts = unicodedata.normalize("NFKD", text)
    plain = unicodedata.normalize(
        "NFKC", "".join(char for char in parts if not unicodedata.combining(char))
    ).casefold()
    return str(_simplifier().convert(plain)) if not plain.isascii() else plain


def runs(folded: str) -> list[str]:
    """The runs of Chinese characters and of letters or digits, in their order; everything else parts them."""
    return _RUN.findall(folded)


def is_chinese(run: str) -> bool:
    """Whether a run as `runs` gives it is of Chinese characters."""
    return not run[0].isascii()


@lru_cache(maxsize=4096)
def _readings(char: str) -> tuple[str, ...]:
    if char.isascii():
        return (char,)
    speller = _speller()
    found = speller.pinyin(char, style=speller.Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    return tuple(dict.fromkeys(found[0]))[:_READINGS] if found else ()


def alike(latin: str) -> str:
    """Pinyin with the differences taken out that typing slips over: zhang, zang and zan are one.

    Of the joined text, never of its syllables: in "mianguan" nobody can tell which letters are one sound.
    """
    for sound, plain in _ALIKE:
        latin = latin.replace(sound, plain)
    return latin


def spellings(run: str) -> list[tuple[str, ...]]:
    """Syllables of a run of Chinese characters, in up to four spellings; what has no reading is left out."""
    known = [found for found in map(_readings, run) if found]
    return list(itertools.islice(itertools.product(*known), _SPELLINGS)) if known else []
