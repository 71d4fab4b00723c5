"""The languages that the platform speaks, by their tags (BCP 47)."""

from __future__ import annotations

import enum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import MappedColumn, mapped_column

from .db import choice


class Language(enum.StrEnum):
    """Simplified Chinese, in which everything is written; traditional Chinese; English."""

    HANS = "zh-Hans"
    HANT = "zh-Hant"
    EN = "en"


#: In which somebody is written to of whom nothing else is known.
USUAL: Final = Language.HANS


def language_column(name: str) -> MappedColumn[Language]:
    """The column in which a table keeps somebody's language; `name` is the column's, and its CHECK's."""
    return mapped_column(choice(Language, name), default=USUAL, server_default=sa.text(f"'{USUAL.value}'"))
