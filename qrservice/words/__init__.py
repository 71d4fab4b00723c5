"""The words that the library prints, one file a language. Callers may pass their own."""

from __future__ import annotations

from typing import Final

from qrservice.words import en, zh_hans, zh_hant
from qrservice.words.catalogue import Words

# What each status seal says, for people who cannot see it.
SEAL_LABELS: Final = {
    "trusted": "放心",
    "suspended": "暂停",
    "delisted": "已下架",
    "blacklisted": "黑榜",
    "appealed": "申诉中",
    "foreign": "非本平台签发",
    "replaced": "此贴已换新",
}

# What is drawn inside a seal, line by line.
SEAL_LINES: Final = {
    "trusted": ("放心",),
    "suspended": ("暂停",),
    "delisted": ("已下架",),
    "blacklisted": ("黑榜",),
    "appealed": ("申诉中",),
    "foreign": ("非本平台", "签发"),
    "replaced": ("此贴", "已换新"),
}
SEAL_QUESTION: Final = "?"

MARK: Final = "诚信"
HOTLINE: Final = "12315"

LANGUAGES: Final[dict[str, Words]] = {
    module.WORDS.language: module.WORDS for module in (zh_hans, zh_hant, en)
}


def of(language: str) -> Words:
    """The words of `zh-Hans`, `zh-Hant` or `en`. Raises ValueError for another language."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in {language!r}: there are {', '.join(LANGUAGES)}")
    return LANGUAGES[language]
