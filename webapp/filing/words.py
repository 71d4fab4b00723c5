"""Code words: short, easy to say on the phone, easy to write down."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from webapp.core.secrets import keyed_hash

from . import rules


@cache
def _list() -> tuple[str, ...]:
    return tuple(Path(__file__).with_name("code_words.txt").read_text(encoding="utf-8").split())


def of_receipt(receipt: str) -> str:
    """The code word of a receipt: whoever has the receipt can be told it again; it is kept nowhere in clear."""
    return rules.code_word(bytes.fromhex(keyed_hash("code-word-of-receipt", receipt)), _list())
